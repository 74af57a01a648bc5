"""IPTC NewsML 1.2: each NewsItem an article, its text found by the roles of its components."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.leftovers import keep_leftovers, with_shared, xml_leaves
from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    rendered,
    text_of,
    unmodelled,
)
from newsman.ingest.formats.markup.xml_reader import read_xml
from newsman.ingest.formats.markup.xml_values import HIGHEST_VERSION, number
from newsman.ingest.formats.members import add_members, priority_of, with_members
from newsman.ingest.formats.model import BadDocument, Defaults, Draft
from newsman.ingest.formats.newsml.v1_components import Lines, body_of, fields_of, told
from newsman.ingest.formats.newsml.v1_content import fill_body
from newsman.ingest.formats.newsml.v1_members import members_of
from newsman_schemas.pubstatus import (
    CANCELED,
    EMBARGOED,
    USABLE,
    WITHHELD,
    status_named,
)

MEDIA_TYPES = (
    "application/vnd.iptc.newsml+xml",
    "application/newsml+xml",
    "text/vnd.iptc.newsml",
)
ROOTS = frozenset(("NewsML",))
MAX_ITEMS = 1_000
MAX_SEQUENCE = 100
_STORY_NAMES = {
    "businesswire.com": "http://www.businesswire.com/news/home/{NewsItemId}/{language}",
}
"""What agencies call a story elsewhere, in ninjs and on the web (docs/decisions/0011)."""
_POINTERS = {
    "uri": "/Identification/NewsIdentifier/PublicIdentifier",
    "version": "/Identification/NewsIdentifier/RevisionId",
    "version_created": "/NewsManagement/ThisRevisionCreated",
    "first_created": "/NewsManagement/FirstCreated",
    "pubstatus": "/NewsManagement/Status",
    "headline": "/NewsComponent/NewsLines/HeadLine",
    "byline": "/NewsComponent/NewsLines/ByLine",
    "body_html": "/NewsComponent/ContentItem/DataContent",
}
_TEXTS_BY_ROLE = {
    "headline": ("headline", "title"),
    "subheadline": ("subheadline", "subtitle"),
    "summary": ("lead", "abstract", "summary", "teaser"),
    "editorial_note": ("editorialnote", "ednote", "note to editors"),
}
_MANAGEMENT = frozenset("FirstCreated ThisRevisionCreated Status Urgency".split())


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """A draft for each NewsItem; raises BadDocument for anything that is not NewsML 1."""
    root = read_xml(body, defaults.charset)
    if root.tag not in ROOTS:
        raise BadDocument(f"not NewsML 1: its root is {root.tag[:40]!r}")
    items = children(root, "NewsItem")
    if not items:
        raise BadDocument("a NewsML without NewsItem")
    if len(items) > MAX_ITEMS:
        raise BadDocument(f"more than {MAX_ITEMS} items")
    envelope = child(root, "NewsEnvelope")
    around: dict[str, Any] = {f"@{name}": value for name, value in root.items()}
    around |= unmodelled(root, frozenset(("NewsItem", "NewsEnvelope")))
    language = attribute(root, "xml:lang")
    drafts = with_members([_draft(item, language) for item in items], _of_envelope(envelope))
    drafts = with_shared(drafts, "newsml", around)
    return with_shared(drafts, "envelope", None if envelope is None else rendered(envelope))


def _of_envelope(envelope: Element | None) -> dict[str, Any]:
    """Facts of the envelope about each item that only ninjs has names for."""
    sequence = child_text(envelope, "TransmissionId") or ""
    return {
        "priority": priority_of(_formal_or_text(envelope, "Priority")),
        # Repeated with every item: a long one would be multiplied.
        "ingest_provider_sequence": sequence if len(sequence) <= MAX_SEQUENCE else None,
    }


def _draft(item: Element, language: str | None) -> Draft:
    extra: dict[str, Any] = unmodelled(
        item, frozenset(("Identification", "NewsManagement", "NewsComponent"))
    )
    management = child(item, "NewsManagement")
    made = child_text(management, "FirstCreated")
    identified = _identified(child(item, "Identification"), made, extra)
    managed = _managed(management, extra)
    lines = Lines.of(children(item, "NewsComponent"))
    fields = {**identified, **managed, **fields_of(lines, extra)}
    fields["extra"] = extra
    body = fill_body(body_of(lines), fields)
    fields["uri"] = _story_name(fields) or fields["uri"]
    for name, roles in _TEXTS_BY_ROLE.items():
        fields[name] = fields.get(name) or told(lines, *roles)
    fields["language"] = fields.get("language") or attribute(item, "xml:lang") or language
    fields["slug"] = fields.get("slug") or child_text(item, "Identification", "NameLabel")
    add_members(fields, {**members_of(lines), "slugline": fields.get("slug")})
    fields["extra"] = {name: value for name, value in fields["extra"].items() if value}
    fields = {name: value for name, value in fields.items() if value not in (None, "", [])}
    keep_leftovers(xml_leaves(item, body), fields)
    return Draft(fields, pointers=_POINTERS)


def _identified(
    identification: Element | None, made: str | None, extra: dict[str, Any]
) -> dict[str, Any]:
    """NewsML 1.2 section 5.3: the public identifier without its final revision, if it names the
    item; otherwise the provider's three parts of it. The day in `made` stands for a missing one."""
    identifier = child(identification, "NewsIdentifier")
    names = ("ProviderId", "DateId", "NewsItemId", "PublicIdentifier")
    values = {name: child_text(identifier, name) for name in names}
    revision = child(identifier, "RevisionId")
    number_said = child_text(identifier, "RevisionId")
    version = number(number_said, lowest=0, highest=HIGHEST_VERSION)
    extra |= {**values, **unmodelled(identification, frozenset(("NewsIdentifier",)))}
    if revision is not None:
        extra["RevisionId"] = rendered(revision)
    public = values["PublicIdentifier"]
    if public is not None:
        public = _without_revision(public, number_said, attribute(revision, "Update"))
    provider, day, item = (values[name] for name in names[:3])
    return {"uri": _item_name(public, provider, day or _day_of(made), item), "version": version}


def _item_name(
    public: str | None, provider: str | None, day: str | None, item: str | None
) -> str | None:
    """The public identifier, unless it lacks the item's own: some agencies put the same one, or
    only their name, into every item."""
    if item is None or (public and _has_part(public, item)):
        return public
    parts = [provider, day, item]
    if all(parts):
        return ":".join(["urn:newsml", *map(str, parts)])
    missing = [part for part in parts if part and not (public and _has_part(public, part))]
    return ":".join([public or "urn:newsml", *missing])


def _day_of(moment: str | None) -> str | None:
    """The day of a moment as DateId has it, `20260302`."""
    digits = "".join(re.findall(r"\d", (moment or "")[:20]))
    return digits[:8] if len(digits) >= 8 else None


def _has_part(public: str, part: str) -> bool:
    """True if a public identifier contains the part whole, between colons or other marks."""
    start = public.lower().rfind(part.lower())
    if start < 0:
        return False
    around = public[start - 1 : start] + public[start + len(part) : start + len(part) + 1]
    return not any(character.isalnum() for character in around)


def _story_name(fields: dict[str, Any]) -> str | None:
    extra, language = fields["extra"], fields.get("language")
    pattern = _STORY_NAMES.get(extra.get("ProviderId") or "")
    if not pattern or not language or not extra.get("NewsItemId"):
        return None
    return pattern.format(NewsItemId=extra["NewsItemId"], language=language)


def _without_revision(public: str, revision: str | None, update: str | None) -> str:
    start, _, last = public.rpartition(":")
    if not start:
        return public
    if revision is not None:
        return start if last in (revision, f"{revision}{update or ''}") else public
    # urn:newsml:provider:date:item:revision
    return start if public.count(":") >= 5 and re.fullmatch(r"\d+[A-Z]?", last) else public


def _managed(management: Element | None, extra: dict[str, Any]) -> dict[str, Any]:
    status, urgency = (_formal_or_text(management, name) for name in ("Status", "Urgency"))
    extra |= unmodelled(management, _MANAGEMENT)
    first_created = child_text(management, "FirstCreated")
    fields: dict[str, Any] = {
        "version_created": child_text(management, "ThisRevisionCreated") or first_created,
        "first_created": first_created,
        "pubstatus": _status(status, attribute(child(management, "Instruction"), "FormalName")),
        "urgency": number(urgency, lowest=1, highest=9),
    }
    if urgency and fields["urgency"] is None:
        extra["urgency"] = urgency
    _foretold(management, status, fields)
    return fields


def _formal_or_text(management: Element | None, name: str) -> str | None:
    element = child(management, name)
    return attribute(element, "FormalName") or text_of(element)


def _foretold(management: Element | None, status: str | None, fields: dict[str, Any]) -> None:
    """NewsML 1.2 StatusWillChange: when an embargo ends, or when a usable item expires."""
    change = child(management, "StatusWillChange")
    future = attribute(child(change, "FutureStatus"), "FormalName")
    moment = child_text(change, "DateAndTime")
    now, then = (status or "").lower(), (future or "").lower()
    if not moment:
        return
    if now in EMBARGOED and then == USABLE:
        fields |= {"pubstatus": USABLE, "embargoed_until": moment}
    elif now in ("", USABLE) and status_named(then) in (CANCELED, WITHHELD):
        fields["expires_at"] = moment


def _status(status: str | None, instruction: str | None) -> str | None:
    """The status; an instruction to hold or delete overrides `usable`."""
    named = (status_named(status) or status) if status else None
    instructed = status_named(instruction or "")
    return instructed if instructed and named in (None, USABLE) else named
