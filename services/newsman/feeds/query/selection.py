"""What a reader asks for: any combination of section, tag, entity, author, source and so on."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.slugs import slugify

LATEST = "latest"
FILTERS = ("section", "tag", "entity", "author", "source", "language", "story")
_SINGLE_LETTERS = re.compile(r"(?<![^-])\w(?:-\w)+(?![^-])")
_ASSET = re.compile(r"/assets/([a-z2-7]{26})(?![a-z2-7])")


@dataclass(frozen=True)
class Selection:
    """Filters that an article must all pass, as (filter, slug) in the order of FILTERS."""

    filters: tuple[tuple[str, str], ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that the catalogue keeps articles under."""
        return tuple(f"{name}:{slug}" for name, slug in self.filters) or (LATEST,)

    def takes(self, article: EnrichedArticle) -> bool:
        """Whether the article stands under all of it."""
        return terms_of(article).keys() >= set(self.terms)

    @property
    def query(self) -> str:
        """The same as a query string, without its question mark."""
        return urlencode(self.filters)


def terms_of(article: EnrichedArticle) -> dict[str, str]:
    """Every term that an article stands under, with the name that readers know it by."""
    found = {LATEST: "Latest"}
    if article.section:
        found[f"section:{slugify(article.section)}"] = article.section
    found |= {f"tag:{tag.slug}": tag.name for tag in article.tags}
    found |= {f"entity:{entity.slug}": entity.name for entity in article.entities}
    found |= {f"author:{slugify(name)}": name for name in author_names(article)}
    found[f"source:{slugify(article.source)}"] = article.source
    if article.language:
        whole = article.language.lower().replace("_", "-")
        found |= {f"language:{slugify(tag)}": tag for tag in (whole, whole.partition("-")[0])}
    if article.story:
        # Not the headline, which would outlive a kill.
        found[f"story:{article.story.id}"] = "One story"
    return {term: name for term, name in found.items() if not term.endswith(":")}


def folded(slug: str) -> str:
    """What is the same for all spellings of a slug: `the-u-n`, `u-n` and `un` are `un`."""
    joined = _SINGLE_LETTERS.sub(lambda letters: letters.group().replace("-", ""), slug)
    return joined.removeprefix("the-").removesuffix("-s")


def aliases_of(article: EnrichedArticle) -> set[tuple[str, str]]:
    """Every folded name that leads to an entity of the article, with the entity's slug."""
    return {
        (alias, entity.slug)
        for entity in article.entities
        for name in (entity.name, *entity.aliases, *entity.known_as)
        if (alias := folded(slugify(name))) and alias != entity.slug
    }


def standing_for(article: EnrichedArticle) -> dict[str, str]:
    """The term of the articles that may stand for their whole story: all but copies."""
    story = article.story
    return {f"standing:{story.id}": "One story"} if story and story.role != "copy" else {}


def author_names(article: EnrichedArticle) -> tuple[str, ...]:
    """Who wrote it: the authors that the newsroom lists, else the byline as it stands."""
    if article.authors:
        return tuple(author.name for author in article.authors)
    return (article.byline,) if article.byline else ()


def assets_of(article: EnrichedArticle) -> set[str]:
    """The ids of the renditions that an article leads to, wherever in it their addresses stand."""
    return set(_ASSET.findall(article.model_dump_json()))


def listed_ms(article: EnrichedArticle) -> int:
    """The Unix ms that order an article among others, as the store's own lists do."""
    moment = article.published_at or article.first_created or article.version_created
    embargo = article.embargoed_until
    return int((max(moment, embargo) if embargo else moment).timestamp() * 1000)
