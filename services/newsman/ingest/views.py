"""Views as they are pushed, and the events they become."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
)

from newsman.ingest.formats.json_values import read_json
from newsman.ingest.formats.model import BadDocument, Problem
from newsman.ingest.readers import ReaderHasher, classify
from newsman.ingest.view_filter import Reason, ViewFilter
from newsman_schemas.articles import ArticleId
from newsman_schemas.events import UtcDatetime, digest
from newsman_schemas.popularity import ArticleViewed

MAX_VIEWS = 10_000
FUTURE_TOLERANCE = timedelta(minutes=5)
PUBLIC = "public"
_DATED = re.compile(r"\d{4}-\d\d-\d\d")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    # A bare number is seconds to one sender and milliseconds to the next.
    if not isinstance(value, str) or not _DATED.match(value):
        raise ValueError("a time is a string, for example 2026-03-02T12:00:00Z")
    return value


ViewedAt = Annotated[UtcDatetime, BeforeValidator(_written)]


class PushedView(BaseModel):
    """One view as pushed: `agent` is the reader's user agent where a backend forwards it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: ArticleId
    reader: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    at: ViewedAt | None = None
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400, strict=True)] | None = None
    read_to_end: StrictBool | None = None
    leaving: StrictBool = False
    agent: Annotated[str, StringConstraints(max_length=1_000)] | None = None


@dataclass(frozen=True)
class Visitor:
    """What the request says of whoever sent it; none of it is stored."""

    address: str
    agent: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class ReadView:
    """One view of a push, or what is wrong with it."""

    view: PushedView | None
    problems: tuple[Problem, ...] = ()


def read_views(body: bytes, *, now: datetime) -> tuple[bool, list[ReadView]]:
    """Whether an array was pushed, and every view in it; raises BadDocument."""
    value = read_json(body)
    if not isinstance(value, list):
        return False, [_read(value, "", now)]
    if not value:
        raise BadDocument("the array is empty")
    _limit(len(value))
    return True, [_read(item, f"/{index}", now) for index, item in enumerate(value)]


def read_view_lines(body: bytes, *, now: datetime) -> list[ReadView]:
    """Newline-delimited JSON, a view a line; a line that is no JSON costs that view only."""
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines:
        raise BadDocument("there is no line in it")
    _limit(len(lines))
    return [_read_line(line, f"/{index}", now) for index, line in enumerate(lines)]


def read_view(value: Any, *, now: datetime) -> ReadView:
    """One view as pushed, or what is wrong with it."""
    return _read(value, "", now)


async def to_event(
    view: PushedView,
    hasher: ReaderHasher,
    visitor: Visitor,
    views: ViewFilter,
    *,
    source: str | None,
    now: datetime,
) -> ArticleViewed:
    """The event, its reader hashed and its user agent judged and forgotten."""
    pusher = source or PUBLIC
    agent = view.agent if view.agent is not None else visitor.agent
    speaks_for_reader = view.reader is not None and view.agent is None
    if view.reader is not None:
        reader = await hasher.named(pusher, view.reader)
    else:
        reader = await hasher.derived(visitor.address, agent, now)
    resend_id = digest("view", pusher, view.id) if view.id is not None else None
    agent_class = classify(agent, visitor.headers, speaks_for_reader=speaks_for_reader)
    # Where a newsroom's system names the reader, the address is the system's own.
    address = visitor.address if view.reader is None else ""
    at = view.at or now
    filtered: Reason | None = None
    if agent_class == "reader" and not view.leaving:
        filtered = views.reason(address=address, reader=reader, at=at)
    return ArticleViewed(
        event_id=resend_id or uuid.uuid4().hex,
        occurred_at=at,
        article_id=view.article,
        reader=reader,
        # Whoever does not know the reasons must not take it for a reader.
        agent="crawler" if filtered else agent_class,
        filtered=filtered,
        resend_id=resend_id,
        seconds=view.seconds,
        read_to_end=view.read_to_end,
        leaving=view.leaving,
        source=source,
    )


def _limit(number: int) -> None:
    if number > MAX_VIEWS:
        raise BadDocument(f"more than {MAX_VIEWS} views in one push")


def _read_line(line: bytes, base: str, now: datetime) -> ReadView:
    try:
        return _read(read_json(line), base, now)
    except BadDocument as error:
        return ReadView(None, (Problem(base, str(error)),))


def _read(value: Any, base: str, now: datetime) -> ReadView:
    try:
        view = PushedView.model_validate(value)
    except ValidationError as error:
        return ReadView(None, tuple(_problem(issue, base) for issue in error.errors()))
    if view.at and view.at > now + FUTURE_TOLERANCE:
        return ReadView(None, (Problem(f"{base}/at", "lies in the future"),))
    return ReadView(view)


def _problem(issue: Any, base: str) -> Problem:
    return Problem(base + "".join(f"/{step}" for step in issue["loc"]), issue["msg"])
