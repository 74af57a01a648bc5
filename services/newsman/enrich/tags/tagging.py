"""An article's tags by precedence: the newsroom's codes and keywords, its section, a trained
model, then the rules. What comes first is never overwritten by what comes after."""

from collections.abc import Mapping

from newsman.enrich.tags.media_topic_rules import Topics, rule_tags, topic_tag
from newsman.enrich.tags.media_topics import PREFIX, SCHEME, Concept, plain_code
from newsman.enrich.tags.sections import SectionModel
from newsman_schemas.articles import Article, Subject, Tag
from newsman_schemas.names.slugs import slugify

NEWSROOM = "newsroom"
SECTION = "newsroom section"
SECTION_CONFIDENCE = 0.9
SECTION_SCHEME = "section"


def tags(article: Article, topics: Topics, sections: SectionModel | None) -> tuple[Tag, ...]:
    """Every tag once, under its slug and its code, by whoever has the first word on it."""
    vocabulary = topics.vocabulary
    own_tags = [tag for s in article.subjects if (tag := _by_subject(s, vocabulary))]
    own_tags += [_by_keyword(keyword) for keyword in article.keywords if slugify(keyword)]
    own_tags += _by_section(article, topics)
    if sections is not None and article.section is None:
        own_tags += _by_model(article, sections)
    return _first_word([*own_tags, *_by_rules(article, topics, own_tags)])


def _by_rules(article: Article, topics: Topics, own_tags: list[Tag]) -> list[Tag]:
    """Tags by the rules; those of the first level only where no topic was named before."""
    by_rules = rule_tags(article, topics)
    if not _codes(own_tags, topics.vocabulary):
        return by_rules
    return [tag for tag in by_rules if not _is_first_level(tag, topics.vocabulary)]


def _first_word(tags: list[Tag]) -> tuple[Tag, ...]:
    by_slug: dict[str, Tag] = {}
    codes: set[str] = set()
    for tag in tags:
        code = plain_code(tag.code) if tag.scheme else None
        if tag.slug not in by_slug and (code is None or code not in codes):
            by_slug[tag.slug] = tag
            codes |= {code} if code else set()
    return tuple(by_slug.values())


def _codes(tags: list[Tag], vocabulary: Mapping[str, Concept]) -> set[str]:
    """The Media Topics that a newsroom named; bare digits without a scheme may be anything."""
    codes = (plain_code(tag.code) for tag in tags if _is_media_topic(tag))
    return {code for code in codes if code is not None and code in vocabulary}


def _is_media_topic(tag: Tag) -> bool:
    return (tag.code or "").startswith((PREFIX, SCHEME)) or tag.scheme == SCHEME


def _is_first_level(tag: Tag, vocabulary: Mapping[str, Concept]) -> bool:
    code = plain_code(tag.code)
    return code is not None and vocabulary[code].broader is None


def _by_subject(subject: Subject, vocabulary: Mapping[str, Concept]) -> Tag | None:
    """A subject under its own name, or, if a Media Topic comes without one, under the IPTC's."""
    name = subject.name
    if not name and (subject.code or "").startswith((PREFIX, SCHEME)):
        concept = vocabulary.get(plain_code(subject.code) or "")
        name = concept.name if concept else None
    if not name:
        return None
    return Tag(
        name=name,
        slug=slugify(name) or "unnamed",
        code=subject.code,
        scheme=subject.scheme,
        confidence=1.0,
        method=NEWSROOM,
    )


def _by_keyword(keyword: str) -> Tag:
    return Tag(name=keyword, slug=slugify(keyword), confidence=1.0, method=NEWSROOM)


def _by_section(article: Article, topics: Topics) -> list[Tag]:
    section = (article.section or "").casefold()
    return [
        topic_tag(topics.vocabulary[topic.code], SECTION_CONFIDENCE, SECTION)
        for topic in topics.ruled
        if section in topic.sections
    ]


def _by_model(article: Article, sections: SectionModel) -> list[Tag]:
    guess = sections.guess(f"{article.headline}\n{article.body_text}")
    if guess is None:
        return []
    return [
        Tag(
            name=guess.section,
            slug=slugify(guess.section) or "unnamed",
            scheme=SECTION_SCHEME,
            confidence=guess.confidence,
            method=sections.method,
        )
    ]
