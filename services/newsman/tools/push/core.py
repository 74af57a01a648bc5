"""Meanings of an answer of ingest, or of a feed's server, for the sender."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePath
from typing import Any

NDJSON = "application/x-ndjson"
UNKNOWN = "application/octet-stream"
CONTENT_TYPES = {
    ".json": "application/json",
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".xml": "text/xml",
    ".nitf": "text/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
}
NOT_NOW = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
NOT_ALLOWED = frozenset({401, 403, 407})
NOT_INGEST = frozenset({404, 405, 501})
SHOWN_CHARACTERS = 500
SHORTEST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
LONGEST_ASKED_SECONDS = 24 * 3600.0
_PARAMETER = re.compile(r"([?&;])([^=&;#?]*)=[^&;#]+")
_SECRET = re.compile(r"key|token|auth|sig|secret|pass|pwd", re.IGNORECASE)
_DIRECTIVE = re.compile(r"""([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]+)))?""")


@dataclass(frozen=True)
class HttpAnswer:
    """A whole HTTP answer; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Rejection:
    """An item that was refused; the index counts from 0 within the request, None: all of it."""

    index: int | None
    reason: str


@dataclass(frozen=True)
class Remark:
    """A warning about an item, whose number counts from 0 within the request; `pointer` is the
    place in it (RFC 6901)."""

    index: int
    pointer: str
    detail: str

    @property
    def kind(self) -> str:
        """The place without the numbers of items: `/3/subjects/0` is `/*/subjects/*`."""
        steps = ("*" if step.isdecimal() else step for step in self.pointer[:200].split("/"))
        return one_line("/".join(steps)).removeprefix("/*") or "the document"


@dataclass(frozen=True)
class PushAnswer:
    """The outcome of one request; remarks are about items that were taken."""

    status: int
    accepted: int = 0
    rejected: tuple[Rejection, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class TryLater:
    """The request may be sent again, after `wait_seconds` where the server said so."""

    status: int
    reason: str
    wait_seconds: float | None


@dataclass(frozen=True)
class Hopeless:
    """No request will get any further until somebody changes the key or the address."""

    reason: str


def content_type(name: str) -> str:
    """The media type that a file name's suffix stands for."""
    return CONTENT_TYPES.get(PurePath(name).suffix.lower(), UNKNOWN)


def is_lines(media_type: str, format_name: str | None) -> bool:
    """True if the document is newline-delimited JSON."""
    return format_name == "ndjson" or (format_name is None and media_type == NDJSON)


def judge(reply: HttpAnswer, now: datetime) -> PushAnswer | TryLater | Hopeless:
    """The conclusion from an answer of POST /v1/articles."""
    status = reply.status
    if status in (202, 207):
        return _taken(reply)
    if status in NOT_ALLOWED:
        return Hopeless(f"the key was refused ({status}): {problem_text(reply)}")
    if status in NOT_INGEST or status < 400:
        return Hopeless(f"that is not ingest: it answered {status}{_pointing_to(reply)}")
    if status in NOT_NOW or status > 500:
        wait = retry_after_seconds(reply.headers.get("retry-after"), now)
        return TryLater(status, f"{status} {problem_text(reply)}", wait)
    document = _json(reply.body)
    rows = document.get("items") if isinstance(document, dict) else None
    if isinstance(rows, list) and rows:
        return _rows(status, rows)
    return PushAnswer(status, rejected=(Rejection(None, problem_text(reply)),))


def problem_text(reply: HttpAnswer) -> str:
    """A problem's title, detail and errors in one line (RFC 9457 section 3)."""
    document = _json(reply.body)
    if not isinstance(document, dict):
        return f"HTTP {reply.status}"
    detail = document.get("detail") or document.get("title") or f"HTTP {reply.status}"
    listed = _errors_text(document.get("errors"))
    text = str(detail) if not listed or listed in str(detail) else f"{detail}: {listed}"
    return one_line(text)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Retry-After as seconds from now (RFC 9110 section 10.2.3); None when it makes no sense."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_ASKED_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return min(max((at - now).total_seconds(), 0.0), LONGEST_ASKED_SECONDS)


def max_age_seconds(headers: Mapping[str, str]) -> float:
    """Seconds that the answer stays fresh (RFC 9111 section 4.2), at most a day; 0 if not said."""
    directives = {
        name.lower(): quoted or bare
        for name, quoted, bare in _DIRECTIVE.findall(headers.get("cache-control", ""))
    }
    age = headers.get("age", "").strip()
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    fresh = _whole_seconds(directives.get("max-age", "")) - _whole_seconds(age)
    return min(max(fresh, 0.0), LONGEST_ASKED_SECONDS)


def _whole_seconds(text: str) -> float:
    """The number that the text is (RFC 9111 section 1.2.2), 0 for any other text."""
    return float(text[:12]) if text.isascii() and text.isdigit() else 0.0


def backoff_seconds(failures: int, jitter: float) -> float:
    """The wait after so many failures, doubled each time; jitter from 0 to 1 takes half off."""
    full = min(SHORTEST_WAIT_SECONDS * 2.0 ** min(failures, 30), LONGEST_WAIT_SECONDS)
    return full * (1 - jitter / 2)


def one_line(text: str) -> str:
    """The text without anything that a terminal or a log would obey; long text is cut."""
    shown = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in shown
    )


def shown(url: str) -> str:
    """An address without what looks like a secret in it, as one line."""
    return one_line(_PARAMETER.sub(_hidden, url))


def _hidden(parameter: re.Match[str]) -> str:
    if not _SECRET.search(parameter[2]):
        return parameter[0]
    return f"{parameter[1]}{parameter[2]}=…"


def _taken(reply: HttpAnswer) -> PushAnswer | Hopeless:
    document = _json(reply.body)
    if isinstance(document, dict) and isinstance(document.get("items"), list):
        return _rows(reply.status, document["items"])
    if isinstance(document, dict) and document.get("status") == "accepted":
        remarks = tuple(_remarks_of(0, document.get("warnings")))
        return PushAnswer(reply.status, accepted=1, remarks=remarks)
    return Hopeless(f"that is not ingest: it answered {reply.status} without saying what it took")


def _rows(status: int, rows: list[Any]) -> PushAnswer:
    rejected, remarks = list[Rejection](), list[Remark]()
    for position, entry in enumerate(rows):
        row = entry if isinstance(entry, dict) else {}
        said = row.get("index", position)
        index = said if isinstance(said, int) else position
        if row.get("status") == "accepted":
            remarks += _remarks_of(index, row.get("warnings"))
        else:
            rejected.append(Rejection(index, _errors_text(row.get("errors")) or "refused"))
    return PushAnswer(status, len(rows) - len(rejected), tuple(rejected), tuple(remarks))


def _remarks_of(index: int, warnings: Any) -> Iterator[Remark]:
    for each in warnings if isinstance(warnings, list) else ():
        if isinstance(each, dict):
            yield Remark(index, str(each.get("pointer", "")), str(each.get("detail", "")))


def _errors_text(errors: Any) -> str:
    if not isinstance(errors, list):
        return ""
    pairs = [(e.get("pointer"), e.get("detail")) for e in errors if isinstance(e, dict)]
    return one_line("; ".join(f"{pointer or 'the document'}: {text}" for pointer, text in pairs))


def _pointing_to(reply: HttpAnswer) -> str:
    location = reply.headers.get("location")
    return f" and points to {one_line(location)}, which is not followed" if location else ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
