"""Validation of an item against the IPTC's schema of its ninjs version."""

from itertools import islice
from typing import Any

import jsonschema_rs

from newsman.ingest.formats.model import FieldProblem
from newsman.ingest.formats.ninjs.plural import has_lists
from newsman.ingest.formats.values.text import clean_all
from newsman.ninjs.validation import VERSIONS, structure_validator

NEWEST = {"1": "1.6", "2": "2.2", "3": "3.1"}
MAX_PROBLEMS = 20
MANY_VALUES = 2_000

_PLURALS = ("headlines", "bodies", "descriptions", "subjects", "people", "places", "by", "genres")
_CAMELS = frozenset(
    "versionCreated firstCreated contentCreated pubStatus embargoedUntil copyrightHolder "
    "copyrightNotice usageTerms edNote altIds infoSources trustIndicators rightsInfo "
    "representationType digitalSourceType eventDetails plannedCoverage contentType".split()
)
_LISTS = ("renditions", "associations", "bodies")


def version_of(item: dict[str, Any]) -> str:
    """The version that an item declares, or the newest of the generation it resembles."""
    generation = _generation(item)
    declared = item.get("standard") or item.get("$standard")
    version = declared.get("version") if isinstance(declared, dict) else None
    if version in VERSIONS and version[0] == generation:
        return str(version)
    return NEWEST[generation]


def schema_problems(item: dict[str, Any], version: str) -> list[FieldProblem]:
    """Violations of the version's schema; dates are judged elsewhere."""
    try:
        # The validator can't take lone surrogates, which are removed from every text anyway.
        errors = _errors(structure_validator(version), clean_all(item))
    except ValueError as error:
        return [FieldProblem("", str(error)[:200])]
    return [
        FieldProblem("".join(f"/{_escaped(step)}" for step in error.instance_path), _short(error))
        for error in errors
    ]


def _errors(validator: Any, item: dict[str, Any]) -> list[Any]:
    """The errors of an item; only the first if it has very many values.

    The validator finds all errors before it tells of one.
    """
    if validator.is_valid(item):
        return []
    if not _has_many_values(item):
        return list(islice(validator.iter_errors(item), MAX_PROBLEMS))
    try:
        validator.validate(item)
    except jsonschema_rs.ValidationError as error:
        return [error]
    return []


def _has_many_values(item: Any) -> bool:
    waiting, seen = [item], 0
    while waiting and seen <= MANY_VALUES:
        value = waiting.pop()
        if isinstance(value, dict | list):
            seen += len(value)
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return seen > MANY_VALUES


def _generation(item: dict[str, Any]) -> str:
    if item.get("type") in ("event", "planning") or _is_in_camel_case(item):
        return "3"
    if any(name in item for name in _PLURALS) or "standard" in item:
        return _declared_generation(item) or "2"
    return (_declared_generation(item) or "2") if has_lists(item) else "1"


def _is_in_camel_case(item: dict[str, Any]) -> bool:
    """True if the item, or an entry of its lists, has a name that only 3.x has."""
    waiting, seen = [item], 0
    while waiting and seen <= MANY_VALUES:
        entry = waiting.pop()
        if not _CAMELS.isdisjoint(entry):
            return True
        lists = (entry[name] for name in _LISTS if isinstance(entry.get(name), list))
        entries = [inner for listed in lists for inner in listed if isinstance(inner, dict)]
        seen += len(entries)
        waiting.extend(entries)
    return False


def _declared_generation(item: dict[str, Any]) -> str | None:
    # If no name tells 2.x from 3.x, the item's own declaration decides.
    declared = item.get("standard")
    version = declared.get("version") if isinstance(declared, dict) else None
    return version[0] if version in VERSIONS else None


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _short(error: Any) -> str:
    return str(error.message)[:300]
