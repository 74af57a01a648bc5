"""An event waits beside its article until it was sent, with the text that it was decided on."""

import json
from contextlib import suppress

from newsman.publish.gate import Gate
from newsman.publish.store.article_store import ArticleStore
from newsman_schemas.articles import ArticlePublished, article_id

from .conftest import pushed
from .test_state_machine import Died, Mortal


def accept(desk, event):
    """What a gate decides that dies before it has sent any of it."""
    (found,) = desk.wait(desk.new_gate().accept([event]))
    return found


def kept(desk, uri: str) -> dict[bytes, bytes]:
    return desk.wait(desk.client.hgetall(desk.keys.pending(article_id("desk", uri))))


def test_the_text_is_stored_once_and_the_event_is_sent_whole_by_whoever_finds_it(desk):
    event = pushed("a", body_text="Ferries. " * 100)
    (first,) = accept(desk, event)
    (stored,) = kept(desk, "a").values()
    assert b"Ferries" not in stored
    (again,) = accept(desk, event)
    assert again == first
    assert json.loads(again.raw) == json.loads(again.event.model_dump_json())
    assert again.raw.count(b'"body_text"') == 1
    assert ArticlePublished.model_validate_json(again.raw).article == event.article


def test_a_newer_version_leaves_the_waiting_event_its_own_text(desk):
    one, two = pushed("a", 1, body_text="One."), pushed("a", 2, body_text="Two.")
    (first,) = accept(desk, one)
    for _ in range(2):
        found = accept(desk, two)
        assert [json.loads(w.raw)["article"]["body_text"] for w in found] == ["One.", "Two."]
        assert found[0] == first


def test_a_withdrawal_leaves_it_too(desk):
    one = pushed("a", 1, body_text="One.")
    (first,) = accept(desk, one)
    for _ in range(2):
        found = accept(desk, pushed("a", 2, pubstatus="withheld"))
        assert found[0] == first
        assert [w.event.action for w in found] == ["published", "withdrawn"]


def test_an_event_that_was_sent_meanwhile_does_not_come_back(desk):
    gate = desk.new_gate()
    ((first,),) = desk.wait(gate.accept([pushed("a", 1)]))
    store = ArticleStore(desk.client, desk.namespace)
    load_all = store.load_all

    async def load_before_it_was_sent(names):
        found = await load_all(names)
        await gate.confirm([first.event])
        return found

    store.load_all = load_before_it_was_sent
    desk.wait(Gate(store, lambda: desk.now).accept([pushed("a", 2)]))
    assert list(kept(desk, "a")) == [b"2"]


def test_it_waits_whole_whenever_the_writer_dies(desk):
    for trips in range(5):
        uri = f"article {trips}"
        store = Mortal(desk.client, desk.namespace)
        store.die_after(trips)
        with suppress(Died):
            desk.wait(Gate(store, lambda: desk.now).accept([pushed(uri)]))
        (found,) = accept(desk, pushed(uri))
        assert json.loads(found.raw)["article"]["headline"] == f"{uri}, take 1"
