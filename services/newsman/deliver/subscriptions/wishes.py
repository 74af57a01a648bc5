"""Models of what subscribers ask for, as they write it. Pure."""

import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from newsman.matching.asked import check_name, check_words
from newsman_schemas.subscriptions import EVENTS, PAYLOADS, Filter

OPERATOR_EVENTS = ("subscription.disabled",)
"""Events that the operator's subscriptions alone may ask for."""
ALL_EVENTS = (*EVENTS, *OPERATOR_EVENTS)
KINDS_OF_EVENTS = tuple(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in ALL_EVENTS))
EVENT_NAMES = (*KINDS_OF_EVENTS, *ALL_EVENTS)
MOST_OPTIONS = 20
MOST_OPTION_CHARACTERS = 8_000
"""As much as certificates take."""
MOST_CONCURRENCY = 64


def _several(value: Any) -> Any:
    """One text stands for a list of it."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _known_event(value: str) -> str:
    if value not in EVENT_NAMES:
        raise ValueError(f"is one of {', '.join(EVENT_NAMES)}")
    return value


def _known_payload(value: str) -> str:
    if value not in PAYLOADS:
        raise ValueError(f"is one of {', '.join(PAYLOADS)}")
    return value


def _printable(value: str) -> str:
    if any(ord(character) < 33 or ord(character) == 127 for character in value):
        raise ValueError("holds white space or a control character")
    return value


def _start(value: Any) -> str:
    if isinstance(value, (list, int)) and not isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return value
    raise ValueError("is a cursor, an ISO 8601 time with a zone, now or beginning")


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(check_name)]
Names = Annotated[tuple[Name, ...], Field(max_length=50), BeforeValidator(_several)]
EventName = Annotated[str, AfterValidator(_known_event)]
EventNames = Annotated[
    tuple[EventName, ...], Field(min_length=1, max_length=20), BeforeValidator(_several)
]
PayloadName = Annotated[str, AfterValidator(_known_payload)]
Address = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_printable)]
Option = Annotated[str, StringConstraints(max_length=MOST_OPTION_CHARACTERS)]
OptionName = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Options = Annotated[dict[OptionName, Option], Field(max_length=MOST_OPTIONS)]
Concurrency = Annotated[int, Field(ge=1, le=MOST_CONCURRENCY)]
Cursor = Annotated[str, BeforeValidator(_start)]


class Asked(BaseModel):
    """What somebody wrote; a field of another name is refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class FilterWish(Asked):
    """The articles that are wanted: those that pass every filter that is set; of several values
    of one filter any will do, and one alone needs no list."""

    section: Names = ()
    tag: Names = ()
    entity: Names = ()
    author: Names = ()
    source: Names = ()
    lang: Names = ()
    q: Annotated[str, StringConstraints(max_length=500), AfterValidator(check_words)] = Field(
        "", description="Words, read as a search reads them."
    )
    urgency_max: Annotated[int, Field(ge=1, le=9)] | None = Field(
        None, description="The least urgent that is wanted: IPTC urgency, 1 is the highest."
    )
    collapse: str | None = Field(
        None, pattern="^story$", description="`story`: copies of a story are left out."
    )
    first_mention: bool = Field(
        default=False, description="Only articles that name an entity for the first time."
    )

    def as_filter(self) -> Filter:
        """The filter as the log keeps it."""
        return Filter.model_validate(self.model_dump())


class SubscriptionWish(Asked):
    """POST /v1/subscriptions."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,20}$")] = Field(
        "webhook", description="How it is to come: webhook, pull, stream, email and others."
    )
    url: Address = Field(
        "",
        description="Where to; for other kinds than webhooks the address that they send to.",
    )
    options: Options = Field(default_factory=dict, description="What the kind alone understands.")
    events: EventNames = Field(
        ("article.*",), description="Names of events; article.* stands for all of articles."
    )
    filter: FilterWish = FilterWish()
    payload: PayloadName | None = Field(
        None, description="The form of what is told; unset: the usual one of the kind."
    )
    start: Cursor = Field(
        "now", description="A cursor, an ISO 8601 time with a zone, now or beginning."
    )
    shadow: bool = Field(default=False, description="All is matched and noted, nothing is sent.")
    concurrency: Concurrency = Field(8, description="Deliveries that may be under way at once.")
    secret: Annotated[str, StringConstraints(max_length=250)] | None = Field(
        None, description="The secret that signs; unset: a fresh one."
    )


class SubscriptionPatch(Asked):
    """PATCH /v1/subscriptions/{id}: the fields that are given replace those that are there."""

    url: Address = ""
    options: Options = Field(default_factory=dict)
    events: EventNames = ("article.*",)
    filter: FilterWish = Field(FilterWish(), description="Replaces the filter as a whole.")
    payload: PayloadName = "full"
    shadow: bool = False
    concurrency: Concurrency = 8
