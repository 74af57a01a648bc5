"""Articles as the store holds them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.markup.sanitise import sanitise
from newsman.outputs.listing import Listing, Site, Tombstone
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import Author, EnrichedArticle, Enrichment, Entity, Image, Tag

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

TYPES = ("person", "place", "organisation", "event", "work")

NAUGHTY = (
    "</script><script>alert(1)</script>",
    "<!-- <script> ]]> &amp; &lt;b&gt;",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "null byte \x00 bell \x07 escape \x1b form feed \x0c",
    "not a character \ufffe \uffff and next line \x85",
    "right to left ‮txt.exe and zero\u200bwidth",
    "line\u2028separator and paragraph\u2029separator",
    "a\r\nHeader: injected\n\ndata: more",
    "𝓝𝓮𝔀𝓼 👩‍👩‍👧‍👦 ﷽ Ω≈ç√∫ 社會科學院",
    "' OR 1=1 -- %s %n %x ../../etc/passwd \\",
    "\t \u3000 \u00a0 …",
)


@pytest.fixture
def site() -> Site:
    return Site("https://news.example", "The Example")


@pytest.fixture
def stored() -> Callable[..., StoredArticle]:
    """A published article; keywords replace its fields."""

    def build(revision: int = 1, **fields) -> StoredArticle:
        values = {
            "id": "abcdefghijklmnop",
            "source": "demo",
            "uri": "urn:test:1",
            "version_created": NOW,
            "headline": "A bridge opens",
            "slug": "a-bridge-opens",
            "enrichment": Enrichment(status="done", method="test", duration_ms=1),
        }
        article = EnrichedArticle(**{**values, **fields})
        return StoredArticle(article, revision, int(NOW.timestamp() * 1000), ())

    return build


@pytest.fixture
def hostile(stored) -> Callable[[str], StoredArticle]:
    """An article that holds the text in every field that readers see, but the clean body."""

    def build(text: str) -> StoredArticle:
        return stored(
            headline=text,
            subheadline=text,
            byline=text,
            section=text,
            located=text,
            summary=text,
            body_text=text,
            body_html="<p>Clean.</p>",
            editorial_note=text,
            copyright=text,
            usage_terms=text,
            language=text[:35],
            tags=(Tag(name=text, slug="t", scheme=text, confidence=1, method="t"),),
            entities=(
                Entity(name=text, slug="e", type="person", mentions=1, confidence=1, method="t"),
            ),
        )

    return build


@pytest.fixture
def naughty_strings(request) -> tuple[str, ...]:
    """The project's own, and the shared list where it is there."""
    path = request.config.rootpath.parent / "shared" / "data" / "hostile" / "blns.json"
    listed = json.loads(path.read_text()) if path.exists() else []
    return (*NAUGHTY, *(text[:200] for text in listed if text))


@pytest.fixture
def everything(hostile, stored, naughty_strings) -> Listing:
    """A listing with an article for each naughty string, which stands in all its fields, one that
    says nothing, and what is gone."""
    articles = []
    for text in naughty_strings:
        article = hostile(text).article.model_copy(
            update={
                "body_html": sanitise(f"<p>{text}</p>{text}"),
                "keywords": (text,),
                "authors": (Author(name=text),),
                "images": (Image(href="https://x.example/?a=1&b=2", caption=text, credit=text),),
                "canonical_url": "https://desk.example/?a=1&b=<2>",
                "uri": text,
                "urgency": 9,
                "extra": {text: text},
                "tags": (
                    Tag(name=text, slug="t", scheme=text, confidence=1, method="t"),
                    Tag(name=text, slug="m", code="medtop:04000000", confidence=1, method="t"),
                ),
                "entities": tuple(
                    Entity(name=text, slug="e", type=kind, mentions=1, confidence=1, method="t")
                    for kind in TYPES
                ),
            }
        )
        articles.append(stored(**dict(article)))
    gone = (
        Tombstone("g" * 16, naughty_strings[0], 0, NOW, "killed"),
        Tombstone("h" * 16, None, 3, NOW, "withdrawn"),
    )
    return Listing(
        naughty_strings[0],
        "/sections/x",
        "/sections/x",
        (*articles, stored()),
        query="?a=1&b=2",
        tombstones=gone,
        more=("before", "1-a"),
        since="0.1",
    )
