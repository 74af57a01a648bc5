"""Notes that parked messages were replayed or dropped, on the same topic and behind them.

A topic takes nothing back, so a message that was replayed or dropped is known by its note.
"""

from collections.abc import Iterable
from datetime import datetime

from newsman.kafka.commands.parked import Parked
from newsman.kafka.records import Headers, Record
from newsman.kafka.rejects import COUNT_ONLY

SETTLED = "settled"
"""The reason of a note."""
REPLAYED, DROPPED = "replayed", "dropped"


def settlement(parked: Parked, outcome: str, *, by: str, why: str, at: datetime) -> Record:
    """The note that a message was replayed or dropped."""
    headers: Headers = [
        (f"newsman-{name}", text.encode())
        for name, text in {
            "stage": "operator",
            "reason": SETTLED,
            "detail": f"{outcome} by {by}{f': {why}' if why else ''}",
            "first-at": at.isoformat(),
            "settles": str(parked.offset),
            "outcome": outcome,
            COUNT_ONLY: "1",
        }.items()
    ]
    return Record(parked.key, b"", headers)


def is_note(message: Parked) -> bool:
    """True of a note, which is no rejected message."""
    return message.told("reason") == SETTLED


def outcomes(messages: Iterable[Parked]) -> dict[int, str]:
    """The outcomes of messages by their offsets, as the notes among these say."""
    return {
        int(note.told("settles")): note.told("outcome")
        for note in messages
        if is_note(note) and note.told("settles").isdecimal()
    }
