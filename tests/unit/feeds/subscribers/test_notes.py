"""Notes of what was fetched: each once, never in the way of an answer, and counted when lost."""

import logging
import threading

import pytest
from prometheus_client import REGISTRY
from tests.unit.feeds.subscribers.conftest import told

from newsman.feeds.subscribers.notes import FetchNotes

TOPIC = "t.delivery-noted.v1"


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("newsman_feeds_notes_total", {"outcome": outcome}) or 0.0


def write_all(notes: FetchNotes) -> None:
    """Has what waits written as at the end of a service."""
    stopping = threading.Event()
    stopping.set()
    notes.run(stopping)


@pytest.fixture
def notes(producer) -> FetchNotes:
    return FetchNotes(lambda: producer, TOPIC)


def test_a_note_says_who_was_told_what_and_where(notes, producer):
    notes.take("desk", "feed", "/latest.rss", [told("a", 3, "article.updated")])
    notes.take("wire", "stream", "/v1/stream", [told("a", 4, "article.killed")])
    write_all(notes)
    feed, stream = producer.notes
    assert (feed.subscriber, feed.channel, feed.target) == ("desk", "feed", "/latest.rss")
    assert (feed.article_id, feed.revision, feed.event) == ("a" * 16, 3, "article.updated")
    assert (feed.outcome, feed.subscription_id) == ("fetched", None)
    assert (stream.subscriber, stream.channel, stream.event) == ("wire", "stream", "article.killed")
    assert producer.is_closed


def test_a_revision_is_noted_once_for_each_subscriber_and_channel(notes, producer):
    for _ in range(3):
        notes.take("desk", "feed", "/latest.rss", [told("a"), told("b")])
    notes.take("desk", "feed", "/latest.atom", [told("a", 2), told("b")])
    notes.take("desk", "feed", "/latest.atom", [told("a", 1)])
    notes.take("desk", "stream", "/v1/stream", [told("a", 2)])
    notes.take("wire", "feed", "/latest.rss", [told("a", 2)])
    write_all(notes)
    assert [(n.subscriber, n.channel, n.article_id[0], n.revision) for n in producer.notes] == [
        ("desk", "feed", "a", 1),
        ("desk", "feed", "b", 1),
        ("desk", "feed", "a", 2),
        ("desk", "stream", "a", 2),
        ("wire", "feed", "a", 2),
    ]


def test_whoever_notes_it_and_when_it_is_one_entry(producer):
    for _ in range(2):
        again = FetchNotes(lambda: producer, TOPIC)
        again.take("desk", "feed", "/latest.rss", [told("a")])
        again.take("wire", "feed", "/latest.rss", [told("a")])
        write_all(again)
    desk, wire, desk_again, _ = (note.event_id for note in producer.notes)
    assert desk == desk_again != wire


def test_what_finds_no_room_is_lost_counted_and_noted_when_it_is_fetched_again(producer, caplog):
    notes, lost = FetchNotes(lambda: producer, TOPIC, most_waiting=2), counted("lost")
    with caplog.at_level(logging.WARNING):
        notes.take("desk", "feed", "/", [told(letter) for letter in "abcd"])
    assert counted("lost") == lost + 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    write_all(notes)
    assert [note.article_id[0] for note in producer.notes] == ["a", "b"]
    notes.take("desk", "feed", "/", [told(letter) for letter in "ac"])
    write_all(notes)
    assert [note.article_id[0] for note in producer.notes] == ["a", "b", "c"]


def test_what_kafka_does_not_take_is_lost_counted_and_said_once(notes, producer, away, caplog):
    before, lost = counted("noted"), counted("lost")
    with caplog.at_level(logging.INFO):
        notes.take("desk", "feed", "/", [told("a"), told("b")])
        write_all(notes)
        producer.answer(away)
        producer.failure = away
        notes.take("desk", "feed", "/", [told("a")])
        write_all(notes)
        assert counted("lost") == lost + 3
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        producer.failure = None
        notes.take("desk", "feed", "/", [told("a"), told("b")])
        write_all(notes)
        producer.answer()
    assert counted("noted") == before + 2
    assert "over" in caplog.records[-1].message


def test_nobody_who_never_notes_anything_needs_a_producer():
    def build():
        raise AssertionError("nothing was fetched")

    write_all(FetchNotes(build, TOPIC))


def test_a_producer_that_cannot_be_built_is_tried_again(producer, away, eventually):
    failures, stopping = [away, away], threading.Event()

    def build():
        if failures:
            raise failures.pop()
        return producer

    notes = FetchNotes(build, TOPIC, again_seconds=0)
    thread = threading.Thread(target=notes.run, args=(stopping,))
    thread.start()
    notes.take("desk", "feed", "/", [told("a")])
    eventually(lambda: producer.notes)
    stopping.set()
    thread.join(10)
    assert producer.is_closed
