"""Fields of every event: a name and version, one id, one time."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

CLOUDEVENTS_SPEC_VERSION = "1.0"


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An aware moment, always kept in UTC; naive input is refused."""


def unix_ms(moment: datetime) -> int:
    """A moment as a Unix time in whole milliseconds."""
    return int(moment.timestamp() * 1000)


_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_BASE32_PAIRS = tuple(first + second for first in _BASE32 for second in _BASE32)


def digest(*parts: str, characters: int = 26) -> str:
    """A lower-case base32 digest (RFC 4648 section 6) of the parts, the same for the same parts.

    At most 50 characters, of five bits each, from the beginning of a SHA-256.
    """
    hashed = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
    # Two characters at a time; base64.b32encode makes more of it, and this is in every event.
    number = int.from_bytes(hashed)
    shifts = range(246, 246 - 5 * characters, -10)
    return "".join([_BASE32_PAIRS[number >> shift & 1023] for shift in shifts])[:characters]


class Value(BaseModel):
    """An immutable value inside an event; unknown fields of newer producers are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Value):
    """Something that happened: the same cause always carries the same `event_id`."""

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1

    event_id: Annotated[str, Field(min_length=1, max_length=128)]
    occurred_at: UtcDatetime

    @property
    def key(self) -> str:
        """The Kafka key: the article id, so that one article's events stay in order."""
        raise TypeError(f"{type(self).__name__} names no Kafka key")

    @classmethod
    def type_name(cls) -> str:
        """The event's name and version as headers and contracts spell it: `article-received.v1`."""
        return f"{cls.NAME}.v{cls.VERSION}"


def to_cloudevent(event: Event, *, source: str) -> dict[str, Any]:
    """The event as a CloudEvents 1.0 structured envelope (CloudEvents 1.0 section 3.1)."""
    return {
        "specversion": CLOUDEVENTS_SPEC_VERSION,
        "id": event.event_id,
        "source": source,
        "type": f"newsman.{event.type_name()}",
        "subject": event.key,
        "time": event.occurred_at.isoformat(),
        "datacontenttype": "application/json",
        "data": event.model_dump(mode="json", exclude={"event_id", "occurred_at"}),
    }
