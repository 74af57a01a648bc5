"""The forms of the front page's console: what an editor typed, and the edit that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from urllib.parse import parse_qsl

from newsman.ingest.routes.ranking_edits import MOST_RANK, PushedEdit
from newsman.web.query import read_number
from newsman_schemas.popularity import FRONT

MAX_FORM_BYTES, MAX_FIELDS = 16 * 1024, 20
MAX_REASON_CHARACTERS = 500


class BadForm(Exception):
    """A form that makes no edit; the text says why, to the editor."""


@dataclass(frozen=True)
class PinForm:
    """A form as it was sent, every field a text."""

    token: str = ""
    action: str = ""
    article: str = ""
    rank: str = "1"
    begins: str = ""
    ends: str = ""
    reason: str = ""


def read_form(body: bytes) -> PinForm:
    """The form in a body (application/x-www-form-urlencoded); fields of other names are ignored."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BadForm("The form could not be read.") from error
    fields: Mapping[str, str] = {k: v.strip() for k, v in pairs if k in PinForm.__annotations__}
    return PinForm(**fields)


def edit_of(form: PinForm, *, by: str | None, zone: tzinfo, now: datetime) -> PushedEdit:
    """The edit that a form asks for, its times told in the zone; raises BadForm."""
    if form.action == "unpin":
        return PushedEdit(article=form.article, action="unpin", scope=FRONT, by=by)
    try:
        rank = read_number(form.rank, 1, MOST_RANK)
    except ValueError as error:
        raise BadForm(f"The place {error}.") from error
    if len(form.reason) > MAX_REASON_CHARACTERS:
        raise BadForm(f"The reason has at most {MAX_REASON_CHARACTERS} characters.")
    begins, ends = _moment("From", form.begins, zone), _moment("Until", form.ends, zone)
    if ends and ends <= now:
        raise BadForm("“Until” has passed already.")
    if begins and ends and ends <= begins:
        raise BadForm("“Until” must be later than “From”.")
    return PushedEdit(
        article=form.article,
        action="pin",
        scope=FRONT,
        rank=rank,
        begins_at=begins,
        ends_at=ends,
        by=by,
        reason=form.reason,
    )


def _moment(name: str, text: str, zone: tzinfo) -> datetime | None:
    """The moment that a field of a form tells (HTML, 2.3.5.5: local dates and times)."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadForm(f"“{name}” is a day and a time, such as 2026-11-03T20:00.") from error
