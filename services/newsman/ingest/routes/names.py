"""/v1/names: editors say what names are, or never are, and enrich obeys."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from kafka.errors import KafkaError
from pydantic import ConfigDict, StringConstraints
from pydantic import ValidationError as Invalid
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import FieldProblem
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.routes.answers import invalid
from newsman.ingest.routes.authenticate import UnknownSender, said_by
from newsman.ingest.routes.bodies import read_body
from newsman.ingest.routes.queries import NamesQuery
from newsman.ingest.sources.sources_file import Source
from newsman.kafka.records import encode
from newsman.own_names.names_file import WrittenName
from newsman.own_names.names_log import defined, names_in, removed
from newsman.web.problems import EchoingResponse, problem
from newsman_schemas.editing import NameDefined, OwnName
from newsman_schemas.topics import NAME_DEFINED

MAX_NAMES_BYTES = 1024 * 1024
MOST_NAMES = 1_000
"""In one push."""


class PushedName(WrittenName):
    """An own name as pushed; `by` names the editor, and the source is told beside it."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, StringConstraints(min_length=1, max_length=90)] | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


async def push_names(edge: IngestContext, request: Request) -> Response:
    """202 once one name or all of an array are on the log; with one that is wrong none is taken."""
    source = _editor(edge, request)
    body = await read_body(request, edge.body_limits(MAX_NAMES_BYTES))
    pushed = read_json(body)
    listed = pushed if isinstance(pushed, list) else [pushed]
    if not 1 <= len(listed) <= MOST_NAMES:
        return invalid([FieldProblem("", f"an array holds 1 to {MOST_NAMES} names")])
    names, problems = [], []
    for number, each in enumerate(listed):
        try:
            names.append(PushedName.model_validate(each))
        except Invalid as error:
            where = f"/{number}" if listed is pushed else ""
            problems += [_problem(where, issue) for issue in error.errors(include_input=False)]
    if problems:
        return invalid(problems)
    await _send(edge, [_event(edge, name, source) for name in names])
    rows = [{"id": name.name_id, "status": "accepted"} for name in names]
    return EchoingResponse({"items": rows} if listed is pushed else rows[0], status_code=202)


async def list_names(edge: IngestContext, request: Request) -> Response:
    """The names by their ids, from one on; `next` is where the following ones begin."""
    _editor(edge, request)
    query = NamesQuery.read(request.query_params)
    names = await _defined(edge)
    ids = sorted(each for each in names if each > query.after)
    shown = [_shown(names[each]) for each in ids[: query.limit]]
    more = {"next": ids[query.limit - 1]} if len(ids) > query.limit else {}
    return EchoingResponse({"items": shown, "total": len(names), **more})


async def show_name(edge: IngestContext, request: Request) -> Response:
    """One name as it is defined; 404 where it is not."""
    _editor(edge, request)
    name = (await _defined(edge)).get(request.path_params["name_id"])
    return EchoingResponse(_shown(name)) if name else _unknown()


async def remove_name(edge: IngestContext, request: Request) -> Response:
    """202 once it is on the log that no more is said of a name; 404 where nothing is."""
    source = _editor(edge, request)
    name = (await _defined(edge)).get(request.path_params["name_id"])
    if name is None:
        return _unknown()
    await _send(edge, [removed(name.name_id, by=source.id, reason="", now=edge.clock())])
    return JSONResponse({"id": name.name_id, "status": "accepted"}, status_code=202)


def _editor(edge: IngestContext, request: Request) -> Source:
    """The source that asks; raises UnknownSender unless it may."""
    source = edge.sources.find(request.headers.get("authorization"))
    if source is None or not source.edits_names:
        raise UnknownSender("of a source whose entry says edits_names = true")
    return source


async def _defined(edge: IngestContext) -> Mapping[str, OwnName]:
    try:
        return await edge.names.ask(names_in)
    except KafkaError as error:
        raise KafkaUnavailable(str(error)) from error


async def _send(edge: IngestContext, events: Iterable[NameDefined]) -> None:
    topic = NAME_DEFINED.full_name(edge.settings.namespace)
    await edge.sender.send(topic, [encode(event) for event in events])


def _event(edge: IngestContext, pushed: PushedName, source: Source) -> NameDefined:
    fields = {field: getattr(pushed, field) for field in OwnName.model_fields}
    name = OwnName.model_construct(**fields)
    return defined(name, by=said_by(source, pushed.by), reason=pushed.reason, now=edge.clock())


def _shown(name: OwnName) -> dict[str, Any]:
    return {"id": name.name_id, **name.model_dump(mode="json", exclude_none=True)}


def _unknown() -> Response:
    return problem(404, "nothing is said of this name")


def _problem(where: str, issue: Any) -> FieldProblem:
    pointer = where + "".join(f"/{step}" for step in issue["loc"])
    return FieldProblem(pointer, issue["msg"].removeprefix("Value error, "))
