"""The IPTC's own JSON Schemas of ninjs 1.0 to 3.1, ready to judge items."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.0", "2.1", "2.2", "3.0", "3.1")
GEOJSON = "newsman:geojson"


@cache
def structure_validator(version: str) -> Any:
    """A validator of one version that leaves `format` aside: dates and addresses pass as text."""
    return _validator(version, judges_formats=False)


@cache
def full_validator(version: str) -> Any:
    """A validator of one version that judges `format` (date-time, uri), too."""
    return _validator(version, judges_formats=True)


def _validator(version: str, *, judges_formats: bool) -> Any:
    registry = jsonschema_rs.Registry([(GEOJSON, _schema("geojson"))])
    return jsonschema_rs.validator_for(
        _schema(version), registry=registry, validate_formats=judges_formats
    )


def _schema(name: str) -> Any:
    return json.loads((files("newsman.ninjs") / "schemas" / f"{name}.json").read_text())
