"""The real model and the real rules, loaded once."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsman.enrich.core import Findings, Knowledge, look
from newsman.enrich.workers.knowledge import load_knowledge
from newsman_schemas.articles import Article

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def bench(monkeypatch):
    """The module that `make bench` scores names with."""
    monkeypatch.syspath_prepend(str(BENCH))
    import entities

    yield entities
    for name in ("copies", "entities", "labelled", "samples"):
        sys.modules.pop(name, None)


@pytest.fixture
def labelled_stories(bench):
    """The stories written for Newsman, with what an editor would say of each."""
    return bench.stories()


@pytest.fixture
def story() -> Callable[..., Article]:
    def story(headline: str, body: str = "", **fields) -> Article:
        values = {
            "id": "a" * 16,
            "source": "desk",
            "uri": "urn:1",
            "version_created": datetime(2026, 3, 2, tzinfo=UTC),
            "headline": headline,
            "slug": "slug",
            "body_text": body,
        }
        return Article.model_validate({**values, **fields})

    return story


@pytest.fixture
def found(knowledge, story) -> Callable[..., Findings]:
    """`found(headline, body)`: what enrichment makes of a story."""

    def found(headline: str, body: str = "", **fields) -> Findings:
        return look(story(headline, body, **fields), knowledge)

    return found
