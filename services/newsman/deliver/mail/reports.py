"""Delivery status notifications (RFC 3464), as mail servers send back what they could not deliver.

They come from strangers, so one level of MIME is read, and each part of it once. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser, HeaderParser
from itertools import islice
from typing import TypeAlias

from newsman.deliver.mail.messages import one_line

REPORT = "multipart/report"
STATUSES = ("message/delivery-status", "message/global-delivery-status")
RETURNED_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
"""Headers that name the address which a report came back to."""
MOST_HEADER_CHARACTERS = 1_000
MOST_PARTS, MOST_GROUPS, MOST_ADDRESSES = 20, 100, 20
MOST_DETAIL_CHARACTERS = 300
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
_REPLY = re.compile(r"\b([245])\d\d\b", re.ASCII)
_WORD = re.compile(r"\s*([a-z]+)", re.IGNORECASE | re.ASCII)
_BLANK_LINE = re.compile(rb"(?:^|\r?\n)\r?\n")
_BETWEEN_GROUPS = re.compile(r"\r?\n[ \t]*\r?\n")

Headers: TypeAlias = "Message[str, str]"


@dataclass(frozen=True)
class FailedDelivery:
    """A delivery that a server has given up; `detail` is its status and its words."""

    is_permanent: bool
    detail: str


@dataclass(frozen=True)
class BounceReport:
    """A message that came back: the addresses that it came to, and the failure that it tells of.

    None for the failure where it tells of none: a delay, a receipt, or a vacation (RFC 3834).
    """

    message_id: str
    addresses: tuple[str, ...]
    failure: FailedDelivery | None


def read_report(message: bytes) -> BounceReport:
    """The report in a message, or in what is there of it."""
    headers, body = _split(message)
    addresses = [
        value[:MOST_HEADER_CHARACTERS] for name in RETURNED_TO for value in _all(headers, name)
    ]
    return BounceReport(
        _one(headers, "Message-ID"),
        tuple(addresses[:MOST_ADDRESSES]),
        _failure(headers, body),
    )


def _failure(headers: Headers, body: bytes) -> FailedDelivery | None:
    """The worst that is said of a recipient."""
    content_type = _one(headers, "Content-Type")
    if headers.get_content_type() != REPORT or len(content_type) > MOST_HEADER_CHARACTERS:
        return None
    boundary = headers.get_boundary()
    if not boundary:
        return None
    failures = [
        failure
        for part in islice(_parts(body, boundary), MOST_PARTS)
        for group in _groups(part)
        if (failure := _failure_of(group))
    ]
    return max(failures, key=lambda each: each.is_permanent, default=None)


def _parts(body: bytes, boundary: str) -> Iterator[bytes]:
    """The parts between the lines of a boundary (RFC 2046 section 5.1), the last maybe cut off."""
    line_between = b"--" + boundary.encode("utf-8", "surrogateescape")
    part: list[bytes] | None = None
    for line in body.splitlines(keepends=True):
        text = line.rstrip()
        if text in (line_between, line_between + b"--"):
            if part is not None:
                yield b"".join(part)
            part = []
            if text != line_between:
                return
        elif part is not None:
            part.append(line)
    if part:
        yield b"".join(part)


def _groups(part: bytes) -> Iterator[Headers]:
    """The groups of fields of a delivery status; none of any other part."""
    headers, _ = _split(part)
    if headers.get_content_type() not in STATUSES:
        return
    # The parser of the headers alone leaves the rest as it is, and decodes it.
    status = BytesParser().parsebytes(part, headersonly=True).get_payload(decode=True)
    text = status.decode("utf-8", "replace") if isinstance(status, bytes) else ""
    for group in _BETWEEN_GROUPS.split(text.lstrip("\r\n"), MOST_GROUPS)[:MOST_GROUPS]:
        yield HeaderParser().parsestr(group, headersonly=True)


def _failure_of(group: Headers) -> FailedDelivery | None:
    action = _WORD.match(_one(group, "Action"))
    if action is None or action[1].lower() != "failed":
        return None
    diagnostic = _one(group, "Diagnostic-Code")
    status = _STATUS.search(_one(group, "Status")) or _STATUS.search(diagnostic)
    first = status[0][0] if status else _first_of_reply(diagnostic)
    words = f"{status[0] if status else ''} {diagnostic}"
    return FailedDelivery(first == "5", one_line(words, MOST_DETAIL_CHARACTERS))


def _first_of_reply(diagnostic: str) -> str:
    reply = _REPLY.search(diagnostic)
    return reply[1] if reply else ""


def _split(message: bytes) -> tuple[Headers, bytes]:
    """Headers and body, around the first blank line."""
    blank = _BLANK_LINE.search(message)
    end, begin = blank.span() if blank else (len(message), len(message))
    return BytesParser().parsebytes(message[:end], headersonly=True), message[begin:]


def _one(headers: Headers, name: str) -> str:
    return next(iter(_all(headers, name)), "")


def _all(headers: Headers, name: str) -> list[str]:
    try:
        return [str(value) for value in headers.get_all(name, [])]
    except (MessageError, ValueError):
        return []
