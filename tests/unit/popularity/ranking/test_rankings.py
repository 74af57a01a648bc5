"""How rows become a ranking, and which surges no crowd makes."""

import random

import pytest

from newsman.popularity.ranking.edit_log import is_of_a_rule
from newsman.popularity.ranking.surges import MINUTES, Surge, artificial
from newsman.rankings.core import (
    Edit,
    Row,
    edited,
    expected_views,
    pins_of,
    rising,
    scope_named,
    section_pasts,
    with_pins,
)
from newsman.rankings.past import cover
from newsman_schemas.popularity import RankingEdited


def row(name: str, views: int = 1) -> Row:
    return Row(name * 16, views, views, float(views))


def edit(action: str, **fields) -> RankingEdited:
    told = {"event_id": "1", "occurred_at": 0, "article_id": "a" * 16, "by": "kari"}
    return RankingEdited.model_validate({**told, "action": action, **fields})


def after(*events: RankingEdited) -> Edit:
    found = Edit()
    for event in events:
        found = edited(found, event)
    return found


def test_the_last_word_on_an_article_holds():
    assert after(edit("ban")).is_out
    assert not after(edit("ban"), edit("unban")).is_out
    assert after(edit("hold")).is_out
    assert not after(edit("hold"), edit("admit")).is_out
    assert after(edit("admit"), edit("hold")).is_out
    assert after(edit("ban"), edit("admit")).is_out


def test_a_pin_holds_in_its_scope_until_it_is_taken_out():
    found = after(edit("pin", rank=2), edit("pin", rank=1, scope="section:sport"))
    edits = {"a" * 16: found, "b" * 16: after(edit("pin", rank=1), edit("ban"))}
    assert pins_of(edits, "all") == {"a" * 16: 2}
    assert pins_of(edits, "section:sport") == {"a" * 16: 1}
    assert pins_of({"a" * 16: after(edit("pin", rank=2), edit("unpin"))}, "all") == {}


def test_pinned_rows_stand_at_their_ranks_and_once_only():
    rows = [row("a", 9), row("b", 8), row("c", 7), row("d", 6)]
    pinned = {"d" * 16: row("d", 6), "x" * 16: row("x", 0), "y" * 16: row("y", 0)}
    ranks = {"d" * 16: 2, "x" * 16: 1, "y" * 16: 90}
    placed = with_pins(rows, pinned, ranks, limit=10)
    assert [one.article_id[0] for one in placed] == ["x", "d", "a", "b", "c", "y"]
    assert [one.pinned for one in placed] == [True, True, False, False, False, True]
    assert len(with_pins(rows, pinned, ranks, limit=3)) == 3


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("all", "all"),
        ("section:sport", "section:sport"),
        ("section:World News", "section:world-news"),
        ("language:en", "language:en"),
        ("language:pt_BR", "language:pt-br"),
        ("source:City_Desk", "source:city-desk"),
    ],
)
def test_a_scope_is_everything_or_a_term_of_articles_in_any_spelling(text, scope):
    assert scope_named(text) == scope


@pytest.mark.parametrize("text", ["", "sport", "section:", "section:!!!", "mood:good", "author:a"])
def test_what_is_no_scope_is_known_as_such(text):
    assert scope_named(text) is None


def test_a_pin_holds_however_its_scope_is_spelled():
    pinned = after(edit("pin", rank=2, scope="language:pt_BR"))
    assert pins_of({"a" * 16: pinned}, "language:pt-br") == {"a" * 16: 2}
    undone = after(
        edit("pin", rank=2, scope="language:pt_BR"), edit("unpin", scope="language:pt-br")
    )
    assert undone.pins == ()


def test_what_rises_does_so_against_its_own_past_and_its_sections():
    assert expected_views("1h", 10, 10 + 23 * 5) == 5
    means = section_pasts([("sport", 10.0), ("sport", 20.0), (None, 3.0)])
    assert means == {"sport": 15.0, None: 3.0}
    usual = rising(100, own_past=100, section_past=10)
    new = rising(100, own_past=0, section_past=10)
    of_a_loud_section = rising(100, own_past=0, section_past=90)
    assert new > of_a_loud_section > usual == 0


@pytest.mark.parametrize(("first", "last"), [(0, 0), (59, 60), (1_439, 4_320), (77, 9_999)])
def test_days_hours_and_minutes_cover_a_stretch_exactly(first, last):
    size = {"minute": 1, "hour": 60, "day": 1_440}
    minutes = [
        minute
        for span, number in cover(first, last)
        for minute in range(number * size[span], (number + 1) * size[span])
    ]
    assert minutes == list(range(first, last + 1))
    assert len(cover(first, last)) <= 2 * (59 + 23) + (last - first) // 1_440 + 1


def crowd(mean: float, seed: int) -> list[int]:
    rng = random.Random(seed)
    arrivals, minutes, at = [], [0] * 15, 0.0
    while (at := at + rng.expovariate(mean)) < 15:
        arrivals.append(at)
        minutes[int(at)] += 1
    return minutes


def found(views, pages=(0,) * MINUTES, leaving=(0,) * MINUTES):
    return artificial(Surge(views, pages, leaving), least_views=300)


@pytest.mark.parametrize("seed", range(200))
def test_a_crowd_is_never_taken_for_a_machine(seed):
    views = crowd(40, seed)
    assert found(views) is None
    assert found(views, pages=views, leaving=[round(n * 0.3) for n in views]) is None


def test_a_crowd_that_an_alert_brings_is_let_alone_while_it_comes():
    assert found([0] * 14 + [900]) is None
    assert found([0] * 12 + [900, 400, 200]) is None
    come = [0] * 13 + [2_000, 1_500]
    assert found(come, pages=come, leaving=[0] * 14 + [20]) is None


@pytest.mark.parametrize(
    ("surge", "says", "minutes"),
    [
        (Surge([60] * 14 + [20]), "clockwork", 1),
        (Surge([60, 61, 59] * 5), "clockwork", 1),
        (Surge([0, 0, 900, 1] + [0] * 11), "one minute", 3),
        (Surge(crowd(40, 1), crowd(40, 1)), "told that they were left", 15),
        (Surge([400, 300] + [10] * 13, [400, 300] + [0] * 13, [9] + [0] * 14), "were left", 2),
    ],
)
def test_each_rule_says_what_it_saw_and_when_that_has_passed(surge, says, minutes):
    finding = artificial(surge, least_views=300)
    assert finding is not None
    assert says in finding.reason
    assert finding.passes_in_minutes == minutes


def test_views_that_no_page_told_need_none_that_tell_they_were_left():
    assert found(crowd(40, 1), pages=[10] * 15) is None


def test_few_views_are_not_looked_at():
    assert found([19] * 15) is None
    assert found([0, 299] + [0] * 13) is None


def test_what_rules_once_put_on_the_log_holds_no_longer():
    by_rule = edit("hold", event_id="a" * 26, by="newsman")
    assert is_of_a_rule(by_rule)
    assert not is_of_a_rule(edit("hold", event_id="a" * 32, by="newsman"))
    assert not is_of_a_rule(edit("hold", event_id="a" * 26))
