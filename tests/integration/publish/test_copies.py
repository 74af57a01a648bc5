"""Copies of an article inside of others go and come back with it, whichever came first."""

import asyncio
import json
from itertools import permutations

import pytest

from newsman_schemas.articles import PubStatus

from .conftest import MINUTE, NOON, killed, pushed

SECRET = "Zyxomma"


def copy(uri: str = "x", **fields: object) -> dict:
    return {"uri": uri, "type": "text", "headline": SECRET, "body_text": SECRET, **fields}


OTHER = {"uri": "y", "type": "text", "headline": "Y"}


def holder(uri: str = "main", version: int = 1, **fields: object):
    return pushed(uri, version, associations={"a": copy(), "b": OTHER}, **fields)


def shows(desk, uri: str = "main") -> bool:
    """True if readers of the article have the copy; the other copy is always there."""
    article = desk.find(uri).article
    assert "b" in article.associations
    told = [event for event in desk.events if event.uri == uri][-1]
    assert told.article.associations == article.associations
    assert told.revision == desk.find(uri).revision
    return "a" in article.associations


HOLDS = {
    "killed": lambda: killed("x", 1),
    "killed by name alone": lambda: killed("x", 1, minute=50),
    "withheld": lambda: pushed("x", 2, pubstatus=PubStatus.WITHHELD),
    "under embargo": lambda: pushed("x", 2, embargoed_until=desk_time(30)),
    "expired": lambda: pushed("x", 2, expires_at=desk_time(-30)),
}


def desk_time(minutes: int):
    return pushed("clock", 0).article.version_created + MINUTE * (60 + minutes)


@pytest.mark.parametrize("name", HOLDS)
def test_whatever_came_first_a_copy_of_what_is_held_is_shown_nowhere(desk, name):
    for number, order in enumerate(permutations(range(3))):
        uri, copied = f"main-{number}", f"x-{number}"
        hold = HOLDS[name]()
        events = [
            pushed(uri, associations={"a": copy(copied), "b": OTHER}),
            pushed(copied, 1),
            renamed(hold, copied),
        ]
        desk.push(*(events[place] for place in order))
        assert not shows(desk, uri), order


def renamed(event, uri: str):
    fields = event.article.model_dump(include={"pubstatus", "embargoed_until", "expires_at"})
    created = event.article.version_created
    return pushed(uri, event.article.version, version_created=created, **fields)


def test_who_had_the_copy_is_told_that_the_article_was_updated_and_of_nothing_killed(desk):
    desk.push(pushed("x"), holder())
    assert shows(desk)
    desk.push(killed("x", 1))
    assert not shows(desk)
    told = [(event.uri, event.action, event.revision) for event in desk.events]
    assert told == [
        ("x", "published", 1),
        ("main", "published", 1),
        ("x", "killed", 2),
        ("main", "updated", 2),
    ]
    assert SECRET not in desk.events[-1].model_dump_json()
    assert desk.unsent() == []


def test_a_hold_that_ends_brings_the_copy_back(desk):
    desk.push(pushed("x"), holder(), pushed("x", 2, pubstatus=PubStatus.WITHHELD))
    assert not shows(desk)
    desk.push(pushed("x", 3))
    assert shows(desk)
    assert [event.revision for event in desk.events if event.uri == "main"] == [1, 2, 3]


def test_an_embargo_that_ends_brings_the_copy_back_in_its_second(desk):
    release = desk.now + 5 * MINUTE
    desk.push(pushed("x", embargoed_until=release), holder())
    desk.pass_time(release - MINUTE)
    assert not shows(desk)
    desk.pass_time(release)
    desk.pass_time(release)
    assert shows(desk)


def test_a_copy_that_is_itself_under_embargo_comes_in_its_second(desk):
    release = desk.now + 5 * MINUTE
    held = copy("unknown", embargoed=release.isoformat())
    desk.push(pushed("main", associations={"a": held, "b": OTHER}))
    assert not shows(desk)
    desk.pass_time(release)
    assert shows(desk)


@pytest.mark.parametrize(
    "said",
    [{}, {"version": "1"}, {"version": 3}, {"versioncreated": NOON.isoformat()}],
    ids=["nothing", "the killed version", "the new version", "the killed one's time"],
)
def test_after_a_kill_a_newer_version_brings_back_every_copy(desk, said):
    for number, order in enumerate(permutations(range(4))):
        uri, copied = f"main-{number}", f"x-{number}"
        events = [
            pushed(uri, associations={"a": copy(copied, **said), "b": OTHER}),
            pushed(copied, 1),
            renamed(killed("x", 2), copied),
            pushed(copied, 3, minute=70),
        ]
        desk.push(*(events[place] for place in order))
        assert shows(desk, uri), order
        desk.push(renamed(killed("x", 3, minute=80), copied))
        assert not shows(desk, uri)
        desk.push(pushed(copied, 4, minute=90))
        assert shows(desk, uri)


def test_the_kill_of_another_sources_article_of_that_name_touches_nothing(desk):
    foreign = killed("x", 1)
    article = foreign.article.model_copy(update={"source": "other", "id": "a" * 16})
    desk.push(holder(), foreign.model_copy(update={"article": article}))
    assert shows(desk)


def test_older_versions_are_shown_without_the_copy_too(desk):
    desk.push(pushed("x"), holder(), holder("main", 2), killed("x", 1))
    versions = desk.wait(desk.reader.versions(holder().article.id, now=desk.now))
    assert [version.version for version in versions] == [1, 2]
    assert SECRET not in json.dumps([version.associations for version in versions])


def test_a_kill_and_its_holder_at_once_in_several_processes_end_without_the_copy(desk):
    for number in range(10):
        uri, copied = f"main-{number}", f"x-{number}"
        main = pushed(uri, associations={"a": copy(copied), "b": OTHER})
        desk.push_at_once([main, renamed(killed("x"), copied), pushed(copied)], gates=3)
        assert "a" not in desk.find(uri).article.associations


def test_a_process_that_died_after_the_kill_was_written_leaves_it_to_the_redelivery(desk):
    desk.push(pushed("x"), holder())

    async def only_written(_: object) -> None:
        raise asyncio.CancelledError

    dying = desk.new_gate()
    dying._copies.to_review = only_written
    with pytest.raises(asyncio.CancelledError):
        desk.wait(dying.accept([killed("x", 1)]))
    assert "a" in desk.find("main").article.associations
    desk.restart()
    desk.push(killed("x", 1))
    assert not shows(desk)


def test_an_article_without_copies_asks_for_nothing_more(desk):
    desk.push(pushed("plain"), pushed("plain", 2))

    async def keys() -> list[bytes]:
        return [key async for key in desk.client.scan_iter(f"{desk.namespace}:article:*:copiers")]

    assert desk.wait(keys()) == []


def test_of_an_article_whose_next_version_waits_only_copies_of_the_public_one_are_shown(desk):
    release = desk.now + 5 * MINUTE
    second = pushed("x", 2, embargoed_until=release).model_copy(update={"keeps_earlier": True})
    first, later = ({"a": copy(version=f"{n}"), "b": OTHER} for n in (1, 2))
    desk.push(pushed("x"), pushed("old", associations=first), second)
    desk.push(pushed("new", associations=later), holder())
    assert [shows(desk, uri) for uri in ("old", "new", "main")] == [True, False, False]
    desk.pass_time(release)
    desk.pass_time(release)
    assert [shows(desk, uri) for uri in ("old", "new", "main")] == [True, True, True]


@pytest.mark.parametrize("sent", ["https://desk.example/x/", "http://DESK.example:80/x?utm_a=b"])
def test_a_copy_may_spell_the_name_of_its_article_in_another_way(desk, sent):
    entries = {"a": copy(sent), "b": OTHER}
    desk.push(pushed("main", associations=entries), killed("https://desk.example/x"))
    assert not shows(desk)
