"""IPTC Media Topics by the newsroom's word first, then by rules over the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsman.enrich.data_files import read_data
from newsman.slugs import slugify
from newsman_schemas.articles import Article, Span, Tag

SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"
RULES = "topic rules 1"
MAX_RULE_TAGS = 5
LEAST_SCORE = 3.0
HEADLINE_WEIGHT = 2.5
SECTION_CONFIDENCE = 0.9
MAX_EVIDENCE = 20


@dataclass(frozen=True)
class Topic:
    """A topic, the sections that mean it, and the words that speak for it."""

    code: str
    name: str
    sections: frozenset[str]
    pattern: "re.Pattern[str]"


def load_topics() -> tuple[Topic, ...]:
    """The topics that have rules."""
    rows = [line.split("|") for line in read_data("topics.psv").splitlines()]
    return tuple(
        Topic(code, name, frozenset(filter(None, sections.split(","))), _pattern(words.split(",")))
        for code, name, sections, words in (row for row in rows if not row[0].startswith("#"))
    )


def tags(article: Article, topics: Sequence[Topic]) -> tuple[Tag, ...]:
    """The newsroom's own subjects and keywords, its section's topic, then the rules' topics."""
    found = [_by_subject(s.name, s.code, s.scheme) for s in article.subjects if s.name]
    found += [_by_keyword(keyword) for keyword in article.keywords if slugify(keyword)]
    found += _by_section(article, topics)
    found += _by_rules(article, topics)
    return tuple({tag.slug: tag for tag in reversed(found)}.values())[::-1]


def _by_subject(name: str, code: str | None, scheme: str | None) -> Tag:
    return Tag(
        name=name,
        slug=slugify(name) or "unnamed",
        code=code,
        scheme=scheme,
        confidence=1.0,
        method="newsroom",
    )


def _by_keyword(keyword: str) -> Tag:
    return Tag(name=keyword, slug=slugify(keyword), confidence=1.0, method="newsroom")


def _by_section(article: Article, topics: Sequence[Topic]) -> list[Tag]:
    section = (article.section or "").casefold()
    return [
        _tag(topic, SECTION_CONFIDENCE, "newsroom section", ())
        for topic in topics
        if section in topic.sections
    ]


def _by_rules(article: Article, topics: Sequence[Topic]) -> list[Tag]:
    scored = [(topic, *_score(topic, article)) for topic in topics]
    strong = [entry for entry in scored if entry[1] >= LEAST_SCORE]
    strong.sort(key=lambda entry: (-entry[1], entry[0].code))
    return [
        _tag(topic, round(min(0.95, 0.5 + score / 20), 2), RULES, spans)
        for topic, score, spans in strong[:MAX_RULE_TAGS]
    ]


def _score(topic: Topic, article: Article) -> tuple[float, tuple[Span, ...]]:
    """Each different word counts once, and more where the headline says it."""
    weights: dict[str, float] = {}
    spans: list[Span] = []
    for match in topic.pattern.finditer(article.headline):
        weights[match.group().casefold()] = HEADLINE_WEIGHT
        spans.append(Span(field="headline", start=match.start(), end=match.end()))
    repeats = 0
    for match in topic.pattern.finditer(article.body_text):
        word = match.group().casefold()
        repeats += word in weights
        weights.setdefault(word, 1.0)
        spans.append(Span(field="body_text", start=match.start(), end=match.end()))
    return sum(weights.values()) + min(repeats, 4) * 0.25, tuple(spans[:MAX_EVIDENCE])


def _tag(topic: Topic, confidence: float, method: str, evidence: tuple[Span, ...]) -> Tag:
    return Tag(
        name=topic.name,
        slug=slugify(topic.name),
        code=f"medtop:{topic.code}",
        scheme=SCHEME,
        confidence=confidence,
        method=method,
        evidence=evidence,
    )


def _pattern(words: Sequence[str]) -> "re.Pattern[str]":
    spelled = [
        re.escape(word.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in sorted(words, key=len, reverse=True)
        if word
    ]
    return re.compile(r"\b(?:" + "|".join(spelled) + r")\b", re.IGNORECASE)
