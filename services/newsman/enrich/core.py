"""Enrichment as a pure function of the article and what finds names in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.merge import merge
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.passages import Finder, lead_passages, open_passages
from newsman.enrich.identity.listed_cities import find_listed_cities
from newsman.enrich.identity.unexplained import find_unexplained
from newsman.enrich.own_names.in_text import OwnMentions, own_mentions, without_hidden
from newsman.enrich.own_names.index import NOTHING_FOUND, FoundNames
from newsman.enrich.stories.minhash import signature
from newsman.enrich.tags.event_place import event_place
from newsman.enrich.tags.genres import genre
from newsman.enrich.tags.keyphrases import keyphrases
from newsman.enrich.tags.media_topic_rules import Topics
from newsman.enrich.tags.sections import SectionModel
from newsman.enrich.tags.tagging import tags
from newsman.enrich.text.language_detection import Detect, Spoken, spoken
from newsman.enrich.text.languages import LANGUAGES
from newsman.enrich.text.readability import reading_seconds
from newsman.enrich.text.sentences import words
from newsman.enrich.text.summary import summarise
from newsman.enrich.text.true_case import in_true_case
from newsman_schemas.article_rules import is_kill
from newsman_schemas.articles import (
    Article,
    EnrichedArticle,
    Enrichment,
    Entity,
    Reading,
    Tag,
)
from newsman_schemas.events import Value

MAX_CHARACTERS = 200_000
"""A text longer than this is read up to here; no article is that long."""
MODEL_CHARACTERS = 30_000
"""The model reads about 60 000 characters a second, and an article has two seconds."""
UNKNOWN = "en"
"""An article is taken for it where nothing speaks for another language."""


class Findings(Value):
    """Everything found in an article; `missing` says in words which parts no model has read."""

    tags: tuple[Tag, ...] = ()
    entities: tuple[Entity, ...] = ()
    keyphrases: tuple[Tag, ...] = ()
    genre: Tag | None = None
    event_place: Tag | None = None
    reading: Reading | None = None
    signature: tuple[int, ...] = ()
    missing: str | None = None
    method: str


@dataclass(frozen=True)
class Knowledge:
    """Models, lists and rules of enrichment; `finders` are the models, by the language each
    knows."""

    gazetteer: Gazetteer
    names: Names
    topics: Topics
    finders: Mapping[str, Finder]
    method: str
    detect: Detect | None = None
    detector: str = "no detection"
    sections: SectionModel | None = None


def readable(article: Article) -> dict[Field, str]:
    """The texts of an article in which names are found."""
    return {"headline": article.headline, "body_text": article.body_text[:MAX_CHARACTERS]}


def look(article: Article, knowledge: Knowledge, found: FoundNames = NOTHING_FOUND) -> Findings:
    """Everything that enrichment finds in the article, where the newsroom's own names were `found`
    already."""
    language = spoken(article, knowledge.detect, method=knowledge.detector)
    code = language.read_as(UNKNOWN)
    texts = readable(article)
    if code == "en":
        gazetteer = knowledge.gazetteer
        texts = in_true_case(
            texts,
            lambda word: gazetteer.get(word) is not None or word in gazetteer.demonyms,
            knowledge.names.first_names,
        )
    own = own_mentions(found, texts)
    mentions = _mentions(texts, knowledge, code, own)
    entities = merge(mentions, texts, knowledge.gazetteer, knowledge.names, own)
    return Findings(
        tags=tags(article, knowledge.topics, knowledge.sections),
        entities=entities,
        keyphrases=_keyphrases(article, entities, knowledge, code, own),
        genre=genre(article),
        event_place=event_place(article, entities),
        reading=_reading(article.headline, texts["body_text"], language, code),
        signature=signature(texts["body_text"]),
        missing=_missing(article, language, knowledge),
        method=knowledge.method,
    )


def _keyphrases(
    article: Article,
    entities: tuple[Entity, ...],
    knowledge: Knowledge,
    code: str | None,
    own: OwnMentions,
) -> tuple[Tag, ...]:
    """The words that hold phrases apart are known for English only."""
    if code != "en":
        return ()
    phrases = keyphrases(article, entities, knowledge.gazetteer.demonyms)
    shown = without_hidden({phrase.name for phrase in phrases}, own)
    return tuple(phrase for phrase in phrases if phrase.name in shown)


def _mentions(
    texts: Mapping[Field, str], knowledge: Knowledge, code: str | None, own: OwnMentions
) -> list[Mention]:
    mentions = [m for field, text in texts.items() for m in knowledge.gazetteer.find(field, text)]
    finder = knowledge.finders.get(code or "")
    if finder is None:
        return mentions
    mentions += finder(lead_passages(texts, most_characters=MODEL_CHARACTERS))
    settled = [*mentions, *own.named]
    mentions += finder(open_passages(texts, settled, most_characters=MODEL_CHARACTERS))
    if code == "en":
        names = knowledge.names
        mentions += find_unexplained(texts, knowledge.gazetteer, names)
        mentions += [
            m for field, text in texts.items() for m in find_listed_cities(field, text, names)
        ]
    return mentions


def _reading(headline: str, text: str, language: Spoken, code: str | None) -> Reading:
    count = len(words(text))
    supported = LANGUAGES.get(code or "")
    return Reading(
        summary=summarise(headline, text),
        words=count,
        seconds=reading_seconds(count),
        ease=supported.ease(text) if supported else None,
        language=language.code,
        language_confidence=language.confidence,
        language_method=language.method,
    )


def _missing(article: Article, language: Spoken, knowledge: Knowledge) -> str | None:
    code = language.read_as(UNKNOWN)
    if code is None:
        return "the language is not known; known names and topics only"
    if code not in knowledge.finders:
        return f"no model for {code}; known names and topics only"
    if language.code is None and article.body_text:
        return "the language is not known; read as English"
    if len(article.body_text) > MODEL_CHARACTERS:
        return f"the model read the first {MODEL_CHARACTERS} characters; known names in the rest"
    return None


def needs_no_enrichment(article: Article) -> bool:
    """A kill carries nothing to read."""
    return is_kill(article)


def enriched(article: Article, findings: Findings, *, duration_ms: float) -> EnrichedArticle:
    """The article with what was found; honest about what no model has read."""
    enrichment = Enrichment(
        status="partial" if findings.missing else "done",
        detail=findings.missing,
        method=findings.method,
        duration_ms=duration_ms,
    )
    return _with(article, findings, enrichment)


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
    return _with(article, Findings(method=method), enrichment)


def _with(article: Article, findings: Findings, enrichment: Enrichment) -> EnrichedArticle:
    own = {name: getattr(article, name) for name in Article.model_fields}
    return EnrichedArticle.model_construct(
        **own,
        tags=findings.tags,
        entities=findings.entities,
        keyphrases=findings.keyphrases,
        genre=findings.genre,
        event_place=findings.event_place,
        reading=findings.reading,
        enrichment=enrichment,
    )
