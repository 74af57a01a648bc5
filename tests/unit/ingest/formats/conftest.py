"""Reading a document as the source `desk` sends it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsman.ingest.formats.model import BadDocument, Defaults, Document
from newsman.ingest.pushes import parse

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def read():
    """`read(body, "text/plain")`; the source's zone is Helsinki's where `zone` says so."""

    def read(body, content_type=None, *, format_name=None, zone="UTC", section=None) -> Document:
        data = body if isinstance(body, bytes) else body.encode()
        defaults = Defaults("desk", "en", ZoneInfo(zone), section, NOW)
        return parse(data, content_type=content_type, format_name=format_name, defaults=defaults)

    return read


@pytest.fixture
def article(read):
    """The one article of a document that must be good."""

    def article(*arguments, **options):
        (item,) = read(*arguments, **options).items
        assert item.problems == ()
        return item.article

    return article


@pytest.fixture
def pointers(read):
    """Where the problems of a bad document stand."""

    def pointers(*arguments, **options):
        return [p.pointer for item in read(*arguments, **options).items for p in item.problems]

    return pointers


@pytest.fixture
def refused(read):
    """The reason why a document is refused, as a whole or with each of its items."""

    def refused(*arguments, **options) -> str:
        try:
            items = read(*arguments, **options).items
        except BadDocument as error:
            return str(error)
        return "; ".join(p.detail for item in items for p in item.problems)

    return refused
