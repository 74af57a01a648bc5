"""The line of an input format says all: its media types, its root elements, and if it is JSON."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.formats.table import FORMATS
from newsman.ingest.pushes import is_plain_json, parse

DEFAULTS = Defaults("desk", "en", UTC, None, datetime(2026, 3, 2, 12, tzinfo=UTC))
ROOTS = [(found.name, root) for found in FORMATS.values() for root in sorted(found.roots)]
MEDIA_TYPES = [(found.name, kind) for found in FORMATS.values() for kind in found.media_types]


def is_read_as(name: str, body: bytes, content_type: str | None) -> bool:
    """Whether a body is read in one format and not in any other."""

    def may_be(names: frozenset[str]) -> bool:
        try:
            with suppress(BadDocument):
                parse(
                    body,
                    content_type=content_type,
                    format_name=None,
                    defaults=DEFAULTS,
                    allowed=names,
                )
        except UnknownFormat:
            return False
        return True

    return may_be(frozenset({name})) and not may_be(frozenset(FORMATS) - {name})


@pytest.mark.parametrize(("name", "root"), ROOTS)
@pytest.mark.parametrize("content_type", [None, "text/xml", "application/octet-stream"])
def test_a_root_element_tells_the_format_where_the_content_type_does_not(name, root, content_type):
    body = f"<{root} html>" if root.startswith("!") else f'<?xml version="1.0"?>\n<{root}></{root}>'
    assert is_read_as(name, body.encode(), content_type)


@pytest.mark.parametrize(("name", "media_type"), MEDIA_TYPES)
def test_a_media_type_tells_the_format(name, media_type):
    assert is_read_as(name, b"", f"{media_type}; charset=utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_only_json_costs_what_its_size_says(name):
    assert is_plain_json(b"", None, name) is FORMATS[name].is_json
    assert FORMATS[name].is_json == (name in ("json", "native", "ninjs", "ndjson", "jsonfeed"))


def test_a_strict_version_of_ninjs_is_json_too():
    assert is_plain_json(b"{}", None, "ninjs-2.1")
