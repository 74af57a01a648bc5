"""The names that ninjs 3.x writes in camel case, and 2.x in small letters."""

from typing import Any

CAMELS = (
    "versionCreated firstCreated contentCreated pubStatus representationType copyrightHolder "
    "copyrightNotice usageTerms edNote contentType charCount wordCount contactInfo postalCode "
    "geoJSON infoSources altIds trustIndicators rightsInfo langId linkedRights encodedRights "
    "digitalSourceType sizeInBytes symbolType".split()
)
TO_CAMEL = {name.lower(): name for name in CAMELS} | {"embargoed": "embargoedUntil"}
TO_SMALL = {camel: small for small, camel in TO_CAMEL.items()}
FOREIGN = frozenset({"geojson", "geoJSON", "standard", "$standard", "extra"})
"""Members whose own members are not the standard's to name."""


def in_camel_case(value: Any) -> Any:
    """A value of 2.x in the names of 3.x, at any depth."""
    return _renamed(value, TO_CAMEL)


def in_small_letters(value: Any) -> Any:
    """A value of 3.x in the names of 2.x, at any depth."""
    return _renamed(value, TO_SMALL)


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        names.get(name, name): entry if name in FOREIGN else _renamed(entry, names)
        for name, entry in value.items()
    }
