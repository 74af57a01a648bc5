"""The building blocks of the document: answers, bodies, headers, who may push."""

from collections.abc import Iterable, Mapping
from typing import Any

from newsman.ingest.idempotency import HEADER, MAX_KEY_CHARACTERS, REPLAYED_HEADER
from newsman.ingest.openapi.models import Problem
from newsman.ingest.openapi.shapes import Schema, ref
from newsman.web.problems import MEDIA_TYPE as PROBLEM

JSON = "application/json"
Part = dict[str, Any]

KEY: Part = {"bearer": []}
SIGNED: list[Part] = [
    KEY,
    {"superdeskSignature": []},
    {"newsmanSignature": [], "newsmanTimestamp": [], "newsmanId": []},
]
ANYBODY_OR_SIGNED: list[Part] = [{}, KEY, SIGNED[-1]]
ANYBODY: list[Part] = []

SECURITY_SCHEMES: Part = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A source's key. One that is nobody's is refused, whatever else is sent.",
    },
    "superdeskSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Superdesk-Signature",
        "description": "`sha1=HEX`: the HMAC (RFC 2104) of the body as it is sent, under the "
        "source's secret.",
    },
    "newsmanSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Newsman-Signature",
        "description": "`v2=HEX`: the HMAC-SHA-256 of eight lines joined by line feeds: `v2`, the "
        "timestamp, the id, the method, path and query, the content type, the content coding, and "
        "the SHA-256 of the body as it is sent; behind them `name:value` of Idempotency-Key and "
        "headers that begin with ce-, in order. It counts once: what comes again gets the first "
        "answer.",
    },
    "newsmanTimestamp": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Newsman-Timestamp",
        "description": "Unix seconds, at most five minutes off.",
    },
    "newsmanId": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Newsman-Id",
        "description": "8 to 128 of A-Z a-z 0-9 . _ ~ -, never used for another request.",
    },
}

HEADERS: Part = {
    "Retry-After": {
        "description": "Seconds to wait before it is sent again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "The scheme that is asked for (RFC 9110 section 11.6.1).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where the article can be read once it is published.",
        "schema": {"type": "string", "format": "uri"},
    },
    REPLAYED_HEADER: {
        "description": "`true` where an earlier answer under the same key is repeated.",
        "schema": {"type": "string", "const": "true"},
    },
    "Access-Control-Allow-Origin": {
        "description": "Pages of every site may read the answer.",
        "required": True,
        "schema": {"type": "string", "const": "*"},
    },
}

IDEMPOTENCY_KEY: Part = {
    "name": HEADER.title(),
    "in": "header",
    "description": "The answer to the first push under this key is repeated for 24 hours.",
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{MAX_KEY_CHARACTERS}}}$"},
}
TRACEPARENT: Part = {
    "name": "traceparent",
    "in": "header",
    "description": "W3C Trace Context; the trace goes on in every service. One that is not valid "
    "is replaced.",
    "schema": {"type": "string"},
    "example": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}

_REFUSALS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    400: ("It can't be read, or a field is wrong; `errors` say which.", ()),
    401: ("Nobody's key or signature.", ("WWW-Authenticate",)),
    403: ("Nobody's key or signature.", ()),
    404: ("There is no such thing.", ()),
    409: ("The first push under this key or id is still under way.", ("Retry-After",)),
    413: ("It is larger than this source may send.", ()),
    415: ("The format or the content coding is not read here.", ()),
    422: ("It costs more to read than it may, or the key or id was used for another push.", ()),
    429: ("The source pushes more often than it may.", ("Retry-After",)),
    500: ("A defect of Newsman; the log has it.", ()),
    503: ("Nothing was stored: Kafka or Redis is away, or too much waits.", ("Retry-After",)),
}


def path_parameter(name: str, description: str) -> Part:
    """A part of the path, for example `{id}`."""
    schema = {"type": "string"}
    found = {"name": name, "in": "path", "required": True, "description": description}
    return {**found, "schema": schema}


def hasty(description: str) -> Part:
    """The query parameter that asks for an answer at once."""
    schema = {"type": "string"}
    found = {"name": "hasty", "in": "query", "description": description, "schema": schema}
    return {**found, "example": "true"}


def content(schema: Schema, examples: Mapping[str, Any] | None = None) -> Part:
    """A body's schema and named examples."""
    found: Part = {"schema": schema}
    if examples:
        found["examples"] = {
            name.replace(" ", "-"): {"summary": name, "value": value}
            for name, value in examples.items()
        }
    return found


def answer(
    description: str, contents: Mapping[str, Part] | None = None, headers: Iterable[str] = ()
) -> Part:
    """One answer; `headers` are names of components/headers."""
    found: Part = {"description": description}
    if names := list(headers):
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if contents:
        found["content"] = dict(contents)
    return found


def answer_json(
    description: str, schema: Schema, example: Any = None, headers: Iterable[str] = ()
) -> Part:
    """One answer in JSON."""
    examples = {"example": example} if example is not None else None
    return answer(description, {JSON: content(schema, examples)}, headers)


def refusals(*statuses: int, headers: Iterable[str] = ()) -> dict[str, Part]:
    """The answers of these statuses as problems (RFC 9457)."""
    found = {}
    for status in statuses:
        description, own = _REFUSALS[status]
        problem = {PROBLEM: content(ref(Problem))}
        found[str(status)] = answer(description, problem, [*own, *headers])
    return found


def or_json(refusal: Part, schema: Schema, description: str) -> Part:
    """A refusal that comes as JSON of its own for some reasons."""
    contents = {**refusal["content"], JSON: content(schema)}
    return {**refusal, "description": description, "content": contents}


def operation(
    operation_id: str,
    tag: str,
    summary: str,
    answers: Mapping[str, Part],
    *,
    description: str = "",
    security: list[Part] = ANYBODY,
    body: Mapping[str, Part] | None = None,
    parameters: Iterable[Part] = (),
) -> Part:
    """One method of one path."""
    found: Part = {"operationId": operation_id, "tags": [tag], "summary": summary}
    if description:
        found["description"] = description
    found["security"] = security
    if listed := list(parameters):
        found["parameters"] = listed
    if body is not None:
        found["requestBody"] = {"required": True, "content": dict(body)}
    found["responses"] = dict(sorted(answers.items()))
    return found
