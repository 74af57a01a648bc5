"""Views as they are pushed: read within bounds, whatever was sent."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import BadDocument, FieldProblem
from newsman.web.view_tokens import MOST_CHARACTERS
from newsman_schemas.articles import ArticleId
from newsman_schemas.events import UtcDatetime

MAX_VIEWS, MAX_PUBLIC_VIEWS = 10_000, 50
"""Views of one push with a key, and without one."""
MAX_PUBLIC_BYTES = 64 * 1024
MOST_PROBLEMS = 3
"""So many problems of one view are told."""
MOST_NAME = 200
"""Characters of a reader's name, or of a view's id."""
MOST_FIELDS, MOST_POINTER = 30, 200
PARTS_OF_VIEW = 40
"""Fields and parts of one view in the mean; what has more is not parsed."""
FUTURE_TOLERANCE = timedelta(minutes=5)
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
    """One view as pushed: `agent` is the reader's user agent where a backend forwards it, `token`
    that of the page which tells it.

    Without a key `reader`, `at` and `agent` are not used.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: ArticleId
    reader: Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)] | None = None
    at: ViewedAt | None = None
    id: Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400, strict=True, allow_inf_nan=False)] | None = (
        None
    )
    read_to_end: StrictBool | None = None
    leaving: StrictBool = False
    agent: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    token: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)] | None = None


_VIEWS = TypeAdapter(tuple[PushedView, ...])


class ForwardedView(NamedTuple):
    """A view that another counter's client pushed, with the fields of `PushedView`; they are
    checked."""

    article: str
    reader: str | None
    at: datetime | None
    agent: str
    id: str | None = None
    seconds: float | None = None
    read_to_end: bool | None = None
    leaving: bool = False
    token: str | None = None


@dataclass(frozen=True)
class ReadView:
    """One view of a push, or what is wrong with it."""

    view: PushedView | None
    problems: tuple[FieldProblem, ...] = ()
    untold: int = 0
    """Problems that there was no room for."""


@dataclass(frozen=True)
class RawViews:
    """The views of a push before each is read: values, lines that hold one each, or, where
    every view is as it should be, the views."""

    is_array: bool
    items: tuple[Any, ...]
    are_lines: bool = False


def split_views(body: bytes, *, most: int) -> RawViews:
    """The views of an array, or the one that was pushed; raises BadDocument."""
    _check_parts(body, most)
    if views := _read_at_once(body):
        _check_number(len(views), most)
        return RawViews(is_array=True, items=views)
    value = read_json(body)
    if not isinstance(value, list):
        return RawViews(is_array=False, items=(value,))
    if not value:
        raise BadDocument("the array is empty")
    _check_number(len(value), most)
    return RawViews(is_array=True, items=tuple(value))


def split_lines(body: bytes, *, most: int) -> RawViews:
    """Newline-delimited JSON, a view a line; a line that is no JSON costs that view only."""
    _check_number(body.count(b"\n"), 2 * most)
    lines = tuple(line for line in body.splitlines() if line.strip())
    if not lines:
        raise BadDocument("there is no line in it")
    _check_number(len(lines), most)
    return RawViews(is_array=True, items=lines, are_lines=True)


def _read_at_once(body: bytes) -> tuple[PushedView, ...]:
    """The views of an array in one pass from its bytes; none if that needs a closer look."""
    if not body.startswith(b"["):
        return ()
    try:
        return _VIEWS.validate_json(body)
    except ValidationError:
        return ()


def read_item(raw: RawViews, index: int, *, now: datetime) -> ReadView:
    """One view of a push."""
    base = f"/{index}" if raw.is_array else ""
    item = raw.items[index]
    return _read_line(item, base, now) if raw.are_lines else _read(item, base, now)


def read_view(value: Any, *, now: datetime) -> ReadView:
    """One view as pushed, or what is wrong with it."""
    return _read(value, "", now)


def _check_number(number: int, most: int) -> None:
    if number > most:
        raise BadDocument(f"more than {most} views in one push")


def _check_parts(body: bytes, most: int) -> None:
    # Parsed JSON takes many times the memory of its bytes, most of all if its parts are small.
    if body.count(b"{") + body.count(b"[") > 3 * most + MOST_FIELDS:
        raise BadDocument(f"more than {most} views in one push, or parts in them")
    if max(body.count(b":"), body.count(b",")) > PARTS_OF_VIEW * most:
        raise BadDocument(f"more than {PARTS_OF_VIEW} fields a view")


def _read_line(line: bytes, base: str, now: datetime) -> ReadView:
    try:
        _check_parts(line, 10)
        return _read(read_json(line), base, now)
    except BadDocument as error:
        return ReadView(None, (FieldProblem(base, str(error)),))


def _read(value: Any, base: str, now: datetime) -> ReadView:
    if isinstance(value, dict) and len(value) > MOST_FIELDS:
        return ReadView(None, (FieldProblem(base, f"has more than {MOST_FIELDS} fields"),))
    try:
        view = value if isinstance(value, PushedView) else PushedView.model_validate(value)
    except ValidationError as error:
        return ReadView(None, _problems(error, base))
    if view.at and view.at > now + FUTURE_TOLERANCE:
        return ReadView(None, (FieldProblem(f"{base}/at", "lies in the future"),))
    return ReadView(view)


def _problems(error: ValidationError, base: str) -> tuple[FieldProblem, ...]:
    issues = error.errors(include_url=False, include_context=False, include_input=False)
    problems = tuple(_problem(issue, base) for issue in issues[:MOST_PROBLEMS])
    more = len(issues) - len(problems)
    return (*problems, FieldProblem(base, f"and {more} more")) if more else problems


def _problem(issue: Any, base: str) -> FieldProblem:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in issue["loc"])
    pointer = base + "".join(f"/{step[:MOST_POINTER]}" for step in steps)
    return FieldProblem(pointer[: 2 * MOST_POINTER], issue["msg"])
