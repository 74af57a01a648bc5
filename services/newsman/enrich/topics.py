"""IPTC Media Topics by rules: the words that speak for each, and the topics' own names."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsman.enrich.data_files import cells, rows
from newsman.enrich.vocabulary import PREFIX, SCHEME, Concept, first_level, load_vocabulary
from newsman.slugs import slugify
from newsman_schemas.articles import Article, Span, Tag

RULES = "topic rules 2"
MAX_RULE_TAGS = 7
MAX_FIRST_LEVEL = 2
LEAST_SCORE = 3.0
LEAST_FIRST_LEVEL = 3.0
SECOND_SHARE = 0.7
HEADLINE_WEIGHT = 2.5
NAME_WEIGHT = 2.0
"""A topic's own name says more than one word that speaks for it."""
MAX_EVIDENCE = 20
FIRST_LEVEL_WEIGHT = 0.5
"""What a narrower topic's score counts for the first level above it, beyond that one's own "
"words."""


@dataclass(frozen=True)
class Topic:
    """A topic, the sections that mean it, and the words that speak for it."""

    code: str
    name: str
    sections: frozenset[str]
    pattern: "re.Pattern[str]"


@dataclass(frozen=True)
class Topics:
    """The topics with rules, and the whole vocabulary with a pattern of its names."""

    ruled: Sequence[Topic]
    vocabulary: Mapping[str, Concept]
    names: Mapping[str, str]
    name_pattern: "re.Pattern[str]"


@dataclass(frozen=True)
class Scored:
    """How strongly an article speaks for a topic, and where."""

    code: str
    score: float
    evidence: tuple[Span, ...]


def load_topics() -> Topics:
    """The rules and names that come with Newsman."""
    vocabulary = load_vocabulary()
    ruled = tuple(
        Topic(code, name, frozenset(cells(sections)), _pattern(cells(words)))
        for code, name, sections, words in rows("topics.psv", 4)
    )
    covered = {topic.code for topic in ruled}
    names = {
        concept.name.casefold(): code
        for code, concept in vocabulary.items()
        if code not in covered and _is_telling(concept)
    }
    return Topics(ruled, vocabulary, names, _pattern(list(names)))


def _is_telling(concept: Concept) -> bool:
    """Whether a text that uses the name is likely about it: no "nature", no "law"."""
    return concept.broader is not None and (" " in concept.name or len(concept.name) >= 8)


def score_topics(article: Article, topics: Topics) -> list[Scored]:
    """Every topic that anything speaks for, the strongest first."""
    found = [_score(topic.code, topic.pattern, article) for topic in topics.ruled]
    found += _scores_of_names(article, topics)
    strong = [scored for scored in found if scored.score > 0]
    return sorted(strong, key=lambda scored: (-scored.score, scored.code))


def rule_tags(article: Article, topics: Topics) -> list[Tag]:
    """The topics of the first level that most speaks for, then the strongest below."""
    scored = score_topics(article, topics)
    below = [s for s in scored if topics.vocabulary[s.code].broader and s.score >= LEAST_SCORE]
    first = _first_level(scored, topics)
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


def _first_level(scored: Sequence[Scored], topics: Topics) -> list[Scored]:
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
        if sums[code] >= LEAST_FIRST_LEVEL and sums[code] >= SECOND_SHARE * sums[ranked[0]]
    ]
    return [Scored(code, sums[code], evidence[code][:MAX_EVIDENCE]) for code in enough]


def _score(code: str, pattern: "re.Pattern[str]", article: Article) -> Scored:
    """Each different word counts once, and more where the headline says it."""
    weights: dict[str, float] = {}
    spans: list[Span] = []
    repeats = 0
    for weight, word, span in _matches(pattern, article):
        repeats += word in weights
        weights.setdefault(word, weight)
        spans.append(span)
    return Scored(code, sum(weights.values()) + min(repeats, 4) * 0.25, tuple(spans[:MAX_EVIDENCE]))


def _scores_of_names(article: Article, topics: Topics) -> list[Scored]:
    weights: dict[str, float] = defaultdict(float)
    spans: dict[str, list[Span]] = defaultdict(list)
    for weight, word, span in _matches(topics.name_pattern, article):
        code = topics.names[re.sub(r"\s+", " ", word)]
        more = 0.5 if code in weights else weight * NAME_WEIGHT
        weights[code] += more
        spans[code].append(span)
    return [Scored(code, weights[code], tuple(spans[code][:MAX_EVIDENCE])) for code in weights]


def _matches(pattern: "re.Pattern[str]", article: Article) -> Iterator[tuple[float, str, Span]]:
    for match in pattern.finditer(article.headline):
        span = Span(field="headline", start=match.start(), end=match.end())
        yield HEADLINE_WEIGHT, match.group().casefold(), span
    for match in pattern.finditer(article.body_text):
        span = Span(field="body_text", start=match.start(), end=match.end())
        yield 1.0, match.group().casefold(), span


def _pattern(words: Sequence[str]) -> "re.Pattern[str]":
    spelled = [
        re.escape(word.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in sorted(words, key=len, reverse=True)
        if word
    ]
    return re.compile(r"\b(?:" + "|".join(spelled) + r")\b", re.IGNORECASE)
