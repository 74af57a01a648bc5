"""The lines that are kept of the last attempts of a subscription."""

import json
from dataclasses import dataclass, fields
from typing import Any

MOST_ANSWER_CHARACTERS = 4_096


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. The text that was sent is not kept: a kill must be able to take it away."""

    id: str
    """Of the delivery; the same on every attempt."""
    event: str
    key: str
    """The article id, or `ranking:…` or `notice:…`."""
    revision: int
    at_ms: int
    """When the answer was there, or the time was over (Unix ms)."""
    status: int | None
    ms: int
    attempt: int
    outcome: str
    """delivered, retry, failed, disabled, paused."""
    body_bytes: int
    media_type: str
    answer: str = ""
    """The beginning of the answer's body."""
    detail: str | None = None
    """Why no answer came."""
    event_id: str = ""
    version: int = 0
    occurred_ms: int = 0
    source: str = ""
    uri: str = ""
    reason: str = ""
    """These last are those of the reference, so that it can be sent again."""


_NAMES = tuple(each.name for each in fields(Attempt))
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LEFT_OUT = {"status": None, "ms": 0, "body_bytes": 0, "revision": 0}


def dump_attempt(attempt: Attempt) -> str:
    """The line that is kept; what is empty or 0 is left out."""
    kept = {name: value for name in _NAMES if (value := getattr(attempt, name))}
    return _COMPACT.encode(kept)


def load_attempt(line: bytes) -> Attempt:
    """The attempt in a line."""
    kept: dict[str, Any] = {**_LEFT_OUT, **json.loads(line)}
    return Attempt(**{name: value for name, value in kept.items() if name in _NAMES})
