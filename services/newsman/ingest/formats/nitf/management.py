"""Holds and kills in the docdata of NITF (3.x): for the document itself, and for another."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import attribute, child, short_text
from newsman.ingest.formats.markup.xml_values import is_date
from newsman_schemas.pubstatus import CANCELED, EMBARGOED, USABLE, status_named


def managed(docdata: Element) -> dict[str, Any]:
    """The status, until when the document is held, and which other document it kills.

    An embargo ends with `date.release`; without one it holds until further notice. A release that
    lies ahead holds by itself.
    """
    status = (attribute(docdata, "management-status") or "").strip()
    release = date_of(child(docdata, "date.release"))
    fields: dict[str, Any] = {"pubstatus": status_named(status)}
    if release and is_date(release):
        fields["released_at"] = release
        if status.lower() in EMBARGOED:
            fields["pubstatus"] = USABLE
    return fields | _killed(docdata)


def date_of(element: Element | None) -> str | None:
    """The date in `norm`, else as its text, where some write it."""
    return attribute(element, "norm") or short_text(element)


def _killed(docdata: Element) -> dict[str, Any]:
    other = (attribute(docdata, "management-doc-idref") or "").strip()
    status = status_named(attribute(docdata, "management-idref-status") or "")
    return {"kills": other} if other and status == CANCELED else {}
