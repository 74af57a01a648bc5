"""Documents on their way to ingest: whole, or line by line in batches."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from newsman.tools.push.client import Ingest
from newsman.tools.push.core import NDJSON, PushAnswer, Remark, is_lines

WHOLE_BYTES = 1024 * 1024
"""Newline-delimited JSON up to this size is one request."""
BATCH_LINES = 500
BATCH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Sent:
    """The outcome of one request: the number of items taken; the others with their places and
    reasons; and remarks about those taken, with their places."""

    status: int
    accepted: int
    rejected: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, Remark], ...] = ()


@dataclass(frozen=True)
class Line:
    """A line with its number in the file; None instead of what is too long to send."""

    number: int
    text: bytes | None


def walk(folder: Path, failed: Callable[[str, OSError], None]) -> Iterator[Path]:
    """All files below a folder, sorted, without hidden ones; links to folders are not entered."""
    try:
        with os.scandir(folder) as entries:
            children = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        failed(str(folder), error)
        return
    for entry in children:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk(Path(entry.path), failed)
        elif not entry.is_dir():
            yield Path(entry.path)


def open_regular(path: Path, *, follow: bool) -> BinaryIO:
    """The file, opened; raises OSError, also for what is no regular file."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def send_document(
    ingest: Ingest, stream: BinaryIO, content_type: str, size_bytes: int | None
) -> Iterator[Sent]:
    """Sends what the stream holds, in one request or in batches of lines."""
    if is_lines(content_type, ingest.target.format_name):
        most = BATCH_LINES if size_bytes is None or size_bytes > WHOLE_BYTES else WHOLE_BYTES
        return _send_lines(ingest, stream, most)
    return iter((_send_whole(ingest, stream, content_type),))


def _send_whole(ingest: Ingest, stream: BinaryIO, content_type: str) -> Sent:
    limit = ingest.target.max_body_bytes
    body = stream.read(limit + 1)
    if not body.strip():
        return Sent(0, 0, (("", "it is empty"),))
    if len(body) > limit:
        return Sent(413, 0, (("", f"larger than the {limit} bytes that ingest takes"),))
    answer = ingest.send(body, content_type)
    places = tuple((_item(each.index), each.reason) for each in answer.rejected)
    remarks = tuple((_item(each.index), each) for each in answer.remarks)
    return Sent(answer.status, answer.accepted, places, remarks)


def _item(index: int | None) -> str:
    return "" if index is None else f"item {index + 1}"


def _send_lines(ingest: Ingest, stream: BinaryIO, most: int) -> Iterator[Sent]:
    limit = ingest.target.max_body_bytes
    batch: list[Line] = []
    size = seen = 0
    for line in read_lines(stream, limit):
        seen += 1
        if line.text is None:
            yield Sent(413, 0, ((_place(line), f"longer than the {limit} bytes of a request"),))
            continue
        if batch and (len(batch) >= most or size + len(line.text) >= min(BATCH_BYTES, limit)):
            yield _send_batch(ingest, batch)
            batch, size = [], 0
        batch.append(line)
        size += len(line.text) + 1
    if batch:
        yield _send_batch(ingest, batch)
    if not seen:
        yield Sent(0, 0, (("", "it is empty"),))


def _send_batch(ingest: Ingest, batch: Sequence[Line]) -> Sent:
    answer = ingest.send(b"\n".join(line.text or b"" for line in batch), NDJSON)
    if answer.status == 413 and len(batch) > 1:
        # One line that is too large must not cost the others.
        middle = len(batch) // 2
        halves = [_send_batch(ingest, half) for half in (batch[:middle], batch[middle:])]
        first, second = halves
        return Sent(
            207,
            first.accepted + second.accepted,
            first.rejected + second.rejected,
            first.remarks + second.remarks,
        )
    remarks = [
        (_place(batch[each.index]), each) for each in answer.remarks if 0 <= each.index < len(batch)
    ]
    return Sent(answer.status, answer.accepted, tuple(_places(batch, answer)), tuple(remarks))


def _places(batch: Sequence[Line], answer: PushAnswer) -> Iterator[tuple[str, str]]:
    for rejection in answer.rejected:
        if rejection.index is not None and 0 <= rejection.index < len(batch):
            yield _place(batch[rejection.index]), rejection.reason
        else:
            last = f" to {batch[-1].number}" if len(batch) > 1 else ""
            yield _place(batch[0]) + last, rejection.reason


def _place(line: Line) -> str:
    return f"line {line.number}"


def read_lines(stream: BinaryIO, limit_bytes: int) -> Iterator[Line]:
    """The lines that are not blank; never more than `limit_bytes` of one are in memory."""
    number = 0
    while piece := stream.readline(limit_bytes + 1):
        number += 1
        if len(piece) > limit_bytes and not piece.endswith(b"\n"):
            while (rest := stream.readline(limit_bytes)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, None)
            continue
        # Ingest ends a line at a lone carriage return too, and counts items accordingly.
        yield from (Line(number, part) for part in piece.splitlines() if part.strip())
