"""JSON documents: one item or an array, each in Newsman's own shape or in ninjs."""

from collections.abc import Callable
from typing import Any

from newsman.ingest.formats.json import feed as json_feed
from newsman.ingest.formats.json.values import as_utf, read_json
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem, Read
from newsman.ingest.formats.ninjs import item as ninjs
from newsman.ingest.formats.ninjs.names import is_ninjs, may_be_ninjs
from newsman.ingest.formats.ninjs.schema import schema_problems, version_of
from newsman.ingest.formats.ninjs.unmodelled import beside
from newsman_schemas.articles import RECEIPT, Article
from newsman_schemas.pubstatus import names_embargo

NATIVE = ("application/vnd.newsman+json",)
NINJS = ("application/vnd.iptc.ninjs+json",)
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
MAX_ITEMS = 10_000
OWN = frozenset({"id", "source", "item_fields", "canonical_at_source", "evolved_from_id"}) | RECEIPT
"""Fields that Newsman fills: the source is whoever pushes, the ids follow from it, and its entry
says which page is canonical."""
FIELDS = frozenset(Article.model_fields) - OWN
KNOWN = FIELDS | OWN
ToDraft = Callable[[dict[str, Any]], Draft]


def read_native(body: bytes, defaults: Defaults) -> list[Draft]:
    """One article or an array of them, in Newsman's own field names."""
    return _read(body, defaults, native_draft)


def read_ninjs(body: bytes, defaults: Defaults) -> list[Draft]:
    """One ninjs item or an array of them."""
    return _read(body, defaults, ninjs.draft)


def read_ninjs_version(version: str) -> Read:
    """A reader of items that must keep to the schema of one ninjs version."""

    def read(body: bytes, defaults: Defaults) -> list[Draft]:
        return _read(body, defaults, lambda item: ninjs.draft(item, version))

    return read


def read_either(body: bytes, defaults: Defaults) -> list[Draft]:
    """Each item by the names that it carries; a JSON Feed by its version."""
    value = read_json(body, defaults.charset)
    if json_feed.is_json_feed(value):
        return json_feed.read_feed(value, defaults)
    return _drafts(value, either)


def read_lines(body: bytes, defaults: Defaults) -> list[Draft]:
    """Newline-delimited JSON: an item a line; a line that is no JSON costs that item only."""
    lines = [line for line in as_utf(body, defaults.charset).splitlines() if line.strip()]
    if not lines:
        raise BadDocument("there is no line in it")
    _refuse_too_many(len(lines))
    return [_line(line) for line in lines]


def either(item: dict[str, Any]) -> Draft:
    """The draft of an item in ninjs or in Newsman's own shape.

    It is ninjs by names that only ninjs has; or, with what anybody may have written, if it keeps
    to the schema.
    """
    if is_ninjs(item) or (may_be_ninjs(item) and not schema_problems(item, version_of(item))):
        return ninjs.draft(item)
    return native_draft(item)


def native_draft(item: dict[str, Any]) -> Draft:
    """The draft of one object in the names of Newsman's own fields; other members go to `extra`."""
    fields = {name: value for name, value in item.items() if name in FIELDS}
    unknown = {name: value for name, value in item.items() if name not in KNOWN}
    problems = [] if item.get("embargoed_until") else _misnamed_embargoes(unknown)
    extra = item.get("extra")
    if extra is not None and not isinstance(extra, dict):
        problems.append(FieldProblem("/extra", "must be an object"))
    elif unknown:
        fields.update(beside(extra, unknown))
    if item.get("headline") in (None, "") and isinstance(item.get("title"), str):
        fields["headline"] = item["title"]
    return Draft(fields, problems=tuple(problems), is_own=True)


def _misnamed_embargoes(unknown: dict[str, Any]) -> list[FieldProblem]:
    """Problems with members that hold a text back under names that nobody reads."""
    names = [name for name, value in unknown.items() if value and names_embargo(name)]
    return [FieldProblem(f"/{name}", "an embargo is called embargoed_until") for name in names]


def is_array(body: bytes) -> bool:
    """True if a JSON document is an array, without reading it."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _read(body: bytes, defaults: Defaults, to_draft: ToDraft) -> list[Draft]:
    return _drafts(read_json(body, defaults.charset), to_draft)


def _drafts(value: Any, to_draft: ToDraft) -> list[Draft]:
    if isinstance(value, list):
        if not value:
            raise BadDocument("the array is empty")
        _refuse_too_many(len(value))
        return [_item(item, to_draft) for item in value]
    return [_item(value, to_draft)]


def _refuse_too_many(count: int) -> None:
    if count > MAX_ITEMS:
        raise BadDocument(f"{count} items; a push may have {MAX_ITEMS}, send it in parts")


def _line(line: bytes) -> Draft:
    try:
        return _item(read_json(line), either)
    except BadDocument as error:
        return Draft({}, problems=(FieldProblem("", str(error)),))


def _item(item: Any, to_draft: ToDraft) -> Draft:
    if not isinstance(item, dict):
        return Draft({}, problems=(FieldProblem("", "an article is a JSON object"),))
    return to_draft(item)
