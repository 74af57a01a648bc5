"""ninjs as Superdesk writes it: 1.x names, and whatever else the newsroom sent as it came.

What comes back is what was sent, but for what intake normalises: dates are UTC with an offset,
the HTML of the body is sanitised, white space in headlines and bylines is single. What Newsman
knows besides stands under `_newsman`. A listing is one item of the type `composite`, each of its
articles an association.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from newsman.outputs.listing import Listing, Site, Tombstone, article_url, feed_url, urn
from newsman.outputs.media_files import PLAYED, file_association, media_files
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import Article, Author, Image, PubStatus, Subject

MEDIA_TYPE = "application/vnd.iptc.ninjs+json"
OWN = "_newsman"

Item = dict[str, Any]
Finish = Callable[[Item], Item]


def render(listing: Listing, site: Site) -> bytes:
    """The listing as one composite item."""
    items = [item(stored, site) for stored in listing.articles]
    return to_json(composite(listing, site, [*items, *map(canceled, listing.tombstones)]))


def render_article(stored: StoredArticle, site: Site) -> bytes:
    """One article as an item."""
    return to_json(item(stored, site))


def render_tombstone(gone: Tombstone, _: Site) -> bytes:
    """An article that may not be seen any more: its names, and that it is canceled."""
    return to_json(canceled(gone))


def to_json(value: Item) -> bytes:
    """JSON in UTF-8; what can't be encoded becomes a question mark."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def composite(listing: Listing, site: Site, items: list[Item]) -> Item:
    """A package of items under the names item--1, item--2 and so on."""
    return {
        "uri": feed_url(site, listing, "ninjs"),
        "guid": feed_url(site, listing, "ninjs"),
        "type": "composite",
        "version": "1",
        "versioncreated": listing.updated_at.isoformat(),
        "pubstatus": "usable",
        "headline": f"{listing.title} – {site.name}",
        "associations": {f"item--{number}": item for number, item in enumerate(items, 1)},
    }


def item(stored: StoredArticle, site: Site) -> Item:
    """The article in the dialect, everything that was sent with it at the name it came under."""
    article = stored.article
    sent: Item = {n: article.extra[n] for n in article.item_fields if n in article.extra}
    extra = {name: value for name, value in article.extra.items() if name not in sent}
    empty = sent.pop("associations", None) or {}
    associations = {
        **article.associations,
        **empty,
        **_pictures(article, sent),
        **_files(article, sent),
    }
    modelled = {
        **_life(article),
        **_words(article, sent),
        "subject": [_subject(subject) for subject in article.subjects],
        "service": _service(article.section),
        "authors": [_author(author) for author in article.authors],
        "keywords": list(article.keywords),
        "ancestors": list(article.ancestors),
        "associations": associations,
        "extra": extra,
    }
    present = {name: value for name, value in modelled.items() if value not in (None, [], {})}
    return {"type": "text", **present, **sent, OWN: sent.get(OWN, _own(stored, site))}


def _service(section: str | None) -> list[Item]:
    return [{"name": section}] if section else []


def canceled(gone: Tombstone) -> Item:
    """The kill of an item."""
    return {
        "guid": gone.uri or urn(gone.article_id),
        "uri": gone.uri or urn(gone.article_id),
        "type": "text",
        "version": str(gone.version),
        "versioncreated": gone.at.isoformat(),
        "pubstatus": "canceled" if gone.status == "killed" else "withheld",
    }


def _life(article: Article) -> Item:
    return {
        "guid": article.uri,
        "uri": article.uri,
        "version": str(article.version),
        "versioncreated": article.version_created.isoformat(),
        "firstcreated": _moment(article.first_created),
        "firstpublished": _moment(article.published_at),
        "embargoed": _moment(article.embargoed_until),
        "expires": _moment(article.expires_at),
        "pubstatus": PubStatus(article.pubstatus).value,
        "evolvedfrom": article.evolved_from,
        "original_id": article.original_id,
    }


def _words(article: Article, sent: Item) -> Item:
    copyright_ = article.copyright
    return {
        "headline": article.headline,
        "subheadline": article.subheadline,
        "slugline": article.slug,
        "byline": article.byline,
        "language": article.language,
        "located": article.located,
        "description_text": article.summary,
        "body_html": article.body_html,
        "body_text": article.body_text,
        "urgency": article.urgency,
        "ednote": article.editorial_note,
        "copyrightnotice": copyright_ if copyright_ != sent.get("copyrightholder") else None,
        "usageterms": article.usage_terms,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _subject(subject: Subject) -> Item:
    return subject.model_dump(exclude_none=True)


def _author(author: Author) -> Item:
    return author.model_dump(exclude_none=True)


def _pictures(article: Article, sent: Item) -> Item:
    """Pictures that stand in no association and no rendition, as associations."""
    elsewhere = json.dumps([article.associations, sent.get("renditions")])
    return {
        f"image--{number}": _picture(image)
        for number, image in enumerate(article.images, 1)
        if json.dumps(image.href) not in elsewhere
    }


def _files(article: Article, sent: Item) -> Item:
    """Sound and film that stand in no association and no rendition, as associations."""
    elsewhere = json.dumps([article.associations, sent.get("renditions")])
    return {
        f"file--{number}": file_association(file)
        for number, file in enumerate(media_files(article), 1)
        if file.medium in PLAYED and json.dumps(file.href) not in elsewhere
    }


def _picture(image: Image) -> Item:
    rendition = {
        "href": image.href,
        "mimetype": image.mimetype,
        "width": image.width,
        "height": image.height,
    }
    picture = {
        "uri": image.href,
        "guid": image.href,
        "type": "picture",
        "description_text": image.caption,
        "byline": image.credit,
        "renditions": {"original": {k: v for k, v in rendition.items() if v is not None}},
    }
    return {name: value for name, value in picture.items() if value is not None}


def _own(stored: StoredArticle, site: Site) -> Item:
    article = stored.article
    elsewhere = {"canonical_url": article.canonical_url} if article.canonical_url else {}
    return {
        "id": article.id,
        "url": article_url(site, article.id),
        "revision": stored.revision,
        **elsewhere,
        "tags": [tag.model_dump(exclude={"evidence"}, exclude_none=True) for tag in article.tags],
        "entities": [
            entity.model_dump(exclude={"evidence"}, exclude_none=True)
            for entity in article.entities
        ],
    }
