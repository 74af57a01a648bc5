"""Reading a refused push again, as it was or mended, under its source and by its first receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsman.ingest.formats.envelopes import header_attributes
from newsman.ingest.formats.eventgate import read_events
from newsman.ingest.formats.model import ARTICLE, BadDocument, UnknownFormat
from newsman.ingest.pushes import Prepared, Push, PushedItem, prepare
from newsman.ingest.rejected.how_read import EVENTS, HowRead, how_read
from newsman.ingest.routes.answers import sentence
from newsman.ingest.routes.bodies import UnpacksTooLarge
from newsman.ingest.sources.defaults import defaults_of
from newsman.ingest.sources.sources_file import Source
from newsman.kafka.commands.parked import Parked
from newsman.kafka.commands.settling import NotReplayable, ReadAgain
from newsman.kafka.records import Record, new_traceparent
from newsman.kafka.rejects import WARNING
from newsman_schemas.topics import AGENDA_ITEM_RECEIVED, ARTICLE_RECEIVED, Topic

UNREADABLE = (BadDocument, UnknownFormat, UnpacksTooLarge)


@dataclass(frozen=True)
class _Reading:
    """A push as it is read now, and the numbers of its items among events, where it is such."""

    prepared: Prepared
    numbers: Sequence[int] | None


def read_again(parked: Parked, mended: bytes | None, source: Source) -> ReadAgain:
    """The records of what is good now and was not taken then; raises NotReplayable.

    What was taken from the same push is known by its record, which is the same again.
    """
    if parked.told("reason") == WARNING:
        raise NotReplayable(f"{parked.offset} was taken; it is kept for its warning only")
    if not parked.is_to_replay:
        raise NotReplayable(f"{parked.offset} is no message: it says how many were not kept")
    how = how_read(parked.told_by_name())
    received = _received_at(parked)
    try:
        reading = _read(mended or parked.value, how, source, received)
    except UNREADABLE as error:
        raise NotReplayable(f"{parked.offset} was not sent: {error}") from error
    prepared = reading.prepared
    original = _original(parked, how, source, received) if mended else reading
    taken = _taken(original, how.refused)
    pairs = [(topic, record) for _, topic, record in _sent(prepared) if record.value not in taken]
    before = len(prepared.good) - len(pairs)
    if not pairs and prepared.bad:
        raise NotReplayable(f"{parked.offset} was not sent: {_reasons(prepared.bad)}")
    summary = f"read again as {prepared.format} of {source.id}: {len(pairs)} sent"
    summary += f", {before} were taken before" if before else ""
    summary += f", {len(prepared.bad)} refused: {_reasons(prepared.bad)}" if prepared.bad else ""
    return ReadAgain(
        [(topic.name, record) for topic, record in pairs], summary, is_whole=not prepared.bad
    )


def _read(body: bytes, how: HowRead, source: Source, received: datetime) -> _Reading:
    numbers, format_name = None, how.format_name
    if how.format_name == EVENTS:
        events = read_events(body, received)
        body, numbers, format_name = events.articles_body, events.articles, "json"
    push = Push(
        body=body,
        content_type=how.content_type,
        format_name=format_name,
        defaults=defaults_of(source, received, how.location),
        traceparent=new_traceparent(),
        allowed=source.formats,
        event_attributes=header_attributes(how.event_headers or {}),
    )
    return _Reading(prepare(push), numbers)


def _original(parked: Parked, how: HowRead, source: Source, received: datetime) -> _Reading | None:
    """The push as it came, before it was mended; None if it can't be read."""
    if how.refused is None:
        return None
    try:
        return _read(parked.value, how, source, received)
    except UNREADABLE:
        return None


def _taken(original: _Reading | None, refused: Sequence[int] | None) -> set[bytes]:
    """The records of those items of the original that were taken at once."""
    if original is None or refused is None:
        return set()
    numbers, not_taken = original.numbers, frozenset(refused)
    return {
        record.value
        for item, _, record in _sent(original.prepared)
        if (numbers[item.index] if numbers else item.index) not in not_taken
    }


def _sent(prepared: Prepared) -> Iterator[tuple[PushedItem, Topic, Record]]:
    """The good items with their records."""
    records = {topic: iter(each) for topic, each in prepared.records.items()}
    for item in prepared.good:
        topic = ARTICLE_RECEIVED if item.kind == ARTICLE else AGENDA_ITEM_RECEIVED
        yield item, topic, next(records[topic])


def _received_at(parked: Parked) -> datetime:
    """The moment of the first receipt, by which what has come since is newer."""
    try:
        return datetime.fromisoformat(parked.told("first-at"))
    except ValueError as error:
        raise NotReplayable(f"{parked.offset} does not say when it came") from error


def _reasons(bad: Sequence[PushedItem]) -> str:
    return sentence(bad[0].problems)
