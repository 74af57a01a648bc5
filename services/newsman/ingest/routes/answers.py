"""Answers of ingest: items taken, items refused, and the reasons."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

from newsman.ingest.formats.model import BadDocument, FieldProblem, UnknownFormat
from newsman.ingest.formats.table import FORMATS
from newsman.web.problems import EchoingResponse, problem

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="newsman"'}
"""What a 401 must have (RFC 9110 section 15.5.2)."""


def batch_answer(
    rows: list[dict[str, Any]], problems: Sequence[FieldProblem], **members: Any
) -> Response:
    """202, 207 when some items are bad, 400 when all are; `members` are told beside the items."""
    accepted = sum(row["status"] == "accepted" for row in rows)
    if not accepted:
        return problem(
            400, "no item could be taken", errors=_pairs(problems), items=rows, **members
        )
    answer = {"items": rows, **members}
    return EchoingResponse(answer, status_code=202 if accepted == len(rows) else 207)


def all_of(problems: Iterable[Sequence[FieldProblem]]) -> list[FieldProblem]:
    """The problems of several items in one list."""
    return [issue for each in problems for issue in each]


def rejected_row(problems: Sequence[FieldProblem]) -> dict[str, Any]:
    """One bad item in a batch's answer."""
    return {"id": None, "status": "rejected", "errors": told(problems)}


def told(problems: Sequence[FieldProblem]) -> list[dict[str, str]]:
    """Problems or warnings as an answer lists them."""
    return [{"pointer": issue.pointer, "detail": issue.detail} for issue in problems]


def invalid(problems: Sequence[FieldProblem]) -> Response:
    """400 with a pointer per problem."""
    return problem(400, sentence(problems), errors=_pairs(problems))


def _pairs(problems: Sequence[FieldProblem]) -> list[tuple[str, str]]:
    return [(issue.pointer, issue.detail) for issue in problems]


def sentence(problems: Sequence[FieldProblem]) -> str:
    """The problems in one sentence."""
    return "; ".join(f"{issue.pointer or 'the document'}: {issue.detail}" for issue in problems)


def unreadable(error: BadDocument | UnknownFormat) -> Response:
    """400 for a body that makes no sense, 415 for one whose format is not read."""
    text = str(error)
    if isinstance(error, UnknownFormat):
        return problem(415, text, supported=sorted(FORMATS))
    return problem(400, text, errors=[("", text)])


def unauthorised(reason: str = "") -> Response:
    """401: the sender is nobody we know, and why."""
    needed = "a source's key is needed: Authorization: Bearer KEY"
    return problem(401, f"{needed} ({reason})" if reason else needed, headers=CHALLENGE)
