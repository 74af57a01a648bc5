"""Compatibility of messages under a new schema with messages under the old one on one topic.

Old messages are read again for ever (the log is what everything is rebuilt from), and old
readers meet new messages while a release rolls out. So only one change is harmless: an
optional field more. Everything else needs a new version of the event.
"""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_ANNOTATIONS = frozenset({"title", "description", "examples", "$comment", "$schema", "$id"})
_STRUCTURE = frozenset({"$ref", "$defs", "properties", "required", "items", "anyOf", "oneOf"})
_UPPER_BOUNDS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_LOWER_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Changes that make the new JSON Schema incompatible with the old, one line per place.

    An empty list means that both may share a version: nothing changed but texts and optional
    fields that were added.
    """
    return _Comparison(old, new).compare(old, new, "")


class _Comparison:
    """Walks two schemas side by side, following `$ref` in each; recursion is cut by name."""

    def __init__(self, old_root: Schema, new_root: Schema) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._under_way: set[tuple[str, str]] = set()

    def compare(self, old: Schema, new: Schema, where: str) -> list[str]:
        names = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old and "$ref" in new:
            if names in self._under_way:
                return []
            self._under_way.add(names)
            try:
                return self._compare_resolved(old, new, where)
            finally:
                self._under_way.discard(names)
        return self._compare_resolved(old, new, where)

    def _compare_resolved(self, old: Schema, new: Schema, where: str) -> list[str]:
        before, after = _resolve(old, self._old_root), _resolve(new, self._new_root)
        return [
            *_keyword_changes(before, after, where),
            *self._property_changes(before, after, where),
            *self._nested_changes(before, after, where),
            *self._union_changes(before, after, where),
        ]

    def _property_changes(self, old: Schema, new: Schema, where: str) -> list[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        changes = [f"{where}/{name}: the field is gone" for name in before if name not in after]
        for name in after:
            if name not in before:
                changes += _added(old, new, name, where)
        for name in before:
            if name in after:
                changes += _requirement_change(old, new, name, where)
                changes += self.compare(before[name], after[name], f"{where}/{name}")
        return changes

    def _nested_changes(self, old: Schema, new: Schema, where: str) -> list[str]:
        changes: list[str] = []
        for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
            before, after = old.get(keyword, True), new.get(keyword, True)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                changes += self.compare(before, after, f"{where}/{step}")
            elif before != after:
                changes.append(f"{where}/{step}: {keyword} changed from {before} to {after}")
        return changes

    def _union_changes(self, old: Schema, new: Schema, where: str) -> list[str]:
        changes: list[str] = []
        for keyword in ("anyOf", "oneOf"):
            before = _by_type(old.get(keyword, ()), self._old_root)
            after = _by_type(new.get(keyword, ()), self._new_root)
            if [kind for kind, _ in before] != [kind for kind, _ in after]:
                kinds = [", ".join(kind for kind, _ in side) or "none" for side in (before, after)]
                changes.append(f"{where}: the choice changed from {kinds[0]} to {kinds[1]}")
                continue
            for (_, first), (_, second) in zip(before, after, strict=True):
                changes += self.compare(first, second, where)
        return changes


def _resolve(schema: Schema, root: Schema) -> Schema:
    """The schema with its reference put in place; keywords beside `$ref` stay (2020-12)."""
    while "$ref" in schema:
        target: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**target, **beside}
    return schema


def _by_type(members: Any, root: Schema) -> list[tuple[str, Schema]]:
    kinds = [(str(_resolve(member, root).get("type", "anything")), member) for member in members]
    return sorted(kinds, key=lambda pair: pair[0])


def _added(old: Schema, new: Schema, name: str, where: str) -> list[str]:
    if name in new.get("required", ()):
        return [f"{where}/{name}: a required field was added"]
    if old.get("additionalProperties") is False:
        return [f"{where}/{name}: a field was added where readers allow no other"]
    return []


def _requirement_change(old: Schema, new: Schema, name: str, where: str) -> list[str]:
    was, now = name in old.get("required", ()), name in new.get("required", ())
    if was == now:
        return []
    return [f"{where}/{name}: {'required' if now else 'optional'} now, it was not before"]


def _keyword_changes(old: Schema, new: Schema, where: str) -> list[str]:
    watched = (set(old) | set(new)) - _ANNOTATIONS - _STRUCTURE - {"additionalProperties"}
    return [
        f"{where}: {_describe(keyword, old.get(keyword), new.get(keyword))}"
        for keyword in sorted(watched)
        if _normal(keyword, old.get(keyword)) != _normal(keyword, new.get(keyword))
    ]


def _normal(keyword: str, value: Any) -> Any:
    return sorted(map(str, value)) if keyword in ("enum", "type") and _is_list(value) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _describe(keyword: str, old: Any, new: Any) -> str:
    if keyword == "enum" and _is_list(old) and _is_list(new):
        gone = [value for value in old if value not in new]
        more = [value for value in new if value not in old]
        return f"enum changed (gone: {gone or 'none'}, new: {more or 'none'})"
    return f"{keyword} {_direction(keyword, old, new)} from {old!r} to {new!r}"


def _direction(keyword: str, old: Any, new: Any) -> str:
    """Narrower means that old messages are refused; wider, that old readers meet new values."""
    bounds = _UPPER_BOUNDS | _LOWER_BOUNDS
    if keyword not in bounds:
        return "changed"
    if old is None or new is None:
        return "narrowed" if old is None else "widened"
    lower = new < old
    return "narrowed" if lower == (keyword in _UPPER_BOUNDS) else "widened"
