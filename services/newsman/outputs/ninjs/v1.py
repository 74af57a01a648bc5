"""ninjs 1.6, valid against the schema of the IPTC."""

import re
from collections.abc import Sequence
from typing import Any

from newsman.ninjs.camels import in_small_letters
from newsman.ninjs.pruning import is_uri, prune
from newsman.outputs.listing import Listing, Site, Tombstone, urn
from newsman.outputs.ninjs import dialect as ninjs
from newsman.outputs.ninjs.dialect import Item, to_json
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import EnrichedArticle

VERSION = "1.6"
STANDARD = {
    "name": "ninjs",
    "version": VERSION,
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_1.6.json",
}
ENTITY_NAMES = {"person": "person", "place": "place", "organisation": "organisation"}
ENTITY_NAMES |= {"event": "event", "work": "object"}
CREATOR = "newsman"
EXTENTS = {"full": "complete", "partial": "incomplete"}
WORDS = {"headlines": "headline", "descriptions": "description", "bodies": "body"}
CONCEPTS = ("person", "organisation", "place", "subject", "event", "object", "infosource", "genre")


def render(listing: Listing, site: Site) -> bytes:
    """The listing as one valid composite item."""
    return to_json(prune(singular(package(listing, site)), VERSION))


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article as a valid item."""
    return to_json(prune(singular(item(stored, site)), VERSION))


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """The kill of an item."""
    return to_json(prune(canceled(gone), VERSION))


def package(listing: Listing, site: Site) -> Item:
    """A composite in the names of 1.6, not yet cut down to what the schema allows."""
    items = [item(stored, site) for stored in listing.articles]
    items += [canceled(gone) for gone in listing.tombstones]
    return {**ninjs.composite(listing, site, items), "$standard": STANDARD}


def item(stored: StoredArticle, site: Site) -> Item:
    """An article in the names of 1.6, likewise; enrichment and keywords among the concepts."""
    article = stored.article
    fields = _with_uris(ninjs.item(stored, site), urn(article.id))
    fields["subject"] = [*_entries(fields, "subject"), *_subjects(article)]
    for kind, name in ENTITY_NAMES.items():
        if added := _missing(article, kind, _entries(fields, name)):
            fields[name] = [*_entries(fields, name), *added]
    if "byline" not in fields and article.authors:
        fields["byline"] = ", ".join(author.name for author in article.authors)
    return {**fields, "$standard": STANDARD}


def _missing(article: EnrichedArticle, kind: str, entries: Sequence[Item]) -> list[Item]:
    """The entities of a kind that no entry names."""
    named = {entry.get("name") for entry in entries}
    names = [entity.name for entity in article.entities if entity.type == kind]
    return [{"name": name} for name in names if name not in named]


def singular(item: Item) -> Item:
    """An item with what 2.x and 3.x sent in lists and camel case in the names of 1.6."""
    fields = _with_texts_by_role(in_small_letters(item))
    fields |= {name: [_coded(entry) for entry in _entries(fields, name)] for name in CONCEPTS}
    if altids := _entries(fields, "altids"):
        fields["altids"] = {_role(entry): entry.get("value") for entry in altids}
    extent = fields.get("representationtype")
    if isinstance(extent, str):
        fields["representationtype"] = EXTENTS.get(extent, extent)
    associations = fields.get("associations")
    if isinstance(associations, dict):
        fields["associations"] = {name: _singular(entry) for name, entry in associations.items()}
    return {name: value for name, value in fields.items() if value != []}


def _singular(entry: Any) -> Any:
    return singular(entry) if isinstance(entry, dict) else entry


def _with_texts_by_role(item: Item) -> Item:
    """The item with each text of a list with roles under a name made of its role."""
    for many, single in WORDS.items():
        texts = {_role(entry): entry.get("value") for entry in _entries(item, many)}
        named = {f"{single}_{role}": text for role, text in texts.items() if role and text}
        item = named | item
    return item


def canceled(gone: Tombstone) -> Item:
    """The kill of an item, likewise."""
    return {**_with_uris(ninjs.canceled(gone), urn(gone.article_id)), "$standard": STANDARD}


def _with_uris(original: Item, otherwise: str) -> Item:
    """The item and its associations with a `uri` each, as the schemas ask.

    A name that is no URI is kept among the `altids`.
    """
    names = [name for name in (original.get("uri"), original.get("guid")) if isinstance(name, str)]
    uri = next((name for name in names if is_uri(name)), otherwise)
    result = {**original, "uri": uri}
    if names and names[0] != uri:
        result["altids"] = _with_guid(original.get("altids"), names[0])
    associations = original.get("associations")
    if isinstance(associations, dict):
        result["associations"] = {
            name: _with_uris(entry, f"{uri}#{number}") if isinstance(entry, dict) else entry
            for number, (name, entry) in enumerate(associations.items(), 1)
        }
    return result


def _role(entry: Item) -> str:
    return re.sub(r"\W", "_", str(entry.get("role", "")), flags=re.ASCII)


def _coded(entry: Item) -> Item:
    """A concept of 2.x with its URI told as scheme and code."""
    code, uri = entry.get("code"), entry.get("uri")
    if not isinstance(code, str) or not isinstance(uri, str) or "scheme" in entry:
        return entry
    scheme = uri.removesuffix(code)
    return {**entry, "scheme": scheme} if scheme not in ("", uri) else entry


def _with_guid(altids: Any, guid: str) -> Any:
    if isinstance(altids, list):
        return [*altids, {"role": "guid", "value": guid}]
    return {**(altids if isinstance(altids, dict) else {}), "guid": guid}


def _entries(parent: Item, name: str) -> list[Item]:
    value = parent.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _subjects(article: EnrichedArticle) -> list[Item]:
    """Subjects that 1.6 has no other place for: the section, keywords, and the tags of
    enrichment."""
    names = {subject.name for subject in article.subjects}
    items: list[Item] = []
    if article.section and article.section not in names:
        items.append({"name": article.section, "rel": "section"})
    items += [{"name": word, "rel": "keyword"} for word in article.keywords if word not in names]
    for tag in article.tags:
        if tag.name not in names:
            concept = {"name": tag.name, "code": tag.code, "scheme": tag.scheme}
            sure = {"creator": CREATOR, "confidence": round(tag.confidence * 100)}
            items.append({k: v for k, v in (concept | sure).items() if v is not None})
    return items
