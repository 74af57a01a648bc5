"""The ledger in SQLite."""

from datetime import timedelta

import pytest
from tests.unit.deliver.ledger.noted import ARTICLE, BEGIN, DESK, noted

from newsman.deliver.ledger.book import ROWS_AT_ONCE, Ledger

OTHER = "deainaetempindl2"


@pytest.fixture
def ledger():
    made = Ledger()
    yield made
    made.close()


def test_entries_come_back_as_they_were_noted(ledger):
    told = [
        noted(1, "acknowledged", after=1, attempts=3, status=204),
        noted(2, "fetched", after=2.25, subscription=None, channel="feed", target=""),
    ]
    ledger.write(told, {0: 2})
    assert ledger.entries(ARTICLE) == tuple(told)
    assert ledger.positions() == {0: 2}


def test_what_is_noted_twice_stands_once(ledger):
    first = noted(1, "acknowledged", after=1)
    again = noted(1, "acknowledged", after=7)
    ledger.write([first], {0: 1})
    ledger.write([again, first], {0: 3})
    assert ledger.entries(ARTICLE) == (first,)


def test_many_are_taken_in_at_once_and_those_that_come_twice_stand_once(ledger):
    told = [noted(n, "acknowledged", after=n) for n in range(2 * ROWS_AT_ONCE + 3)]
    ledger.write([*told[:70], *told[60:], told[0]], {0: 1})
    assert ledger.entries(ARTICLE) == tuple(told)


def test_the_oldest_come_first_and_other_articles_do_not(ledger):
    late, early = noted(2, "failed", after=9), noted(1, "acknowledged", after=1)
    ledger.write([late, noted(1, "failed", article_id=OTHER), early], {})
    assert ledger.entries(ARTICLE) == (early, late)


def test_receivers_of_one_article_are_kept_apart(ledger):
    told = [noted(1, "acknowledged"), noted(1, "acknowledged", subscription=DESK)]
    ledger.write(told, {})
    assert {entry.subscription_id for entry in ledger.entries(ARTICLE)} == {
        entry.subscription_id for entry in told
    }


def test_what_is_old_is_forgotten(ledger):
    ledger.write([noted(1, "acknowledged"), noted(2, "acknowledged", after=60)], {})
    assert ledger.forget_before(BEGIN + timedelta(seconds=30)) == 1
    assert [entry.revision for entry in ledger.entries(ARTICLE)] == [2]


def test_a_write_that_fails_changes_nothing(ledger):
    ledger.write([noted(1, "acknowledged")], {0: 1})
    with pytest.raises(AttributeError):
        ledger.write([noted(2, "acknowledged"), None], {0: 3})
    assert len(ledger.entries(ARTICLE)) == 1
    assert ledger.positions() == {0: 1}


def test_a_file_is_gone_on_with_and_another_layout_begun_anew(tmp_path):
    file = str(tmp_path / "ledger.sqlite")
    first = Ledger(file)
    first.write([noted(1, "acknowledged")], {0: 1})
    first.close()
    again = Ledger(file)
    assert again.positions() == {0: 1}
    again._connection.execute("PRAGMA user_version = 99")
    again.close()
    anew = Ledger(file)
    assert (anew.positions(), anew.entries(ARTICLE)) == ({}, ())
    anew.close()


@pytest.mark.parametrize("text", ["'; DROP TABLE entries; --", "\x00", "𝓝‮", "%s"])
def test_hostile_texts_are_kept_as_texts(ledger, text):
    told = noted(1, "acknowledged", target=text, subscription=None)
    ledger.write([told], {})
    assert ledger.entries(ARTICLE) == (told,)
