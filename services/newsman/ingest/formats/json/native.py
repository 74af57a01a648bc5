"""Newsman's own JSON: an object with the field names of the article, or an array of them."""

from typing import Any

from newsman.ingest.formats.model import Draft, FieldProblem
from newsman.ingest.formats.ninjs.unmodelled import beside
from newsman_schemas.articles import RECEIPT, Article

OWN = frozenset({"id", "source", "item_fields", "canonical_at_source", "evolved_from_id"}) | RECEIPT
"""Fields that Newsman fills: the source is whoever pushes, the ids follow from it, and its entry
says which page is canonical."""
FIELDS = frozenset(Article.model_fields) - OWN


def draft(item: dict[str, Any]) -> Draft:
    """The draft of one object; what is no field of the article goes to `extra`."""
    fields = {name: value for name, value in item.items() if name in FIELDS}
    unknown = {name: value for name, value in item.items() if name not in FIELDS | OWN}
    problems: list[FieldProblem] = []
    extra = item.get("extra")
    if extra is not None and not isinstance(extra, dict):
        problems.append(FieldProblem("/extra", "must be an object"))
    elif unknown:
        fields.update(beside(extra, unknown))
    if item.get("headline") in (None, "") and isinstance(item.get("title"), str):
        fields["headline"] = item["title"]
    return Draft(fields, problems=tuple(problems), is_own=True)
