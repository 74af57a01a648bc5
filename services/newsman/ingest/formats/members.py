"""Facts in agencies' XML that only ninjs has names for: priority, genre, place, service, …

They lie in `extra` under ninjs' names, and `item_fields` says so: an item in ninjs has them as
members, as if the newsroom had sent ninjs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from newsman.ingest.formats.markup.xml_values import number
from newsman.ingest.formats.model import Draft

MAX_ENTRIES = 50
MAX_WORDS = 10_000_000


def add_members(fields: dict[str, Any], members: Mapping[str, Any]) -> None:
    """Adds the members that have values to the `extra` of a draft's fields."""
    present = {name: value for name, value in members.items() if value not in (None, "", [])}
    fields["extra"] = {**fields.get("extra", {}), **present}
    fields["item_fields"] = sorted({*fields.get("item_fields", ()), *present})


def with_members(drafts: Sequence[Draft], members: Mapping[str, Any]) -> list[Draft]:
    """The drafts of articles, each with what their envelope says about all of them."""
    changed = []
    for draft in drafts:
        fields = dict(draft.fields)
        if fields and not draft.problems:
            add_members(fields, members)
        changed.append(replace(draft, fields=fields))
    return changed


def concepts(named: Iterable[tuple[str | None, str | None]]) -> list[dict[str, str]]:
    """Entries with a name and a code, each once; if one is missing, the other takes its place."""
    pairs = dict.fromkeys((name or code, code) for name, code in named if name or code)
    entries = [{"name": name, "code": code} for name, code in list(pairs)[:MAX_ENTRIES]]
    return [{key: value for key, value in entry.items() if value} for entry in entries]


def word_count(text: str | None) -> int | None:
    """The number of words that an agency counted."""
    return number(text, lowest=0, highest=MAX_WORDS)


def priority_of(text: str | None) -> int | None:
    """A priority from 1 to 9."""
    return number(text, lowest=1, highest=9)
