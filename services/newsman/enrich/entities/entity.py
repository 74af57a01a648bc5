"""One entity as it is published: its name, how sure, how central, and where it stands."""

from collections.abc import Sequence

from newsman.enrich.entities.mentions import EntityType, Mention
from newsman.enrich.entities.repeats import METHOD as REPEATED
from newsman_schemas.articles import Entity, Span
from newsman_schemas.names.slugs import slugify

CONFIDENCE_OWN = 1.0
CONFIDENCE_KNOWN = 0.95
CONFIDENCE_SEVERAL = 0.85
CONFIDENCE_RULE = 0.8
CONFIDENCE_REPEATED = 0.8
CONFIDENCE_ONCE = 0.65
MAX_SPANS = 200
MAX_ALIASES = 20
LEAD_CHARACTERS = 300
IN_HEADLINE, IN_LEAD, BY_MENTIONS = 0.4, 0.2, 0.4


def describe(
    name: str,
    kind: EntityType,
    mentions: Sequence[Mention],
    *,
    most_mentions: int,
    known_as: tuple[str, ...] = (),
) -> Entity:
    """The entity of these mentions; `most_mentions` is how often the article names any."""
    ordered = sorted(mentions, key=lambda m: (m.field != "headline", m.start))
    known = sorted((m for m in ordered if m.known), key=lambda m: not m.is_own)
    known_mention = next(iter(known), None)
    scheme, identifier = _identifier(known_mention)
    return Entity(
        name=name,
        slug=slugify(name) or "unnamed",
        type=kind,
        mentions=len(mentions),
        confidence=_confidence(known_mention, mentions),
        method=(known_mention or ordered[0]).method,
        identifier=identifier,
        scheme=scheme,
        salience=_salience(ordered, most_mentions),
        aliases=_aliases(name, ordered),
        known_as=known_as if known_mention else (),
        evidence=tuple(_span(mention) for mention in ordered[:MAX_SPANS]),
    )


def _identifier(mention: Mention | None) -> tuple[str | None, str | None]:
    """The scheme and the identifier in it, of a mention that is on a list."""
    if mention is None or not mention.identifier:
        return None, None
    scheme, _, identifier = mention.identifier.partition(":")
    return scheme, identifier


def _confidence(known_mention: Mention | None, mentions: Sequence[Mention]) -> float:
    if known_mention is not None:
        return _sure(known_mention)
    return CONFIDENCE_SEVERAL if len(mentions) > 1 else CONFIDENCE_ONCE


def _sure(mention: Mention) -> float:
    if mention.is_own:
        return CONFIDENCE_OWN
    return CONFIDENCE_KNOWN if mention.is_listed else CONFIDENCE_RULE


def _salience(ordered: Sequence[Mention], most_mentions: int) -> float:
    """The headline counts most, then how often, then the first paragraph."""
    is_in_lead = any(m.field == "body_text" and m.start < LEAD_CHARACTERS for m in ordered)
    share = len(ordered) / max(most_mentions, len(ordered))
    headline = IN_HEADLINE if ordered[0].field == "headline" else 0.0
    return round(headline + IN_LEAD * is_in_lead + BY_MENTIONS * share, 3)


def _aliases(name: str, ordered: Sequence[Mention]) -> tuple[str, ...]:
    written = dict.fromkeys(mention.text for mention in ordered)
    return tuple(text for text in written if text != name)[:MAX_ALIASES]


def _span(mention: Mention) -> Span:
    sure = CONFIDENCE_REPEATED if mention.method == REPEATED else CONFIDENCE_ONCE
    return Span(
        field=mention.field,
        start=mention.start,
        end=mention.end,
        method=mention.method,
        confidence=_sure(mention) if mention.known else sure,
    )
