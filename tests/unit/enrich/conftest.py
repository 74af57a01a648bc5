"""The real model and the real rules, loaded once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsman.enrich.core import Findings, Knowledge, look
from newsman.enrich.gazetteer import load_gazetteer
from newsman.enrich.model import LANGUAGES, load_model
from newsman.enrich.names import load_names
from newsman.enrich.topics import load_topics
from newsman_schemas.articles import Article


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    find_names, version = load_model()
    return Knowledge(load_gazetteer(), load_names(), load_topics(), find_names, LANGUAGES, version)


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
