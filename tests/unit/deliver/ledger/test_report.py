"""The ledger as text and as a page."""

from datetime import timedelta

import pytest
from lxml import html
from tests.unit.deliver.ledger.noted import ARTICLE, BEGIN, DESK, SITE, noted

from newsman.deliver.ledger.page import ledger_page, page_headers
from newsman.deliver.ledger.report import article_ledger, kill_clock
from newsman.deliver.ledger.state import Current, holders

NOW = BEGIN + timedelta(minutes=10)


def ledger(entries, *, status="killed", headline=None, queued=None):
    current = Current(ARTICLE, status, 2, 2, BEGIN, headline)
    return article_ledger(current, holders(current, entries, queued or {}, NOW), entries, NOW)


@pytest.fixture
def killed():
    return ledger(
        [
            noted(1, "acknowledged", after=-60),
            noted(1, "acknowledged", after=-50, subscription=DESK, subscriber="desk"),
            noted(2, "acknowledged", after=12.3, event="article.killed"),
        ],
        queued={DESK: 2, SITE: 2},
    )


def test_the_counts_say_how_many_have_a_wrong_version(killed):
    assert killed.counts == {"current": 1, "waiting": 1}
    assert killed.still_wrong == 1


def test_the_clock_of_a_kill_is_told_in_words(killed):
    clocks = {holder.subscriber: kill_clock(holder) for holder in killed.holders}
    assert clocks == {"desk": "open for 10 min", "site": "12.3 s"}


def test_the_page_shows_the_same(killed):
    page = html.fromstring(ledger_page(killed))
    text = " ".join(page.text_content().split())
    assert "1 of 2 still have a wrong version." in text
    assert "open for 10 min" in text
    assert len(page.findall(".//table")) == 2
    assert "script-src" not in page_headers()["Content-Security-Policy"]
    assert page_headers()["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\"'><img src=x onerror=a>", "{{7*7}}"]
)
def test_what_others_wrote_is_text_on_the_page(text):
    shown = ledger([noted(1, "acknowledged", target=text)], status="published", headline=text)
    page = html.fromstring(ledger_page(shown))
    assert page.findall(".//script") == []
    assert page.findall(".//img") == []
    assert page.findtext(".//h1") == text


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.0 s"), (119.94, "119.9 s"), (3600, "60 min"), (9e4, "25 h")]
)
def test_times_are_told_in_one_unit(seconds, words):
    entries = [noted(1, "acknowledged"), noted(2, "acknowledged", after=seconds)]
    assert kill_clock(ledger(entries).holders[0]) == words
