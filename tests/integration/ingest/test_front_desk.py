"""Editors' view of the front page from a real Valkey: its order, its pins, and what is found."""

from datetime import UTC, datetime

import pytest
from tests.integration.redis.conftest import HandmadeStore, article, ask, store

from newsman.ingest.console import front_desk
from newsman.ingest.console.front_desk import FrontDesk
from newsman.rankings.core import Edit, FrontPin
from newsman.rankings.edits import EditsStore
from newsman_schemas.article_rules import LATEST

__all__ = ["HandmadeStore", "ask", "store"]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = NOW.timestamp()


@pytest.fixture
def stories(store) -> dict[str, str]:
    """Ids by names; the quay was withdrawn."""
    urgencies = {"Ferry for Málaga": 5, "Harbour closed": 1, "Strike at the harbour": 4, "Quay": 3}
    ids = {}
    for number, (name, urgency) in enumerate(urgencies.items()):
        shown = article(name, urgency=urgency, body_text=f"Text {number} of the coast.")
        ids[name] = store.put(shown, status="killed" if name == "Quay" else "published")
    store.list_under(LATEST, {one: 1_000 + n for n, one in enumerate(ids.values())})
    return ids


@pytest.fixture
def desk(ask, namespace):
    """Calls a method of a desk."""

    def call(method: str, *arguments):
        return ask(
            lambda client: getattr(FrontDesk(client, namespace, lambda: NOW), method)(*arguments)
        )

    return call


def test_pins_that_hold_and_those_to_come_are_told_and_those_that_ended_are_not(
    desk, ask, stories, namespace
):
    ferry, harbour, strike, quay = stories.values()
    pins = {
        ferry: FrontPin(1, ends_at=SECOND + 60),
        harbour: FrontPin(1, ends_at=SECOND),
        strike: FrontPin(2, begins_at=SECOND + 60),
        quay: FrontPin(3),
    }
    edits = {one: Edit(front=pin) for one, pin in pins.items()}
    ask(lambda client: EditsStore(client, namespace).write(edits, 1))
    view = desk("view")
    assert [one.stored.article.id for one in view.placed] == [ferry, harbour, strike]
    assert [one.points.pinned for one in view.placed] == [1, None, None]
    told = [(one.article_id, one.pin, one.stored is not None) for one in view.pins]
    assert told == [
        (ferry, pins[ferry], True),
        (strike, pins[strike], True),
        (quay, pins[quay], False),
    ]
    assert desk("obeyed", ferry, pins[ferry])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("harbour", ["Strike at the harbour", "Harbour closed"]),
        ("STRIKE harb", ["Strike at the harbour"]),
        ("malaga", ["Ferry for Málaga"]),
        ("coast", ["Strike at the harbour", "Harbour closed", "Ferry for Málaga"]),
        ("quay", []),
        ("…", []),
        ("responsibilities", []),
    ],
)
def test_a_search_finds_what_readers_may_see_by_all_its_words(desk, stories, text, found):
    assert [one.article.headline for one in desk("found", text)] == found


def test_an_id_or_an_address_finds_its_story(desk, stories):
    ferry = stories["Ferry for Málaga"]
    for text in (ferry, f"https://news.example/articles/{ferry}", f"/articles/{ferry}?as_of=x#top"):
        assert [one.article.id for one in desk("found", text)] == [ferry]
    assert desk("found", f"https://news.example/articles/{stories['Quay']}") == []
    assert desk("story", "history:../x") is None


def test_a_pin_that_is_never_obeyed_is_told_so(desk, stories, monkeypatch):
    monkeypatch.setattr(front_desk, "OBEYED_SECONDS", 0.2)
    assert not desk("obeyed", stories["Quay"], FrontPin(1))
