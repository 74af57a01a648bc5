"""Enrichment as a pure function of the article and what finds names in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsman.enrich.entities import merge
from newsman.enrich.gazetteer import Gazetteer
from newsman.enrich.mentions import Field, Finder, Mention
from newsman.enrich.names import Names
from newsman.enrich.topics import Topic, tags
from newsman_schemas.articles import Article, EnrichedArticle, Enrichment, Entity, PubStatus, Tag

MAX_CHARACTERS = 200_000
"""A text longer than this is read up to here; no article is that long."""
MODEL_CHARACTERS = 30_000
"""The model reads about 60 000 characters a second, and an article has two seconds."""


@dataclass(frozen=True)
class Findings:
    """What was found in an article."""

    tags: tuple[Tag, ...]
    entities: tuple[Entity, ...]
    method: str


@dataclass(frozen=True)
class Knowledge:
    """What enrichment goes by; `find_names` is the model, for the languages it knows."""

    gazetteer: Gazetteer
    names: Names
    topics: Sequence[Topic]
    find_names: Finder
    languages: frozenset[str]
    method: str


def look(article: Article, knowledge: Knowledge) -> Findings:
    """The tags and entities of the article."""
    texts: dict[Field, str] = {
        "headline": article.headline,
        "body_text": article.body_text[:MAX_CHARACTERS],
    }
    mentions: list[Mention] = []
    for field, text in texts.items():
        mentions += knowledge.gazetteer.find(field, text)
        # A model trained on running text takes capitals for anything.
        if speaks(article, knowledge.languages) and not text.isupper():
            mentions += knowledge.find_names(field, _beginning(text))
    entities = merge(mentions, texts, knowledge.gazetteer, knowledge.names)
    return Findings(tags(article, knowledge.topics), entities, knowledge.method)


def speaks(article: Article, languages: frozenset[str]) -> bool:
    """Whether the article is in one of the languages; one that names none is taken as English."""
    return (article.language or "en").partition("-")[0].lower() in languages


def needs_no_enrichment(article: Article) -> bool:
    """A kill carries nothing to read."""
    return article.pubstatus is PubStatus.CANCELED


def enriched(
    article: Article, findings: Findings, *, languages: frozenset[str], duration_ms: float
) -> EnrichedArticle:
    """The article with what was found; honest about what no model has read."""
    missing = _missing(article, languages)
    enrichment = Enrichment(
        status="partial" if missing else "done",
        detail=missing,
        method=findings.method,
        duration_ms=duration_ms,
    )
    return _with(article, enrichment, findings.tags, findings.entities)


def _missing(article: Article, languages: frozenset[str]) -> str | None:
    if not speaks(article, languages):
        return f"no model for {article.language}; known names and topics only"
    if len(article.body_text) > MODEL_CHARACTERS:
        return f"the model read the first {MODEL_CHARACTERS} characters; known names in the rest"
    return None


def _beginning(text: str) -> str:
    """What the model reads of a text: whole sentences, so that no name is cut in two."""
    head = text[:MODEL_CHARACTERS]
    if len(head) == len(text):
        return text
    return head[: max(head.rfind(". "), head.rfind("\n")) + 1] or head


def unenriched(
    article: Article, *, failed: bool, detail: str, method: str, duration_ms: float
) -> EnrichedArticle:
    """The article as it came, saying why nothing was added."""
    enrichment = Enrichment(
        status="failed" if failed else "skipped",
        detail=detail,
        method=method,
        duration_ms=duration_ms,
    )
    return _with(article, enrichment, (), ())


def _with(
    article: Article,
    enrichment: Enrichment,
    tags: tuple[Tag, ...],
    entities: tuple[Entity, ...],
) -> EnrichedArticle:
    own = {name: getattr(article, name) for name in Article.model_fields}
    return EnrichedArticle.model_construct(
        **own, tags=tags, entities=entities, enrichment=enrichment
    )
