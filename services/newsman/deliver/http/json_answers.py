"""Answers in JSON, and refusals that more than one route has."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response

from newsman.deliver.subscriptions.validation import Invalid
from newsman.kafka.positions import BadPosition

PRIVATE = {"Cache-Control": "no-store"}


def json_answer(
    answer: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A model as JSON, which nobody may keep."""
    content = answer.model_dump_json().encode()
    return Response(content, status, {**PRIVATE, **(headers or {})}, "application/json")


def bad_position(pointer: str, error: BadPosition) -> Invalid:
    """The refusal of a cursor."""
    return Invalid((pointer, str(error)))
