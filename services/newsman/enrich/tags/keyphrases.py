"""Keyphrases that read like tags: repeated phrases of content words, the headline's first."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from newsman.enrich.entities.mentions import Field
from newsman.enrich.text.common_words import COMMON_WORDS
from newsman_schemas.articles import Article, Entity, Span, Tag
from newsman_schemas.names.slugs import slugify

METHOD = "keyphrases 2"
MAX_PHRASES = 6
MAX_WORDS = 3
READ_CHARACTERS = 20_000
LEAST_SPANS = {True: 2, False: 3}
"""How often phrases of several words, and single words, must stand in the article."""
HEADLINE_WEIGHT = 1.5
MAX_EVIDENCE = 10

_NO_PHRASES = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun cent cents able "
    "unable lord lady sir dame needs need likes seems seem gets getting goes looks thinks knows "
    "feels wants makes takes gives finds keeps puts shows comes runs sees tells asks tries helps "
    "becomes remains stays turns starts ends ago amid despite per via etc inc ltd corp plc gov sen "
    "rep prof hon rev col gen capt sgt det senator governor president professor lots bit lot "
    "whether yet ever maybe perhaps instead rather quite half dozen dozens hundreds thousands "
    "millions billions trillion pct percent bn mln whose there there’s that’s someone anyone "
    "everyone everything something anything nothing fact kind sort others spoke speaking called "
    "due ready sure true good better big bigger biggest small high higher low lower main".split()
)
"""Abbreviations, titles, and words that say nothing by themselves."""

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def keyphrases(
    article: Article, entities: Sequence[Entity], demonyms: Collection[str]
) -> tuple[Tag, ...]:
    """A few phrases with evidence, none of them a name that is an entity already."""
    places = _places(article, entities)
    national = _any_of(frozenset(demonyms))
    score = {
        phrase: _score(phrase, spans)
        for phrase, spans in places.items()
        if len(spans) >= LEAST_SPANS[" " in phrase] and not national.search(phrase)
    }
    ranked = sorted(score, key=lambda phrase: (-score[phrase], phrase))
    return tuple(
        Tag(
            name=phrase,
            slug=slugify(phrase),
            confidence=round(min(0.9, 0.4 + score[phrase] / 20), 2),
            method=METHOD,
            evidence=tuple(places[phrase][:MAX_EVIDENCE]),
        )
        for phrase in _apart(ranked)[:MAX_PHRASES]
        if slugify(phrase)
    )


@lru_cache(maxsize=1)
def _any_of(demonyms: frozenset[str]) -> re.Pattern[str]:
    """Matches any of the words, in small letters, wherever it stands."""
    return re.compile("|".join(re.escape(demonym.casefold()) for demonym in demonyms) or r"(?!)")


def _places(article: Article, entities: Sequence[Entity]) -> dict[str, list[Span]]:
    """The spans of each phrase, outside those of entities."""
    taken = _taken(entities)
    places: dict[str, list[Span]] = defaultdict(list)
    texts: dict[Field, str] = {"headline": article.headline, "body_text": article.body_text}
    for field, text in texts.items():
        for phrase, start, end in _found(text[:READ_CHARACTERS]):
            if taken[field].isdisjoint(range(start, end)):
                places[phrase].append(Span(field=field, start=start, end=end))
    return places


def _score(phrase: str, spans: Sequence[Span]) -> float:
    """The phrase's weight: higher for frequent phrases, in the headline, and of several words."""
    is_in_headline = any(span.field == "headline" for span in spans)
    return (len(spans) + HEADLINE_WEIGHT * is_in_headline) * (1 + 0.6 * phrase.count(" "))


def _found(text: str) -> Iterable[tuple[str, int, int]]:
    for start, end in _runs(text):
        yield from _phrases(text, start, end)


def _taken(entities: Iterable[Entity]) -> dict[Field, set[int]]:
    taken: dict[Field, set[int]] = {"headline": set(), "body_text": set()}
    for span in (span for entity in entities for span in entity.evidence):
        taken[span.field].update(range(span.start, span.end))
    return taken


def _runs(text: str) -> Iterable[tuple[int, int]]:
    """Stretches between punctuation."""
    start = 0
    for gap in re.finditer(r"[^\w\s’'-]+|\n+|\d+|$", text):
        yield start, gap.start()
        start = gap.end()


def _phrases(text: str, start: int, end: int) -> Iterable[tuple[str, int, int]]:
    """One to three neighbouring content words, in small letters, with where they stand."""
    content = [m if _is_content(m.group()) else None for m in _WORD.finditer(text, start, end)]
    for first, begin in enumerate(content):
        for length in range(1, MAX_WORDS + 1):
            window = content[first : first + length]
            if len(window) < length or begin is None or None in window:
                break
            last = window[-1]
            assert last is not None
            phrase = " ".join(text[begin.start() : last.end()].casefold().split())
            yield phrase, begin.start(), last.end()


@lru_cache(maxsize=20_000)
def _is_content(word: str) -> bool:
    plain = word.casefold().replace("'", "’")
    if (
        plain in COMMON_WORDS
        or plain in _NO_PHRASES
        or len(word) < 3
        or plain.endswith(("ly", "’s", "’t"))
    ):
        return False
    return not (len(plain) > 5 and plain.endswith(("ing", "ed")))


def _apart(ranked: Sequence[str]) -> list[str]:
    """Without phrases that share a word with a better one."""
    phrases: list[str] = []
    used: set[str] = set()
    for phrase in ranked:
        stems = {word.rstrip("s") for word in phrase.split()}
        if not stems & used:
            phrases.append(phrase)
            used |= stems
    return phrases
