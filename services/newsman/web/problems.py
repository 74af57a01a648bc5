"""Errors as problem+json (RFC 9457), with a JSON pointer (RFC 6901) per wrong field."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class EchoingResponse(JSONResponse):
    """JSON with words of the sender's: a lone surrogate stays the escape that it came as."""

    def render(self, content: Any) -> bytes:
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def problem(
    status: int,
    detail: str,
    *,
    errors: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    """The response; `errors` are (pointer, detail) pairs, `members` extension members."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    listed = [{"pointer": pointer, "detail": text} for pointer, text in errors]
    if listed:
        body["errors"] = listed
    return EchoingResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)
