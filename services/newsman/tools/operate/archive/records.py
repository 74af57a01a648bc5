"""Records of one partition in a file, compressed (LZ4 frame), each with its offset and time.

A record is a head of five big-endian numbers (offset, Unix ms, and the lengths of key, value and
headers, -1 for none), then these three; headers are JSON pairs whose values are Latin-1.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import lz4.frame  # type: ignore[import-untyped]

from newsman.kafka.records import Headers
from newsman.runtime.private_files import open_private
from newsman.terminal.endings import CommandFailed

HEAD = struct.Struct(">qqiii")
NONE = -1


@dataclass(frozen=True)
class KeptRecord:
    """A record as it stood in the log."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def kept(record: Any) -> KeptRecord:
    """The record that a consumer read."""
    headers = [(name, value or b"") for name, value in record.headers]
    return KeptRecord(record.offset, record.timestamp, record.key, record.value, headers)


def write_records(path: Path, records: Iterable[KeptRecord]) -> int:
    """Writes them to a new file; the number of them."""
    number = 0
    with open(path, "xb", opener=open_private) as plain, lz4.frame.open(plain, "wb") as file:
        for record in records:
            headers = json.dumps([[n, v.decode("latin-1")] for n, v in record.headers]).encode()
            parts = (record.key, record.value, headers)
            lengths = (NONE if part is None else len(part) for part in parts)
            file.write(HEAD.pack(record.offset, record.timestamp_ms, *lengths))
            file.write(b"".join(part for part in parts if part))
            number += 1
    return number


def read_records(path: Path) -> Iterator[KeptRecord]:
    """The records of a file; raises CommandFailed where it ends in the middle of one."""
    try:
        with lz4.frame.open(path, "rb") as file:
            while head := file.read(HEAD.size):
                offset, timestamp_ms, *lengths = HEAD.unpack(head)
                key, value, headers = (_read(file, length) for length in lengths)
                pairs = [
                    (name, text.encode("latin-1")) for name, text in json.loads(headers or b"[]")
                ]
                yield KeptRecord(offset, timestamp_ms, key, value, pairs)
    except (struct.error, EOFError, RuntimeError, ValueError) as error:
        raise CommandFailed(f"{path} is damaged: {error}") from error


def _read(file: BinaryIO, length: int) -> bytes | None:
    if length == NONE:
        return None
    content = file.read(length)
    if len(content) < length:
        raise EOFError("it ends in the middle of a record")
    return content


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
