"""IPTC Media Topics by rules: the words that speak for each, and the topics' own names."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsman.enrich.data_files import cells, rows
from newsman.enrich.entities.mentions import Field
from newsman.enrich.identity.score_lines import is_a_list_of_results
from newsman.enrich.tags.media_topics import PREFIX, SCHEME, Concept, first_level, load_vocabulary
from newsman.enrich.text.lexicon import Lexicon
from newsman_schemas.articles import Article, Span, Tag
from newsman_schemas.names.slugs import slugify

RULES = "topic rules 3"
MAX_RULE_TAGS = 7
MAX_FIRST_LEVEL = 2
LEAST_SCORE = 3.0
LEAST_FIRST_LEVEL = 3.0
LEAST_OF_A_FLASH, FLASH_CHARACTERS = 2.5, 200
"""Of a headline with hardly a text one telling word must be enough."""
SECOND_SHARE = 0.7
HEADLINE_WEIGHT = 2.5
NAME_WEIGHT = 2.0
"""A topic's own name says more than one word that speaks for it."""
MAX_EVIDENCE = 20
MAX_REPEATS, REPEAT_WEIGHT = 4, 0.25
READ_CHARACTERS = 50_000
FIRST_LEVEL_WEIGHT = 0.5
"""What a narrower topic's score counts for the first level above it, beyond that one's own "
"words."""


SPORT = "15000000"
SCORE_IN_HEADLINE, SCORE_IN_TEXT = 3.0, 1.5
_SCORE = re.compile(
    r"(?<![\w-])(?:\d-\d,?\s\d-\d|(?:beat|beats|by|win|wins|won|draw|drew|lead|led|lost|downs)\s"
    r"(?:[\w’'-]{1,20}\s){0,4}\d{1,3}-\d{1,3}|[A-ZÀ-Þ][\w’'-]{1,20}\s\d{1,3}-\d{1,3}\s[A-ZÀ-Þ])|"
    r"(?:^|\n)(?:[A-ZÀ-Þ][\w’'-]{1,20}\s){1,3}\d{1,3},\s(?:[A-ZÀ-Þ][\w’'-]{1,20}\s){1,3}\d{1,3}(?:\n|$)"
)
"""Scores: of sets, of a match behind a verb, and between two names."""


@dataclass(frozen=True)
class TopicRules:
    """A topic with rules, and the sections that mean it."""

    code: str
    name: str
    sections: frozenset[str]


@dataclass(frozen=True)
class Cue:
    """The topic that an entry of the lexicon speaks for; a topic's own name says more than a
    word."""

    code: str
    is_name: bool


@dataclass(frozen=True)
class Topics:
    """The topics with rules, the whole vocabulary, and the words that speak for topics."""

    ruled: Sequence[TopicRules]
    vocabulary: Mapping[str, Concept]
    lexicon: Lexicon[Cue]


@dataclass(frozen=True)
class Scored:
    """The strength with which an article speaks for a topic, and the places that do."""

    code: str
    score: float
    evidence: tuple[Span, ...]


def load_topics() -> Topics:
    """The rules and names that come with Newsman."""
    vocabulary = load_vocabulary()
    ruled, entries = [], []
    for code, name, sections, words in rows("topics.psv", 4):
        ruled.append(TopicRules(code, name, frozenset(cells(sections))))
        entries += [(word, Cue(code, is_name=False)) for word in dict.fromkeys(cells(words))]
    covered = {topic.code for topic in ruled}
    entries += [
        (concept.name, Cue(code, is_name=True))
        for code, concept in vocabulary.items()
        if code not in covered and _is_telling(concept)
    ]
    return Topics(tuple(ruled), vocabulary, Lexicon(entries))


def _is_telling(concept: Concept) -> bool:
    """True if a text that uses the name is likely about it: no "nature", no "law"."""
    return concept.broader is not None and (" " in concept.name or len(concept.name) >= 8)


def score_topics(article: Article, topics: Topics) -> list[Scored]:
    """Every topic that anything speaks for, the strongest first.

    Each different word counts once, more where the headline says it, and repeats a little.
    """
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    repeats: dict[str, int] = defaultdict(int)
    spans: dict[str, list[Span]] = defaultdict(list)
    for weight, cue, word, span in _matches(article, topics.lexicon):
        repeats[cue.code] += word in weights[cue.code]
        weights[cue.code].setdefault(word, weight * (NAME_WEIGHT if cue.is_name else 1.0))
        spans[cue.code].append(span)
    scores = [
        Scored(
            code,
            sum(words.values()) + min(repeats[code], MAX_REPEATS) * REPEAT_WEIGHT,
            tuple(spans[code][:MAX_EVIDENCE]),
        )
        for code, words in weights.items()
    ]
    return sorted(scores, key=lambda scored: (-scored.score, scored.code))


def rule_tags(article: Article, topics: Topics) -> list[Tag]:
    """The topics of the first level that most speaks for, then the strongest below."""
    scored = score_topics(article, topics)
    below = [s for s in scored if topics.vocabulary[s.code].broader and s.score >= LEAST_SCORE]
    is_flash = len(article.body_text) < FLASH_CHARACTERS
    first = _first_level(scored, topics, LEAST_OF_A_FLASH if is_flash else LEAST_FIRST_LEVEL)
    most = MAX_RULE_TAGS - len(first)
    return [_tag(s, topics) for s in (*first, *below[:most])]


def topic_tag(
    concept: Concept, confidence: float, method: str, evidence: tuple[Span, ...] = ()
) -> Tag:
    """A tag of the vocabulary."""
    return Tag(
        name=concept.name,
        slug=slugify(concept.name),
        code=f"{PREFIX}{concept.code}",
        scheme=SCHEME,
        confidence=confidence,
        method=method,
        evidence=evidence,
    )


def _tag(scored: Scored, topics: Topics) -> Tag:
    confidence = round(min(0.95, 0.5 + scored.score / 20), 2)
    return topic_tag(topics.vocabulary[scored.code], confidence, RULES, scored.evidence)


def _first_level(scored: Sequence[Scored], topics: Topics, least: float) -> list[Scored]:
    sums: dict[str, float] = defaultdict(float)
    evidence: dict[str, tuple[Span, ...]] = defaultdict(tuple)
    for each in scored:
        code = first_level(each.code, topics.vocabulary)
        sums[code] += each.score * (1.0 if each.code == code else FIRST_LEVEL_WEIGHT)
        evidence[code] += each.evidence
    ranked = sorted(sums, key=lambda code: (-sums[code], code))
    enough = [
        code
        for code in ranked[:MAX_FIRST_LEVEL]
        if sums[code] >= least and sums[code] >= SECOND_SHARE * sums[ranked[0]]
    ]
    return [Scored(code, sums[code], evidence[code][:MAX_EVIDENCE]) for code in enough]


def _matches(article: Article, lexicon: Lexicon[Cue]) -> Iterator[tuple[float, Cue, str, Span]]:
    headline, body = article.headline, article.body_text[:READ_CHARACTERS]
    for number, match in enumerate((_SCORE.search(headline), _SCORE.search(body))):
        if match is not None:
            field: Field = "body_text" if number else "headline"
            span = Span.model_construct(field=field, start=match.start(), end=match.end())
            is_telling = number == 0 or is_a_list_of_results(body[:FLASH_CHARACTERS])
            weight = SCORE_IN_HEADLINE if is_telling else SCORE_IN_TEXT
            yield weight, Cue(SPORT, is_name=False), "a score", span
    for cue, start, end in _telling(list(lexicon.find(headline))):
        span = Span.model_construct(field="headline", start=start, end=end)
        yield HEADLINE_WEIGHT, cue, headline[start:end].casefold(), span
    for cue, start, end in _telling(list(lexicon.find(body))):
        span = Span.model_construct(field="body_text", start=start, end=end)
        yield 1.0, cue, body[start:end].casefold(), span


def _telling(matches: Sequence[tuple[Cue, int, int]]) -> Iterator[tuple[Cue, int, int]]:
    """The matches but for words within a longer phrase that speaks for other topics only: a drone
    strike says nothing of labour."""
    codes: dict[int, set[str]] = defaultdict(set)
    lengths: dict[int, int] = defaultdict(int)
    for cue, start, end in matches:
        for place in {start, end - 1}:
            if end - start > lengths[place]:
                lengths[place], codes[place] = end - start, set()
            if end - start == lengths[place]:
                codes[place].add(cue.code)
    for cue, start, end in matches:
        is_longest = end - start >= max(lengths[start], lengths[end - 1])
        if is_longest or cue.code in codes[start] | codes[end - 1]:
            yield cue, start, end
