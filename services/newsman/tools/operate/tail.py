"""`newsman tail`: a topic's events as they come, those alone that are asked for."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from newsman.kafka.commands.parked import one_line
from newsman.kafka.records import header
from newsman.runtime.settings_error import SettingsError
from newsman.terminal.output import print_json
from newsman.tools.operate.installation import Installation, open_installation, topic_named
from newsman_schemas.topics import Topic

SHOWN = ("action", "outcome", "subscriber", "section", "headline")
SHOWN_CHARACTERS = 160
ROOTS = ("", "article.")
"""Where a field is looked for: in the event, and in its article."""

Wanted = Callable[[Any], bool]


def run(arguments: argparse.Namespace) -> int:
    """Prints them until it is interrupted, or until there are as many as asked for."""
    wanted = wanted_by(arguments.where)
    with open_installation(needs_redis=False) as there:
        topic = topic_named(arguments.topic, there.namespace)
        left = arguments.limit
        for record in _records(there, topic, arguments):
            event = event_of(record)
            if not wanted(event):
                continue
            _print(record, event, as_json=arguments.json)
            left -= 1
            if left == 0:
                break
    return 0


def _records(there: Installation, topic: Topic, arguments: argparse.Namespace) -> Iterator[Any]:
    parts = there.log.partitions(topic.full_name(there.namespace))
    if arguments.since is None:
        start = there.log.ends(parts)
    else:
        since = datetime.now(UTC) - arguments.since
        start = there.log.at_times(dict.fromkeys(parts, int(since.timestamp() * 1_000)))
    if arguments.until_end:
        yield from there.log.read(start, there.log.ends(parts))
        return
    there.log.start(start)
    while True:
        for records in there.log.poll().values():
            yield from records


def event_of(record: Any) -> Any:
    """The JSON of a record; None where it is none."""
    try:
        return json.loads(record.value or b"null")
    except (ValueError, RecursionError):
        return None


def wanted_by(conditions: Iterable[str]) -> Wanted:
    """A test of events by `field=value`: all must hold; raises SettingsError."""
    pairs = []
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if not name or not equals:
            raise SettingsError(f"--where {condition}: is written FIELD=VALUE, as section=sport")
        pairs.append((name, value.casefold()))
    return lambda event: all(
        value in {each.casefold() for each in _values(event, name)} for name, value in pairs
    )


def _values(event: Any, name: str) -> Iterator[str]:
    for root in ROOTS:
        for value in _at(event, f"{root}{name}".split(".")):
            yield json.dumps(value) if isinstance(value, bool) else str(value)


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    """The values under a dotted name; of a list those of each member."""
    if isinstance(value, list):
        for each in value:
            yield from _at(each, steps)
    elif not steps:
        yield value
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _print(record: Any, event: Any, *, as_json: bool) -> None:
    at = datetime.fromtimestamp(record.timestamp / 1_000, UTC)
    if as_json:
        print_json({**place_of(record), "at": at.isoformat(), "event": event})
        return
    told = [str(value) for name in SHOWN for value in list(_values(event, name))[:1]]
    reason = header(record.headers, "newsman-reason")
    words = [*told, *([reason] if reason else [])] or [json.dumps(event)]
    key = (record.key or b"").decode("utf-8", "backslashreplace")
    text = one_line(f"{key}  {'  '.join(words)}")[:SHOWN_CHARACTERS]
    place = f"{record.topic}[{record.partition}]@{record.offset}"
    sys.stdout.write(f"{at:%Y-%m-%d %H:%M:%S}  {place}  {text}\n")
    sys.stdout.flush()


def place_of(record: Any) -> dict[str, Any]:
    """Topic, partition, offset and key of a record."""
    key = (record.key or b"").decode("utf-8", "backslashreplace")
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": key,
    }
