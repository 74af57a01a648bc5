"""What `newsman rejected` shows and sends, without a broker."""

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.kafka.commands.options import configure_rejected
from newsman.kafka.commands.parked import Parked, printable
from newsman.kafka.commands.settling import NotReplayable, replay

TOPICS = {"ns.a.v1", "ns.b.v1"}


def parked(offset: int = 7, **told: str) -> Parked:
    """A parked message with the headers that are told."""
    headers = [(f"newsman-{name}", value.encode()) for name, value in told.items()]
    return Parked(offset, b"k", b"v", headers)


def test_the_origin_is_a_place_in_a_topic_or_http():
    place = {"topic": "ns.a.v1", "partition": "2", "offset": "41"}
    headers = [(f"newsman-{name}", value.encode()) for name, value in place.items()]
    assert Parked(7, b"", b"", headers).origin == "ns.a.v1[2]@41"
    assert parked(stage="ingest").origin == "HTTP"
    assert parked().told("reason") == "-"


@pytest.mark.parametrize(
    ("attempts", "next_attempts"),
    [("1", b"2"), ("9", b"10"), ("", b"2"), ("-3", b"2"), ("x", b"2")],
)
def test_a_replay_is_one_attempt_more_whatever_the_header_says(attempts, next_attempts):
    target, headers = replay(parked(topic="ns.a.v1", attempts=attempts), None, TOPICS)
    assert target == "ns.a.v1"
    assert headers == [
        ("newsman-attempts", next_attempts),
        ("newsman-replayed", b"rejected@7"),
    ]


def test_another_topic_may_be_named_and_has_to_exist():
    message = parked(topic="ns.a.v1")
    assert replay(message, "ns.b.v1", TOPICS)[0] == "ns.b.v1"
    with pytest.raises(NotReplayable, match=r"7 was not sent: there is no topic ns\.c\.v1"):
        replay(message, "ns.c.v1", TOPICS)
    with pytest.raises(NotReplayable, match=r"there is no topic ns\.a\.v1"):
        replay(message, None, {"ns.b.v1"})


def test_what_came_over_http_is_not_sent_to_any_topic():
    with pytest.raises(NotReplayable, match="newsman rejected show 7"):
        replay(parked(stage="ingest"), "ns.a.v1", TOPICS)


@given(st.text(st.characters(exclude_categories=())))
def test_no_sign_that_a_terminal_would_obey_is_printed(text):
    shown = printable(text)
    assert all(sign.isprintable() or sign in "\n\t" for sign in shown)


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_what_a_person_can_read_is_printed_as_it_is(text):
    assert printable(text + "\n\t") == text + "\n\t"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31m", "\\x1b[31m"), ("a\rb", "a\\x0db"), ("\u202e", "\\x202e"), ("\x7f", "\\x7f")],
)
def test_what_is_not_printed_is_named(text, shown):
    assert printable(text) == shown


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    configure_rejected(parser)
    return parser.parse_args(words)


def test_fifty_are_listed_unless_another_number_is_told():
    assert parse("list").limit == 50
    assert parse("list", "--limit", "1").limit == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("list", "--limit", "0"),
        ("list", "--limit", "x"),
        ("show",),
        ("replay",),
        ("replay", "3", "--all"),
        ("forget", "3"),
    ],
)
def test_a_call_that_says_too_little_or_too_much_is_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(*words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
