"""Terms that articles stand under beside their words, and those that a filter asks for.

Beside the terms of lists these are other names of entities (`alias:`), every least urgency that an
article passes (`urgency:`), and entities that no article named before (`first:`). Each has a colon,
which no word has.
"""

from collections.abc import Collection, Iterable, Iterator

from newsman_schemas.article_rules import LATEST, TERM_KINDS, term_named, terms_of
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.names.entity_names import other_names, spellings
from newsman_schemas.names.slugs import slugify
from newsman_schemas.subscriptions import Filter

FIRST = "first:"
LEAST_URGENT = 9

Alternatives = tuple[str, ...]
"""Terms of which an article must have any."""


def article_terms(article: EnrichedArticle) -> set[str]:
    """The terms that an article stands under, but for those of `entity_terms`."""
    terms = terms_of(article, TERM_KINDS)
    if article.urgency is not None:
        terms.update(f"urgency:{n}" for n in range(article.urgency, LEAST_URGENT + 1))
    return terms


def entity_terms(article: EnrichedArticle, first_mentions: Collection[str]) -> set[str]:
    """The other names of an article's entities, and all names of those it is the first to name."""
    terms: set[str] = set()
    for entity in article.entities:
        names = {f"alias:{name}" for name in other_names(entity)}
        terms |= names
        if entity.slug in first_mentions:
            own = (term_named("entity", entity.slug), *names)
            terms.update((FIRST, *(FIRST + name for name in own)))
    return terms


def needs_entity_terms(asked: Iterable[Alternatives]) -> bool:
    """True if any of these terms is one of `entity_terms`."""
    return any(term.startswith(("alias:", FIRST)) for terms in asked for term in terms)


def asked_terms(filters: Filter, products: Collection[str]) -> Iterator[Alternatives]:
    """The terms that a filter asks for, and of products such as `section:sport` any."""
    for kind in ("section", "tag", "author", "source"):
        if values := getattr(filters, kind):
            yield tuple(term_named(kind, value) for value in values)
    if filters.lang:
        yield tuple(term_named("language", value) for value in filters.lang)
    if filters.urgency_max is not None:
        yield (f"urgency:{filters.urgency_max}",)
    yield from _asked_entities(filters)
    if wanted := product_terms(products):
        yield wanted


def product_terms(products: Collection[str]) -> Alternatives:
    """The terms of which an article must have any to be seen; none where all may be seen."""
    return () if LATEST in products else tuple(map(_product_term, products))


def _asked_entities(filters: Filter) -> Iterator[Alternatives]:
    names = tuple(name for value in filters.entity for name in _entity_names(slugify(value)))
    if filters.first_mention:
        yield tuple(FIRST + name for name in names or ("",))
    elif names:
        yield names


def _entity_names(slug: str) -> Iterator[str]:
    yield term_named("entity", slug)
    for name in spellings(slug):
        if name:
            yield f"entity:{name}"
            yield f"alias:{name}"


def _product_term(product: str) -> str:
    kind, _, name = product.partition(":")
    return term_named("language" if kind == "lang" else kind, name)
