"""Names of a feed's items: a guid that is no URI counts within its feed, one that names nothing is
left out.

An item whose guid is a placeholder, the address of the whole site, or that of another item of the
document is named by its link, else by its text.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from newsman.ingest.formats.model import Draft
from newsman.ingest.formats.values.text import one_line
from newsman_schemas.events import digest
from newsman_schemas.names.identity import canonical_uri, is_uri

_TEXTS = ("body_html", "body_text", "summary")
_PLACEHOLDERS = frozenset(
    "- -- 0 # n/a #n/a na nan nil no none null tba tbd undefined unknown false true guid id item "
    "about:blank urn: tag: uuid: urn:uuid: http: https: http:// https:// "
    "00000000-0000-0000-0000-000000000000 urn:uuid:00000000-0000-0000-0000-000000000000".split()
)
_UNFILLED = re.compile(
    r"[\[{<%$#]{1,3}[A-Za-z_. =-]{1,40}[\]}>%]{1,3}|javascript:.*", re.IGNORECASE
)
"""A field of a template that was never filled in: `{guid}`, `<%= id %>`, `[object Object]`."""


def with_identity(drafts: Sequence[Draft], *, home: str | None) -> list[Draft]:
    """The drafts of one document, without guids that fail to tell its items apart.

    `home` is the address of the site that the feed is about.
    """
    site = canonical_uri(home) if home else None
    groups: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[_canonical(draft.fields.get("uri"))].append(draft)
    nameless = {
        id(draft)
        for uri, group in groups.items()
        if uri and not _is_name(uri, group, site)
        for draft in group
    }
    return _named_by_text(
        [
            _named_by_link(draft, site, groups) if id(draft) in nameless else draft
            for draft in drafts
        ]
    )


def _is_name(uri: str, group: Sequence[Draft], site: str | None) -> bool:
    if uri.lower() in _PLACEHOLDERS or _UNFILLED.fullmatch(uri) or uri == site:
        return False
    if not any(map(str.isalnum, uri)):
        return False
    if len(group) == 1:
        return True
    # Two items of one story count once: it is listed again, or in a later version.
    links = {_canonical(draft.fields.get("canonical_url")) for draft in group}
    if is_uri(uri) and len(links) == 1 and not links & {"", uri, site}:
        return True
    has_links = links != {""}
    tellings = {_telling(draft, with_text=not has_links and not is_uri(uri)) for draft in group}
    return len(tellings) == 1 and len(links) == 1


def _named_by_link(draft: Draft, site: str | None, groups: dict[str, list[Draft]]) -> Draft:
    fields = dict(draft.fields)
    guid, link = fields.pop("uri"), _canonical(fields.get("canonical_url"))
    if link == _canonical(guid):
        link = ""
    else:
        fields["extra"] = {**(fields.get("extra") or {}), "guid": guid}
    if link and link != site and len(groups.get(link, ())) <= 1:
        fields["uri"] = fields["canonical_url"]
    return replace(draft, fields=fields)


def _named_by_text(drafts: Iterable[Draft]) -> list[Draft]:
    named = list(drafts)
    texts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, draft in enumerate(named):
        if not draft.problems and not draft.fields.get("uri"):
            texts[_headline(draft), _text(draft, "published_at")].append(number)
    for parts, numbers in texts.items():
        # Items that begin alike are told apart by the text itself.
        are_alike = len(numbers) > 1 or not parts[0]
        for number in numbers:
            fields = named[number].fields
            more = [_text(named[number], name) for name in _TEXTS] if are_alike else []
            name = "urn:newsman:" + digest(*parts, *more)
            named[number] = replace(named[number], fields={**fields, "uri": name})
    return named


def _telling(draft: Draft, *, with_text: bool) -> tuple[str, ...]:
    """The headline, and the text where the headline is not enough to know a story by."""
    headline = _headline(draft)
    texts = [_text(draft, name) for name in _TEXTS] if with_text or not headline else []
    return headline, *texts


def _headline(draft: Draft) -> str:
    return one_line(_text(draft, "headline"))


def _text(draft: Draft, field: str) -> str:
    return str(draft.fields.get(field) or "")


def _canonical(uri: Any) -> str:
    return canonical_uri(one_line(uri)) if isinstance(uri, str) else ""
