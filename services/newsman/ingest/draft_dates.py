"""The dates of a draft, read; what names no moment is set aside where its writer can't mend it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from newsman.ingest.formats.model import Defaults, Draft, FieldProblem
from newsman.ingest.formats.values.dates import EARLIEST_YEAR, LATEST_YEAR, parse_date

DATES = (
    "published_at",
    "version_created",
    "first_created",
    "embargoed_until",
    "expires_at",
    "released_at",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Most systems write this moment where they have no date."""
Problems = list[FieldProblem]
Pointer = Callable[[str], str]


def read_dates(
    values: dict[str, Any], draft: Draft, pointer: Pointer, defaults: Defaults
) -> tuple[Problems, Problems]:
    """Puts moments in the place of dates; answers the problems with those that name none, and
    the warnings of those that were set aside."""
    unread: dict[str, str] = {}
    for name in DATES:
        value = values.get(name)
        if value is None:
            continue
        try:
            values[name] = _moment(value, defaults, is_own=draft.is_own)
        except ValueError as error:
            unread[name] = str(error)
    if draft.is_own:
        return [FieldProblem(pointer(name), detail) for name, detail in unread.items()], []
    return [], _set_aside(unread, values, draft, pointer)


def _moment(value: Any, defaults: Defaults, *, is_own: bool) -> datetime:
    if not isinstance(value, (str, datetime)):
        raise ValueError("a date is a string, for example 2026-03-02T12:00:00Z")
    moment = value if isinstance(value, datetime) else parse_date(value, defaults.timezone)
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"the year {moment.year} can't be right")
    if moment == EPOCH and not is_own and ":" in str(value):
        raise ValueError("the first second of 1970 is what software writes without a date")
    return moment


def _set_aside(
    unread: dict[str, str], values: dict[str, Any], draft: Draft, pointer: Pointer
) -> Problems:
    """Moves dates that name no moment to `extra`; an embargo of that kind holds the article."""
    warnings, sent = [], []
    extra = values.get("extra")
    kept: dict[str, Any] = dict(extra) if isinstance(extra, dict) else {}
    for name, detail in unread.items():
        value = values.pop(name)
        if name == "embargoed_until" and values.get("pubstatus") in (None, "usable"):
            values["pubstatus"] = "withheld"
        if value == "" or value in sent:
            continue  # nothing was said, or a reader filled one field with another's value
        sent.append(value)
        key = _free_name(draft.names_aside.get(name, name), kept)
        kept[key] = value
        if name in draft.names_aside:
            values["item_fields"] = sorted({*values.get("item_fields", ()), key})
        warnings.append(FieldProblem(pointer(name), f"{detail}; it is taken without this date"))
    if warnings:
        values["extra"] = kept
    return warnings


def _free_name(name: str, kept: dict[str, Any]) -> str:
    return name if name not in kept else f"{name}_as_sent"
