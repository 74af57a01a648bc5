"""Models of ingest's answers, from which the document's schemas are made."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from newsman_schemas.articles import ArticleId
from newsman_schemas.editing import OwnName


class AnswerModel(BaseModel):
    """An answer: a field with a default may be absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldProblem(AnswerModel):
    """A problem with one field: a JSON pointer (RFC 6901), empty for the whole document."""

    pointer: str
    detail: str


class Warned(AnswerModel):
    """An answer that may say what was taken without: dates that name no moment, which stand in
    the article's `extra`."""

    warnings: tuple[FieldProblem, ...] = ()


class AcceptedArticle(Warned):
    """An article that is stored: its `version` is the one that was read from the push."""

    id: ArticleId
    uri: str
    version: int
    status: Literal["accepted"]
    links: dict[Literal["self", "page"], str]


class AcceptedAgendaItem(Warned):
    """An event or planning item that is stored; it is passed on and not published."""

    id: ArticleId
    uri: str
    version: int
    status: Literal["accepted"]
    kind: Literal["event", "planning", "planning_featured"]


class AcceptedView(AnswerModel):
    """A view or an edit that is stored; `id` is the event's, `ignored` what needs a key."""

    id: str
    status: Literal["accepted"]
    ignored: tuple[str, ...] = ()


class AcceptedName(AnswerModel):
    """A name that is on the log; `id` is its slug."""

    id: str
    status: Literal["accepted"]


class AcceptedNames(AnswerModel):
    """The names of an array, in its order."""

    items: Annotated[tuple[AcceptedName, ...], Field(min_length=1)]


class ShownName(OwnName):
    """A name, what it is or never is, and the id by which it is changed and removed."""

    model_config = ConfigDict(extra="forbid")

    id: str


class NameList(AnswerModel):
    """Names by their ids; `next` is what `after` takes for those that follow, if any do."""

    items: tuple[ShownName, ...]
    total: Annotated[int, Field(ge=0)]
    next: str = ""


class ViewToken(AnswerModel):
    """A token that a page sends along with its view of an article, for half an hour."""

    token: str


class AcceptedRow(Warned):
    """One item of a batch that is stored."""

    index: Annotated[int, Field(ge=0)]
    id: str
    status: Literal["accepted"]
    uri: str = ""
    version: int = 1
    kind: str = ""
    links: dict[str, str] = Field(default_factory=dict)


class RejectedRow(AnswerModel):
    """One item of a batch that is not stored, with everything that is wrong with it."""

    index: Annotated[int, Field(ge=0)]
    id: None
    status: Literal["rejected"]
    errors: tuple[FieldProblem, ...]


class BatchAnswer(AnswerModel):
    """A row per item, in the order of the push.

    Of views without a key `ignored` names the fields that need one; `more_errors` counts the
    problems of views that there was no room for.
    """

    items: Annotated[tuple[AcceptedRow | RejectedRow, ...], Field(min_length=1)]
    ignored: tuple[str, ...] = ()
    more_errors: Annotated[int, Field(ge=1)] = 1


class Problem(AnswerModel):
    """An error (RFC 9457): `errors` name the fields, `items` those of a batch."""

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    errors: tuple[FieldProblem, ...] = ()
    items: tuple[RejectedRow, ...] = ()
    supported: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    more_errors: Annotated[int, Field(ge=1)] = 1


class EventProblem(AnswerModel):
    """A problem with one field of an event."""

    dataPath: str  # noqa: N815 - EventGate's name
    message: str


class EventContext(AnswerModel):
    """Why an event was not taken; an error that may pass has a `message` only."""

    message: str
    name: str = ""
    errors: tuple[EventProblem, ...] = ()
    errorsText: str = ""  # noqa: N815 - EventGate's name


class EventFailure(AnswerModel):
    """An event that was not taken, its place in the push, and its `meta.id` if it has one."""

    status: Literal["invalid", "error"]
    index: Annotated[int, Field(ge=0)]
    id: Any
    event: Any
    context: EventContext


class EventFailures(AnswerModel):
    """Events that were not taken: `invalid` for ever, or for an `error` that may pass."""

    invalid: tuple[EventFailure, ...]
    error: tuple[EventFailure, ...] = ()


class PushRefusal(AnswerModel):
    """Newsroom's answer to an item that can't be taken: the field, and 1 or what is wrong."""

    error: Annotated[dict[str, Literal[1] | str], Field(min_length=1)]
    detail: str = ""


class HitError(AnswerModel):
    """GoatCounter's answer to a push that can't be read."""

    error: str


class HitFailures(AnswerModel):
    """GoatCounter's answer where some hits are wrong: what, by their index."""

    errors: Annotated[dict[str, str], Field(min_length=1)]


class Done(Warned):
    """Web Publisher's answer to an item that is stored."""

    status: Literal["OK"]


class Empty(Warned):
    """Newsroom's answer to an item that is stored."""


ANSWERS = (
    AcceptedArticle, AcceptedAgendaItem, AcceptedView, AcceptedName, AcceptedNames, NameList,
    BatchAnswer, Problem, EventFailures,
    PushRefusal, HitError, HitFailures, ViewToken, Done, Empty,
)  # fmt: skip
"""The models that stand under components/schemas, with whatever they refer to."""
