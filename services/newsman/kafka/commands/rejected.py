"""`newsman rejected`: what could not be processed, for an operator to look at and send again."""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.commands.parked import (
    CLIENT_ID,
    Parked,
    RejectedReader,
    one_line,
    open_rejected,
    printable,
)
from newsman.kafka.commands.settled import DROPPED, REPLAYED, is_note, outcomes
from newsman.kafka.commands.settling import NotReplayable, ReadPush, SettlingWay
from newsman.settings import KafkaSettings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import print_json, show
from newsman_schemas.topics import REJECTED

SHOWN_BYTES = 100_000


def run(arguments: argparse.Namespace, read_push: ReadPush) -> int:
    """Does it; 1 when there is no such message, it cannot be sent again, or Kafka is away."""

    @asks_kafka
    def act(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
        with open_rejected(settings) as topics:
            reader = RejectedReader(topics, REJECTED.full_name(settings.namespace))
            if arguments.action == "list":
                return _list(reader, arguments)
            if arguments.action == "show":
                return _show(reader, arguments)
            with closing(_producer(settings)) as producer:
                return ACTIONS[arguments.action](
                    SettlingWay(
                        reader,
                        producer,
                        read_push,
                        settings.namespace,
                        getattr(arguments, "topic", None),
                        is_dry=_is_dry(arguments),
                    ),
                    arguments,
                )

    return act(arguments)


def _is_dry(arguments: argparse.Namespace) -> bool:
    return not arguments.yes if arguments.action == "drop" else bool(arguments.dry_run)


def _list(reader: RejectedReader, arguments: argparse.Namespace) -> int:
    for parked, outcome in _newest(reader, arguments.limit, with_settled=arguments.all):
        if arguments.json:
            print_json({**_document(parked), "outcome": outcome})
            continue
        stage, reason = parked.told("stage"), parked.told("reason")
        size = f"{len(parked.value)} bytes"
        line = [parked.told("first-at"), stage, reason, parked.origin, size, parked.told("detail")]
        print(one_line(f"{parked.offset}  " + "  ".join([*line, *([outcome] if outcome else [])])))
    return 0


def _newest(
    reader: RejectedReader, limit: int, *, with_settled: bool
) -> list[tuple[Parked, str | None]]:
    """The newest messages, each with what became of it; looks back as far as it must."""
    first, end = reader.bounds()
    looked_at = limit
    while True:
        messages = list(reader.newest(looked_at))
        known = outcomes(messages)
        found = [
            (parked, known.get(parked.offset))
            for parked in messages
            if parked.is_to_replay and (with_settled or parked.offset not in known)
        ]
        if len(found) >= limit or looked_at >= end - first:
            return found[-limit:]
        looked_at *= 4


def _document(parked: Parked) -> dict[str, Any]:
    """The message as JSON shows it, without its bytes."""
    told = {name: parked.told(name) for name in ("first-at", "stage", "reason", "detail")}
    return {"offset": parked.offset, **told, "origin": parked.origin, "bytes": len(parked.value)}


def _show(reader: RejectedReader, arguments: argparse.Namespace) -> int:
    parked = _at(reader, arguments.offset)
    if arguments.raw:
        sys.stdout.buffer.write(parked.value)
        return 0
    if arguments.json:
        text = parked.value.decode("utf-8", "backslashreplace")
        print_json({**_document(parked), "headers": parked.told_by_name(), "value": text})
        return 0
    for name, value in parked.headers:
        print(one_line(f"{name}: {value.decode('utf-8', 'backslashreplace')}"))
    print(one_line(f"key: {parked.key.decode('utf-8', 'backslashreplace')}"))
    print(f"bytes: {len(parked.value)}\n")
    print(printable(parked.value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")))
    if len(parked.value) > SHOWN_BYTES:
        print(f"… and {len(parked.value) - SHOWN_BYTES} bytes more")
    return 0


def _replay(way: SettlingWay, arguments: argparse.Namespace) -> int:
    if arguments.all:
        return _replay_all(way, arguments)
    try:
        mended = None if arguments.file is None else arguments.file.read_bytes()
        return _replay_one(way, arguments, mended)
    except OSError as error:
        raise CommandFailed(str(error)) from error


def _replay_one(way: SettlingWay, arguments: argparse.Namespace, mended: bytes | None) -> int:
    parked = _at(way.reader, arguments.offset)
    try:
        said, is_whole = way.send(parked, mended, way.reader.topics())
    except NotReplayable as error:
        raise CommandFailed(str(error)) from error
    show(arguments, {"offset": parked.offset, "said": said, "whole": is_whole}, said)
    return 0 if is_whole else 1


def _replay_all(way: SettlingWay, arguments: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    existing = way.reader.topics()
    for parked in _open(way.reader, counts):
        try:
            said, is_whole = way.send(parked, None, existing)
        except NotReplayable as error:
            print(error, file=sys.stderr)
            is_whole = False
        else:
            print(said, file=sys.stderr if arguments.json else sys.stdout)
        counts["sent" if is_whole else "left"] += 1
    would = "would be " if way.is_dry else ""
    text = f"{counts['sent']} {would}sent again, {counts['left']} left{_before(counts)}"
    show(arguments, {**_counted(counts, "sent", "left"), "dry_run": way.is_dry}, text)
    return 0


def _edit(way: SettlingWay, arguments: argparse.Namespace) -> int:
    parked = _at(way.reader, arguments.offset)
    editor = _editor(parked)
    with tempfile.NamedTemporaryFile(prefix=f"rejected-{parked.offset}-") as file:
        file.write(parked.value)
        file.flush()
        status = subprocess.run([*editor, file.name], check=False).returncode  # noqa: S603
        mended = Path(file.name).read_bytes()
    if status or mended == parked.value:
        why = f"{editor[0]} ended with {status}" if status else "nothing was changed"
        raise CommandFailed(f"{parked.offset} was not sent: {why}")
    return _replay_one(way, arguments, mended)


def _editor(parked: Parked) -> list[str]:
    """The editor that the environment names, or vi on a terminal; raises CommandFailed."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not named and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandFailed(
            "there is no terminal and EDITOR names no editor: take the message with "
            f"`newsman rejected show {parked.offset} --raw`, and send it back with "
            f"`newsman rejected replay {parked.offset} --file`"
        )
    return shlex.split(named or "vi")


def _drop(way: SettlingWay, arguments: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    wanted = _open(way.reader, counts) if arguments.all else [_at(way.reader, arguments.offset)]
    for parked in wanted:
        if not way.is_dry:
            way.settle(parked, DROPPED, arguments.reason)
        counts["dropped"] += 1
    text = f"{counts['dropped']} {'would be ' if way.is_dry else ''}dropped{_before(counts)}"
    text += "; --yes does it" if way.is_dry else ""
    show(arguments, {**_counted(counts, "dropped"), "dry_run": way.is_dry}, text)
    return 0


ACTIONS = {"replay": _replay, "edit": _edit, "drop": _drop}


def _open(reader: RejectedReader, counts: Counter[str]) -> Iterator[Parked]:
    """The messages of which nothing became yet; counts the others by what did."""
    known = outcomes(reader.everything())
    for parked in reader.everything():
        if is_note(parked) or not parked.is_to_replay:
            continue
        if outcome := known.get(parked.offset):
            counts[f"{outcome} before"] += 1
        else:
            yield parked


def _before(counts: Counter[str]) -> str:
    told = [f"{counts[f'{name} before']} {name} before" for name in (REPLAYED, DROPPED)]
    return "".join(f", {text}" for text in told if not text.startswith("0 "))


def _counted(counts: Counter[str], *names: str) -> dict[str, int]:
    """The counts, which together are all the messages that there are."""
    before = (f"{REPLAYED} before", f"{DROPPED} before")
    return {name.replace(" ", "_"): counts[name] for name in (*names, *before)}


def _at(reader: RejectedReader, offset: int) -> Parked:
    """The message at an offset; raises CommandFailed, naming the offsets that there are."""
    parked = reader.at(offset)
    if parked is not None and not is_note(parked):
        return parked
    first, end = reader.bounds()
    offsets = f"{first} to {end - 1}" if end > first else "none"
    raise CommandFailed(f"no rejected message has the offset {offset}; there are: {offsets}")


def _producer(settings: KafkaSettings) -> KafkaProducer:
    return build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)
