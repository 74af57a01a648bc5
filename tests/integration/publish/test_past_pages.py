"""The site as of a past moment, from what the gate has kept."""

from datetime import datetime

import pytest

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman_schemas.articles import article_id

from .conftest import MINUTE, NOON, killed, pushed
from .test_corrections import catalogue, get

__all__ = ["catalogue", "get"]


def moment(minutes: float) -> str:
    return f"{NOON + MINUTE * minutes:%Y-%m-%dT%H:%M}Z"


@pytest.fixture
def history(desk, catalogue: Catalogue):
    """A bridge in two versions, a ferry that was killed, a tram that was under embargo; the
    catalogue knows as much as the log does."""

    def tell() -> None:
        known = catalogue.positions().get(0, 0)
        events = [LoggedEvent(0, known + n, one) for n, one in enumerate(desk.events[known:])]
        catalogue.write(events, {0: len(desk.events)})

    def push(minutes: int, *events) -> None:
        desk.now = NOON + MINUTE * minutes
        desk.push(*events)
        tell()

    def received(minutes: int) -> dict[str, datetime]:
        at = {"received_at": NOON + MINUTE * minutes, "published_at": NOON + MINUTE * 8}
        return {**at, "section": "Port", "byline": "Ann Lee", "language": "en"}

    push(10, pushed("bridge", 1, minute=9, headline="Bridge opens", **received(10)))
    push(11, pushed("ferry", 1, minute=9, headline="Ferry sails", **received(11)))
    embargo = {"embargoed_until": NOON + MINUTE * 40, **received(12)}
    push(12, pushed("tram", 1, minute=11, headline="Tram rolls", **embargo))
    push(20, pushed("bridge", 2, minute=19, headline="Bridge closes", **received(20)))
    push(30, killed("ferry", 2, minute=29, **received(30)))
    desk.pass_time(NOON + MINUTE * 50)
    tell()
    catalogue.is_whole = True
    desk.tell = tell
    return desk


def test_the_front_page_shows_what_stood_there_and_counts_what_is_withdrawn(history, get):
    then = get(f"/?as_of={moment(15)}").text
    assert "Bridge opens" in then
    assert "Bridge closes" not in then
    assert "Ferry sails" not in then
    assert "Tram" not in then
    assert "1 story that stood here has been withdrawn since" in then
    assert 'content="noindex"' in then
    later = get(f"/?as_of={moment(45)}").text
    assert "Bridge closes" in later
    assert "Tram rolls" in later
    assert "withdrawn since" not in later


def test_an_article_is_shown_as_it_stood_and_of_a_killed_one_only_that_it_was_there(history, get):
    bridge, ferry, tram = (article_id("desk", name) for name in ("bridge", "ferry", "tram"))
    assert "Bridge opens" in get(f"/articles/{bridge}?as_of={moment(15)}").text
    assert "Bridge closes" in get(f"/articles/{bridge}?as_of={moment(25)}").text
    assert get(f"/articles/{bridge}?as_of={moment(5)}").status_code == 404
    was_there = get(f"/articles/{ferry}?as_of={moment(15)}")
    assert was_there.status_code == 410
    assert "it stood here. The newsroom has withdrawn it since." in was_there.text
    assert "Ferry" not in was_there.text
    assert "had withdrawn it" in get(f"/articles/{ferry}?as_of={moment(35)}").text
    assert get(f"/articles/{tram}?as_of={moment(30)}").status_code == 404
    assert "Tram rolls" in get(f"/articles/{tram}?as_of={moment(45)}").text


def test_what_is_dated_back_takes_no_place_of_what_stood_there(desk, history, get):
    desk.now = NOON + MINUTE * 60
    late = {"published_at": NOON + MINUTE * 9, "received_at": NOON + MINUTE * 60}
    desk.push(*(pushed(f"late{n}", 1, minute=60, headline="Dated back", **late) for n in range(25)))
    history.tell()
    then = get(f"/?as_of={moment(15)}").text
    assert "Bridge opens" in then
    assert "Dated back" not in then


def test_every_listing_has_a_past(history, get):
    for path in ("/sections/port", "/authors/ann-lee", "/sources/desk", "/languages/en"):
        then = get(f"{path}?as_of={moment(15)}").text
        assert "Bridge opens" in then, path
        assert "Bridge closes" not in then, path


@pytest.mark.parametrize("text", ["2999-01-01T00:00Z", "yesterday"])
def test_a_moment_to_come_or_none_is_refused(history, get, text):
    for path in ("/", "/popular", f"/articles/{article_id('desk', 'bridge')}"):
        assert get(f"{path}?as_of={text}").status_code == 400


def test_what_was_popular_is_told_of_the_last_weeks_only(history, get):
    assert get("/popular?as_of=2020-01-01").status_code == 400
