"""The place of the event: the newsroom's word, the scene that a lead names, the dateline, or
the first place that a lead is set in."""

import re
from collections.abc import Mapping, Sequence

from newsman.enrich.entities.mentions import Field
from newsman.enrich.text.datelines import find_dateline
from newsman.enrich.text.sentences import sentences
from newsman_schemas.articles import Article, Entity, Span, Tag
from newsman_schemas.names.slugs import slugify

METHOD = "place rules 2"
LEAD_CHARACTERS = 600

_NOT_SET_IN = re.compile(
    r"\bfrom (?:[A-ZÀ-Þ][\w’-]* ){1,3}to (?:the )?$|, (?:aged )?\d{2}, (?:of|from) (?:the )?$",
)
"""The end of a way, which nothing may have reached; and where somebody lives."""
_JOINED = re.compile(r"(?:,? and|,? or| &) (?:the )?")
_LISTED = re.compile(r"(?:,|,? and|,? or| &) (?:the )?")
"""Between two places of a list; between countries and regions a comma is enough."""
_PRESS_WIRE = re.compile(
    r"PR\s?Newswire|Business\s?Wire|Globe\s?Newswire|Accesswire|Newsfile", re.I
)
"""Senders of press releases: their datelines say where the sender sits."""
_SET_IN = re.compile(
    r"\b(?:in|at|near|outside|around|across|of|island of|city of|to)\s+(?:the\s)?$", re.IGNORECASE
)
_WEIGHTS = {"headline": 1.5, "body_text": 1.0}
SCENE_CHARACTERS = 220
"""Behind a dateline, where the event is said to have been elsewhere: the reporter was not there."""
_SCENE = re.compile(
    r"\b(?:in|at|near|off|outside)\s(?:the\s)?(?:[\w-]{1,20}\s){0,2}$|"
    r"\b(?:province|region|district|prefecture|state|town|city|village|port|island) of\s$"
)
_AREAS = {"iso3166-1", "iso3166-2"}
LONGEST_GAP = 12
SET_IN, REPEATED, LEAST_SCORE = 1.5, 0.2, 1.2


def event_place(article: Article, entities: Sequence[Entity]) -> Tag | None:
    """The place as a tag (its code is the place's identifier), or None."""
    places = [entity for entity in entities if entity.type == "place"]
    if article.located:
        place = _named(places, article.located)
        return _tag(article.located, place, 1.0, "newsroom", ())
    found = _by_dateline(article, places) or _by_lead(article, places)
    return None if found and _is_of_a_sender(article, found) else found


def _is_of_a_sender(article: Article, place: Tag) -> bool:
    """True of the place in the dateline of a press release, which is where its sender sits."""
    dateline = find_dateline(article.body_text)
    if dateline is None:
        return False
    head = article.body_text[dateline.start : dateline.end]
    return _PRESS_WIRE.search(head) is not None and place.name.casefold() in head.casefold()


def _by_dateline(article: Article, places: Sequence[Entity]) -> Tag | None:
    """The known place that the dateline names, or the scene that the lead sets elsewhere."""
    dateline = find_dateline(article.body_text)
    if dateline is None:
        return None
    start, end = dateline.place
    place = _named(places, article.body_text[start:end])
    if place is None or start == end:
        return None
    if place.mentions == 1 and (scene := _scene(article.body_text, dateline.end, places)):
        return scene
    span = Span(field="body_text", start=start, end=end)
    return _tag(place.name, place, 0.9, METHOD, (span,))


def _scene(text: str, start: int, places: Sequence[Entity]) -> Tag | None:
    """The first place, no country, that the sentence behind the dateline says "near" or "in" of."""
    lead = next(iter(sentences(text[start : start + SCENE_CHARACTERS])), "")
    end = text.find(lead, start) + len(lead)
    found = [
        (span.start, place.name, place, span)
        for place in places
        for span in place.evidence
        if place.scheme != "iso3166-1" and span.field == "body_text"
        if start <= span.start < end
        if _SCENE.search(text[max(start, span.start - 60) : span.start])
    ]
    if not found:
        return None
    _, name, place, span = min(found, key=lambda each: each[:2])
    return _tag(name, place, 0.8, METHOD, (span,))


def _by_lead(article: Article, places: Sequence[Entity]) -> Tag | None:
    """The place of the highest score, if that is high enough."""
    scores = {place.slug: _score(place, places, article) for place in places}
    ranked = sorted(places, key=lambda place: (-scores[place.slug], place.name))
    if not ranked or scores[ranked[0].slug] < LEAST_SCORE:
        return None
    best = ranked[0]
    return _tag(best.name, best, 0.6, METHOD, best.evidence[:1])


def _named(places: Sequence[Entity], name: str) -> Entity | None:
    return next((place for place in places if _is_named(place, name)), None)


def _listed_with(place: Entity, places: Sequence[Entity], texts: Mapping[Field, str]) -> set[Span]:
    """The mentions of a place that are listed with others of its kind, so that nothing happened in
    just one of them: "sales in China and Brazil grew"."""
    gap = _LISTED if place.scheme in _AREAS else _JOINED
    others = [s for p in places if p is not place and p.scheme == place.scheme for s in p.evidence]
    return {
        span
        for span in place.evidence
        for other in others
        if other.field == span.field
        and 0 < max(other.start, span.start) - min(other.end, span.end) < LONGEST_GAP
        and gap.fullmatch(
            texts[span.field][min(other.end, span.end) : max(other.start, span.start)]
        )
    }


def _score(place: Entity, places: Sequence[Entity], article: Article) -> float:
    texts: dict[Field, str] = {"headline": article.headline, "body_text": article.body_text}
    listed = _listed_with(place, places, texts)
    score = REPEATED * min(place.mentions, 5)
    for span in place.evidence:
        if span.field == "body_text" and span.start > LEAD_CHARACTERS:
            continue
        before = texts[span.field][max(0, span.start - 60) : span.start]
        is_set_in = _SET_IN.search(before) is not None and span not in listed
        is_set_in = is_set_in and not _NOT_SET_IN.search(before)
        earliness = 1 - span.start / LEAD_CHARACTERS / 2 if span.field == "body_text" else 1.0
        score += earliness * _WEIGHTS[span.field] * (SET_IN if is_set_in else 0.3)
        # A town says more about where it was than its country.
        score += 0.5 * (is_set_in and place.scheme != "iso3166-1")
    return score


def _is_named(place: Entity, name: str) -> bool:
    wanted = name.partition(",")[0].strip().casefold()
    return wanted in {place.name.casefold(), *(alias.casefold() for alias in place.aliases)}


def _tag(
    name: str, place: Entity | None, confidence: float, method: str, evidence: tuple[Span, ...]
) -> Tag:
    return Tag(
        name=name,
        slug=slugify(name) or "unnamed",
        code=place.identifier if place else None,
        scheme=place.scheme if place else None,
        confidence=confidence,
        method=method,
        evidence=evidence,
    )
