"""A site with keys, and what it publishes of one article."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsman.provenance.keys import make_key, read_signing_key
from newsman.provenance.statements import Sign, signer
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Enrichment, Stage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SITE = "https://news.example"
ID = "aaaaaaaaaaaaaaaa"


@pytest.fixture
def keys_file(tmp_path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def new_signer(tmp_path, keys_file) -> Callable[[str], Sign]:
    """Makes a key of a name, which takes the place of those before in a day; answers who signs."""

    def make(name: str, *, now: datetime = NOON) -> Sign:
        path = tmp_path / f"{name}.pem"
        make_key(path, keys_file, now=now, overlap=timedelta(days=1))
        return signer(SITE, read_signing_key(path))

    return make


def article(**fields) -> EnrichedArticle:
    values = {
        "id": ID,
        "source": "desk",
        "uri": "urn:desk:1",
        "version_created": NOON,
        "headline": "Harbour opens",
        "slug": "harbour-opens",
        "body_text": "It is open.",
        "extra": {"desk": "sea", "score": 1.0, "none": None},
        "enrichment": Enrichment(status="done", method="test", duration_ms=1),
    }
    return EnrichedArticle.model_validate({**values, **fields})


def published(revision: int = 1, *, at: datetime = NOON, **fields) -> ArticlePublished:
    """The event of a revision; a kill where `article` is None."""
    shown = fields.pop("article", article(version=revision, **fields))
    action = "killed" if shown is None else "published" if revision == 1 else "updated"
    return ArticlePublished(
        event_id=f"event-{revision}",
        occurred_at=at + timedelta(seconds=5),
        action=action,
        revision=revision,
        article_id=ID,
        source="desk",
        uri="urn:desk:1",
        version=revision,
        article=shown,
        trail=(Stage(stage=action, service="publish", at=at, version=revision),),
    )
