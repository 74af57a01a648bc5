"""Placing of an article in a story, as the original, a copy, an update or a follow-up."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from newsman.enrich.stories.minhash import similarity
from newsman.enrich.stories.wording import Weights, cosine
from newsman.enrich.text.sentences import words_apart
from newsman_schemas.articles import EnrichedArticle, Entity, Story

COPY = 0.55
"""Shares of shingles in common: what agencies' customers do to a text leaves more than this."""
UPDATE = 0.3
ALIKE_IN_WORDS = 0.4
"""Cosine, less for entities that only the later article has: rewrites and follow-ups have more."""
ALIKE_WITHOUT_NAMES = 0.6
LEAST_SHARED = 0.5
MOST_SALIENT = 6
TELLING_HEADLINE = 5
"""Two sources that choose the same so many telling words have one story, an excerpt perhaps."""
COUNTRIES = "iso3166-1"
NO_WORDS: Weights = MappingProxyType({})
_STOP = frozenset(
    "the a an and or of in on at to for from with by as is are was were be it its his her their "
    "this that "
    "after before over under new says say said will not no into out up more than who what how "
    "why".split()
)


@dataclass(frozen=True)
class RememberedArticle:
    """An earlier article, as far as it is remembered."""

    article_id: str
    source: str
    story: str
    signature: tuple[int, ...]
    entities: frozenset[str]
    headline: frozenset[str]
    words: Weights = field(default_factory=dict)


def describe(
    article: EnrichedArticle, signature: tuple[int, ...], story: str, words: Weights = NO_WORDS
) -> RememberedArticle:
    """The article as later ones will remember it."""
    return RememberedArticle(
        article_id=article.id,
        source=article.source,
        story=story,
        signature=signature,
        entities=frozenset(telling_entities(article.entities)),
        headline=frozenset(headline_words(article.headline)),
        words=words,
    )


def place(
    article: EnrichedArticle,
    signature: tuple[int, ...],
    remembered: Iterable[RememberedArticle],
    words: Weights = NO_WORDS,
) -> Story:
    """The article's story and its role there: copy or update, else follow-up, else original.

    `words` is the direction of its words (`wording.direction`), as of those remembered.
    """
    candidates = sorted(remembered, key=lambda each: each.article_id)
    if story := _by_text(article, signature, candidates):
        return story
    described = describe(article, signature, "", words)
    return (
        _by_headline(described, candidates)
        or _by_words(described, candidates)
        or Story(id=article.id, role="original")
    )


def _by_text(
    article: EnrichedArticle, signature: tuple[int, ...], candidates: Sequence[RememberedArticle]
) -> Story | None:
    """A copy or update of the article with the most similar text."""
    ranked = [(similarity(signature, each.signature), each) for each in candidates]
    alike, nearest = max(ranked, key=lambda pair: pair[0], default=(0.0, None))
    if nearest is None or alike < UPDATE:
        return None
    is_copy = alike >= COPY and nearest.source != article.source
    return Story(
        id=nearest.story,
        role="copy" if is_copy else "update",
        of=nearest.article_id,
        similarity=round(alike, 3),
    )


def _by_headline(
    described: RememberedArticle, candidates: Sequence[RememberedArticle]
) -> Story | None:
    """An update of the first article of another source with the same telling headline."""
    for each in candidates:
        if _has_headline_of(described, each):
            alike = round(similarity(described.signature, each.signature), 3)
            return Story(id=each.story, role="update", of=each.article_id, similarity=alike)
    return None


def _by_words(
    described: RememberedArticle, candidates: Sequence[RememberedArticle]
) -> Story | None:
    """A follow-up of the article with the most similar words and the same names."""
    ranked = [(_likeness(described, each), each) for each in candidates]
    strength, nearest = max(ranked, key=lambda pair: pair[0], default=(0.0, None))
    if nearest is None or strength < ALIKE_IN_WORDS:
        return None
    return Story(
        id=nearest.story,
        role="follow-up",
        of=nearest.article_id,
        similarity=round(min(strength, 1.0), 3),
    )


def telling_entities(entities: Sequence[Entity]) -> list[str]:
    """The slugs of those that the article is most about; countries are in every other story."""
    telling = [
        e
        for e in entities
        if e.scheme != COUNTRIES and e.type in {"person", "organisation", "event", "place"}
    ]
    telling.sort(key=lambda entity: (-(entity.salience or 0.0), entity.slug))
    return [entity.slug for entity in telling[:MOST_SALIENT]]


def headline_words(headline: str) -> list[str]:
    """The headline's telling words, their endings cut so that plural and tense matter less."""
    words = (w.casefold().removesuffix("'s").removesuffix("’s") for w in words_apart(headline))
    return [w[:6] for w in words if w not in _STOP and (len(w) > 2 or not w.isascii())]


def headline_place(article: RememberedArticle) -> str | None:
    """The bucket of articles with the same headline; None where the headline says too little."""
    if len(article.headline) < TELLING_HEADLINE:
        return None
    return f"{zlib.crc32(' '.join(sorted(article.headline)).encode()):08x}"


def _has_headline_of(article: RememberedArticle, other: RememberedArticle) -> bool:
    is_telling = len(article.headline) >= TELLING_HEADLINE
    return is_telling and article.headline == other.headline and article.source != other.source


def _likeness(article: RememberedArticle, other: RememberedArticle) -> float:
    """The cosine of the words, less where the later one is about others: a match of the same teams,
    another recall by the same companies."""
    alike = cosine(article.words, other.words)
    fewest = min(len(article.entities), len(other.entities))
    if fewest == 0:
        return alike if alike >= ALIKE_WITHOUT_NAMES else 0.0
    share = len(article.entities & other.entities) / fewest
    return alike * (1 + share) / 2 if share >= LEAST_SHARED else 0.0
