"""POST /v1/ranking-edits: editors pin, ban, hold and let in."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic import ValidationError as Invalid
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import FieldProblem
from newsman.ingest.routes.answers import CHALLENGE, invalid
from newsman.ingest.routes.authenticate import said_by
from newsman.ingest.routes.bodies import read_body
from newsman.ingest.sources.sources_file import Source
from newsman.kafka.records import encode
from newsman.rankings.core import SCOPE_KINDS
from newsman.web.problems import problem
from newsman_schemas.articles import ArticleId
from newsman_schemas.events import UtcDatetime
from newsman_schemas.popularity import FRONT, OVERALL, RankingEdited
from newsman_schemas.topics import RANKING_EDITED

MAX_EDIT_BYTES = 64 * 1024
MOST_RANK = 100
_SCOPE = rf"^({OVERALL}|{FRONT}|({'|'.join(SCOPE_KINDS)}):[^\s:]+)$"


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a rank is a number")
    return value


class PushedEdit(BaseModel):
    """An edit as pushed; `by` names the editor, and the source is told beside it.

    A pin of the front page (`front`) may have a time: from `begins_at` until `ends_at`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: ArticleId
    action: Literal["pin", "unpin", "ban", "unban", "hold", "admit"]
    rank: Annotated[int, Field(ge=1, le=MOST_RANK), BeforeValidator(_no_truth)] = 1
    scope: Annotated[str, StringConstraints(pattern=_SCOPE, max_length=200)] = OVERALL
    begins_at: UtcDatetime | None = None
    ends_at: UtcDatetime | None = None
    by: Annotated[str, StringConstraints(min_length=1, max_length=90)] | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = ""

    @model_validator(mode="after")
    def _with_a_time_that_can_be(self) -> "PushedEdit":
        has_time = self.begins_at is not None or self.ends_at is not None
        if has_time and (self.scope, self.action) != (FRONT, "pin"):
            raise ValueError("begins_at and ends_at are for pins in the scope front")
        if self.begins_at and self.ends_at and self.begins_at >= self.ends_at:
            raise ValueError("ends_at is later than begins_at")
        return self


async def push_ranking_edit(edge: IngestContext, request: Request) -> Response:
    """202 once the edit is on the log; the rankings obey within a second or two."""
    source = edge.sources.find(request.headers.get("authorization"))
    if source is None or not source.edits_rankings:
        detail = "a source's key is needed whose entry says edits_rankings = true"
        return problem(401, detail, headers=CHALLENGE)
    body = await read_body(request, edge.body_limits(MAX_EDIT_BYTES))
    try:
        edit = PushedEdit.model_validate(read_json(body))
    except Invalid as error:
        return invalid([_problem(issue) for issue in error.errors(include_input=False)])
    event = await record_edit(edge, source, edit)
    return JSONResponse({"id": event.event_id, "status": "accepted"}, status_code=202)


async def record_edit(edge: IngestContext, source: Source, edit: PushedEdit) -> RankingEdited:
    """The event of an edit, once it is on the log."""
    event = RankingEdited(
        event_id=uuid.uuid4().hex,
        occurred_at=edge.clock(),
        article_id=edit.article,
        action=edit.action,
        rank=edit.rank if edit.action == "pin" else None,
        scope=edit.scope,
        begins_at=edit.begins_at,
        ends_at=edit.ends_at,
        by=said_by(source, edit.by),
        reason=edit.reason,
    )
    topic = RANKING_EDITED.full_name(edge.settings.namespace)
    await edge.sender.send(topic, [encode(event)])
    return event


def _problem(issue: Any) -> FieldProblem:
    return FieldProblem("".join(f"/{step}" for step in issue["loc"]), issue["msg"])
