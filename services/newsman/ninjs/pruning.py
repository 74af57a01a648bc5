"""Cutting an item down to what the schema of one ninjs version allows."""

import copy
from collections.abc import Sequence
from typing import Any

from newsman.ninjs.validation import full_validator

_CUT = object()
Step = str | int


def prune(item: dict[str, Any], version: str) -> dict[str, Any]:
    """The item without whatever the schema forbids, and nothing less.

    A wrong value goes alone; an object that lacks what it needs goes whole. The item itself
    must have a valid `uri`, the one thing that it can't do without.
    """
    pruned = copy.deepcopy(item)
    while errors := _first_errors(pruned, version):
        for error in errors:
            _cut(pruned, error)
        pruned = _swept(pruned)
    return pruned


def is_uri(text: str) -> bool:
    """True if the schemas take the text for a URI (RFC 3986)."""
    return bool(full_validator("1.6").is_valid({"uri": text}))


def _first_errors(item: dict[str, Any], version: str) -> list[Any]:
    errors = list(full_validator(version).iter_errors(item))
    # A wrong value makes everything around it count as unevaluated, so that has to wait.
    real = [error for error in errors if not hasattr(error.kind, "unexpected")]
    return real or errors


def _cut(item: dict[str, Any], error: Any) -> None:
    path: Sequence[Step] = error.instance_path
    unexpected = getattr(error.kind, "unexpected", None)
    paths = [[*path, name] for name in unexpected] if unexpected else [path]
    for steps in paths:
        if not steps:
            raise ValueError(f"nothing of the item would be left: {error.message}")
        holder: Any = item
        for step in steps[:-1]:
            holder = holder[step]
            if holder is _CUT:
                return
        holder[steps[-1]] = _CUT


def _swept(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _swept(entry) for name, entry in value.items() if entry is not _CUT}
    if isinstance(value, list):
        return [_swept(entry) for entry in value if entry is not _CUT]
    return value
