"""Identifiers of wire messages: service, number and day, or a story's keyword and day."""

from datetime import date, datetime

from newsman.ingest.formats.model import Draft
from newsman_schemas.events import digest
from newsman_schemas.pubstatus import CANCELED

KILLED_VERSION = 1_000
"""Higher than the version of any lead or write-through of a story."""


def uri_of_number(format_name: str, service: str, number: str, at: date | None, text: str) -> str:
    """The identifier of a transmission; without a day, its text takes the day's place.

    Numbers begin again after a day or some thousand messages, so they name nothing by themselves.
    """
    day = f"{at:%Y-%m-%d}" if at else digest(text)[:16]
    return f"urn:newsman:{format_name}:{service}:{day}:{number.lstrip('0') or '0'}"


def uri_of_keyword(format_name: str, keyword: str, at: date, part: str) -> str:
    """The identifier of a story by its keyword, or of a part of it."""
    name = f"urn:newsman:{format_name}:{keyword.lower()}:{at:%Y-%m-%d}"
    return f"{name}:{part}" if part else name


def killed(uri: str, at: datetime | None) -> Draft:
    """The kill of all versions of an article."""
    fields = {
        "uri": uri,
        "version": KILLED_VERSION,
        "version_created": at,
        "pubstatus": CANCELED,
    }
    return Draft(fields)
