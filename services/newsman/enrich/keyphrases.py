"""Keyphrases that read like tags: repeated phrases of content words, the headline's first."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from newsman.slugs import slugify
from newsman_schemas.articles import Article, Entity, Span, Tag

METHOD = "keyphrases 1"
MAX_PHRASES = 6
MAX_WORDS = 3
READ_CHARACTERS = 20_000
LEAST_SPANS = {True: 2, False: 3}
"""How often phrases of several words, and single words, must stand in the article."""
HEADLINE_WEIGHT = 1.5
MAX_EVIDENCE = 10

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_STOP = frozenset(
    "a about above across after again against all almost alone along also although always am among "
    "amid an and another any anyone are around as ask asked at away back be became because "
    "become been before "
    "began behind being below between both but by call called came can come could day days did "
    "do does done "
    "down during each early either else end enough even ever every expect expected far few first "
    "five for "
    "four from full gave get give given go going gone good got great had half has have he held "
    "her here hers "
    "herself him himself his hour hours how however if in including instead into is it its "
    "itself just keep "
    "kept know known last late later least left less let like likely little long look made make "
    "makes making "
    "many may me mean might million more most move much must my near nearly need never new next "
    "night no nobody "
    "none nor not nothing now of off often old on once one only onto open opened or other others "
    "our out over "
    "own part pay per people percent place put quite rather reach reached read really right run "
    "said same saw say says "
    "second see seen set seven several shall she should show shown since six small so some "
    "someone soon "
    "still stop such take taken tell ten than that the their theirs them themselves then there "
    "these they "
    "thing things think third this those though three through time times to today together told "
    "too took toward "
    "towards tried try turn twice two under until up upon us use used very wait want wanted was "
    "way we week weeks "
    "well went were what when where whether which while who whole whom whose why will with "
    "within without "
    "won’t work would year years yes yet you your monday tuesday wednesday thursday friday "
    "saturday sunday "
    "january february march april june july august september october november december morning "
    "evening "
    "afternoon noon midnight month months hundred thousand billion didn’t don’t isn’t wasn’t "
    "doesn’t can’t "
    "couldn’t it’s i i’m mr mrs ms dr met according announced added agreed signed based started "
    "begins begin "
    "wants says ahead really minister president spokesman spokeswoman man woman men women "
    "child".split()
)


def keyphrases(
    article: Article, entities: Sequence[Entity], demonyms: Collection[str]
) -> tuple[Tag, ...]:
    """A few phrases with evidence, none of them a name that is an entity already."""
    taken = _taken(entities)
    places: dict[str, list[Span]] = defaultdict(list)
    for field, text in (("headline", article.headline), ("body_text", article.body_text)):
        for phrase, start, end in _found(text[:READ_CHARACTERS]):
            if not any((field, place) in taken for place in range(start, end)):
                span = {"field": field, "start": start, "end": end}
                places[phrase].append(Span.model_validate(span))
    national = [demonym.casefold() for demonym in demonyms]
    score = {
        phrase: _score(phrase, spans)
        for phrase, spans in places.items()
        if len(spans) >= LEAST_SPANS[" " in phrase] and not any(each in phrase for each in national)
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


def _score(phrase: str, spans: Sequence[Span]) -> float:
    """How often, more in the headline and for several words."""
    is_in_headline = any(span.field == "headline" for span in spans)
    return (len(spans) + HEADLINE_WEIGHT * is_in_headline) * (1 + 0.6 * phrase.count(" "))


def _found(text: str) -> Iterable[tuple[str, int, int]]:
    for start, end in _runs(text):
        yield from _phrases(text, start, end)


def _taken(entities: Iterable[Entity]) -> set[tuple[str, int]]:
    return {
        (span.field, place)
        for entity in entities
        for span in entity.evidence
        for place in range(span.start, span.end)
    }


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
            phrase = re.sub(r"\s+", " ", text[begin.start() : last.end()]).casefold()
            yield phrase, begin.start(), last.end()


def _is_content(word: str) -> bool:
    plain = word.casefold().replace("'", "’")
    if plain in _STOP or len(word) < 3 or plain.endswith(("ly", "’s", "’t")):
        return False
    return not (len(plain) > 5 and plain.endswith(("ing", "ed")))


def _apart(ranked: Sequence[str]) -> list[str]:
    """Without phrases that share a word with a better one."""
    kept: list[str] = []
    used: set[str] = set()
    for phrase in ranked:
        stems = {word.rstrip("s") for word in phrase.split()}
        if not stems & used:
            kept.append(phrase)
            used |= stems
    return kept
