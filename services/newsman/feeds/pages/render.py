"""Reader pages: rendered on the server, readable without scripts."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from newsman.feeds.core import is_dated_ahead, is_live, older_url
from newsman.feeds.corrections.corrections import Step
from newsman.feeds.listings.listings import PopularRow
from newsman.feeds.pages.about import AboutEntity
from newsman.feeds.pages.front_stories import Front
from newsman.feeds.pages.past import PastMoment
from newsman.feeds.pages.pictures import SIZES, UNNAMED, Pictures
from newsman.feeds.pages.times import SiteTimes
from newsman.feeds.pages.trust import source_type_of, trust_signs
from newsman.outputs import FORMATS
from newsman.outputs.listing import (
    Listing,
    Site,
    article_language,
    canonical_url,
    feed_url,
    page_url,
    published_at,
    summary,
    was_updated,
)
from newsman.outputs.media_files import media_files
from newsman.redis.articles import StoredArticle
from newsman.site.plan import SitePlan
from newsman.site.site_file import SiteFile
from newsman_schemas.article_order import changed_at
from newsman_schemas.article_rules import author_names, authors_of, provider_names
from newsman_schemas.articles import Article, Author
from newsman_schemas.names.newsrooms import is_newsroom
from newsman_schemas.names.slugs import slugify

LOGO = "logo"
ACCENT = "#9b1c1c"
PAGE_LANGUAGE = "en"
"""The language of the words that are the pages' own."""
PICTURED = 7
"""So many stories of a listing have their pictures beside them."""
RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi".split())
HTML = "text/html; charset=utf-8"
WINDOW_NAMES = {
    "15m": "quarter of an hour",
    "1h": "hour",
    "24h": "day",
    "7d": "week",
    "30d": "month",
    "all": "years",
}
"""Windows of Most Popular after the words "in the last"."""
STATIC = ("style.css", "reader.js", "icon.svg", "icon-180.png")
DOCUMENT_TYPES = {
    name: (found.article_media_type or found.media_type).partition(";")[0]
    for name, found in FORMATS.items()
    if found.render_article
}
STATIC_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True)
class StaticFile:
    """A file that pages load; `stamp` changes with its content."""

    body: bytes
    media_type: str
    stamp: str


@cache
def static_files() -> dict[str, StaticFile]:
    """The style sheet, the script and the icon."""
    folder = files("newsman.feeds") / "static"
    return {name: _static_file(name, (folder / name).read_bytes()) for name in STATIC}


def _static_file(name: str, body: bytes) -> StaticFile:
    if name.endswith(".css"):
        body = _without_spaces(body)
    if name.endswith(".js"):
        body = _without_remarks(body)
    return StaticFile(body, STATIC_TYPES[name.rpartition(".")[2]], _stamp(body))


def _stamp(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:10]


def _logo(plan: SitePlan) -> tuple[str, str]:
    """Media type and stamp of the site's logo."""
    return STATIC_TYPES[str(plan.theme.logo).rpartition(".")[2].lower()], _stamp(plan.logo_body)


def spoken(shown: StoredArticle | Step) -> Markup:
    """The attributes of an element that holds words of an article: their language, and the
    direction of its script where that is from right to left."""
    tag = article_language(shown.article)
    if tag is None or tag == PAGE_LANGUAGE:
        return Markup("")
    return Markup(' lang="{}"{}').format(tag, Markup(" dir=rtl") if _is_from_right(tag) else "")


def unspoken(shown: StoredArticle | Step) -> Markup:
    """The attributes of an element inside of such a one that holds the page's own words."""
    tag = article_language(shown.article)
    if tag is None or _primary(tag) == PAGE_LANGUAGE:
        return Markup("")
    return Markup(f" lang={PAGE_LANGUAGE}{' dir=ltr' if _is_from_right(tag) else ''}")  # noqa: S704 - fixed words


def _is_from_right(tag: str) -> bool:
    return _primary(tag) in RIGHT_TO_LEFT


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _without_spaces(style: bytes) -> bytes:
    """A style sheet without the white space that it does not need."""
    style = b" ".join(style.split())
    for mark in (b"{", b"}", b";", b","):
        style = mark.join(part.strip() for part in style.split(mark))
    return style


def _without_remarks(script: bytes) -> bytes:
    """A script without indentation, and without lines that are remarks or empty."""
    lines = (line.strip() for line in script.splitlines())
    return b"\n".join(line for line in lines if line and not line.startswith(b"//"))


class Pages:
    """Renders the templates for one site."""

    def __init__(
        self,
        site: Site,
        views_url: str | None,
        pictures: Pictures,
        site_file: SiteFile | None = None,
        *,
        signs: bool = False,
    ) -> None:
        """With `signs` the page of an article leads to the statements about it."""
        self.site_file = site_file or SiteFile()
        self.site = site
        self._pictures = pictures
        self.sections: Sequence[tuple[str, str]] = ()
        """Slug and name of each in the bar at the top of every page."""
        self._environment = Environment(
            loader=PackageLoader("newsman.feeds"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {
            "site": site,
            "views_url": views_url,
            "has_statements": signs,
            "static": self._stamps,
            "srcset": pictures.srcset,
            "picture_sizes": SIZES,
            "spoken": spoken,
            "unspoken": unspoken,
            "canonical_url": canonical_url,
            "page_url": page_url,
            "feed_url": feed_url,
            "older_url": older_url,
            "author_names": author_names,
            "document_types": DOCUMENT_TYPES,
            "summary": summary,
            "published_at": published_at,
            "is_dated_ahead": is_dated_ahead,
            "changed_at": changed_at,
            "loads": self._pictures.loads,
            "unnamed_picture": UNNAMED,
            "slugify": slugify,
            "picture_of": self._pictures.first,
            "is_live": is_live,
            "was_updated": was_updated,
            "window_names": WINDOW_NAMES,
            "source_name": lambda *named: self.site_file.plan.source_name(*named),
        }
        times = SiteTimes(site.zone)
        self._environment.globals |= {"at": times.element, "recent": times.recent}

    def static(self, name: str) -> StaticFile | None:
        """A file that pages load, with the site's theme and logo."""
        plan = self.site_file.plan
        if name == LOGO:
            return (plan.logo_body and StaticFile(plan.logo_body, *_logo(plan))) or None
        found = static_files().get(name)
        if name == "style.css" and found and plan.theme.css:
            body = found.body + plan.theme.css.encode()
            return StaticFile(body, found.media_type, _stamp(body))
        return found

    def _stamps(self) -> dict[str, str]:
        """The names of these files, each with what changes with its content."""
        found = {name: self.static(name) for name in (*STATIC, LOGO)}
        return {name: file.stamp for name, file in found.items() if file}

    def manifest(self) -> bytes:
        """The description by which the site is put beside applications (W3C, appmanifest)."""
        accent = self.site_file.plan.theme.accent or ACCENT
        return self._render("manifest.webmanifest", accent=accent)

    def listing(
        self,
        listing: Listing,
        popular: Sequence[PopularRow],
        *,
        kind: str | None = None,
        about: AboutEntity | None = None,
        has_feeds: bool = True,
        past: PastMoment | None = None,
    ) -> bytes:
        """The page of the newest stories of all, of a section, tag, entity or day."""
        return self._render(
            "listing.html",
            listing=listing,
            popular=popular,
            kind=kind,
            about=about,
            has_feeds=has_feeds,
            past=past,
            pictured=PICTURED,
            title=listing.title,
        )

    def front(self, front: Front) -> bytes:
        """The front page."""
        return self._render("front.html", front=front, listing=front.listing, title="Latest")

    def article(
        self,
        stored: StoredArticle,
        popular: Sequence[PopularRow],
        related: Sequence[StoredArticle] = (),
        elsewhere: Sequence[StoredArticle] = (),
        view_token: str | None = None,
        changes: Sequence[Step] = (),
        past: PastMoment | None = None,
    ) -> bytes:
        """An article's page; `elsewhere` is what other sources have of its story, `view_token`
        what it sends along with its view."""
        leading = self._pictures.lead(stored.article)
        shown = self._pictures.shown(
            stored.article.body_html,
            stored.article.images,
            below=sum(self._pictures.loads(image.href) for image in leading),
        )
        return self._render(
            "article.html",
            stored=stored,
            article=stored.article,
            body=Markup(shown),  # noqa: S704 - sanitised
            lead_pictures=leading,
            files=media_files(stored.article),
            signs=trust_signs(stored.article),
            linked_data=_linked_data(stored, self.site),
            popular=popular,
            related=related,
            elsewhere=elsewhere,
            view_token=view_token,
            corrections=[step for step in changes if step.is_correction],
            has_changes=bool(changes),
            past=past,
            title=stored.article.headline,
        )

    def popular(
        self,
        rows: Sequence[PopularRow],
        window: str,
        windows: Sequence[str],
        narrowed: str = "",
        query: str = "",
        past: PastMoment | None = None,
    ) -> bytes:
        """The most popular articles of a window, narrowed to what a query selects."""
        title = " · ".join(part for part in ("Most Popular", narrowed) if part)
        onward = f"&{query}" if query else ""
        values = {"rows": rows, "window": window, "windows": windows, "onward": onward}
        return self._render("popular.html", title=title, narrowed=narrowed, past=past, **values)

    def at(self, moment: datetime) -> str:
        """A moment in the words of the pages."""
        return SiteTimes(self.site.zone).text(moment)

    def search(
        self, words: str, hits: Sequence[StoredArticle], *, narrowed: str | None = None
    ) -> bytes:
        """The page of search results; `narrowed` names the filters in force."""
        title = f"Search: {words}" if words else "Search"
        return self._render("search.html", words=words, found=hits, narrowed=narrowed, title=title)

    def opensearch(self) -> bytes:
        """The description by which browsers search the site (OpenSearch 1.1)."""
        return self._render("opensearch.xml")

    def page(self, template: str, **values: Any) -> bytes:
        """A page from a template of its own."""
        return self._render(template, **values)

    def message(self, heading: str, text: str) -> bytes:
        """A page that only says something: not found, withdrawn, away."""
        return self._render("message.html", heading=heading, text=text, title=heading)

    def _render(self, template: str, **values: Any) -> bytes:
        text = self._environment.get_template(template).render(
            sections=self.sections, own_pages=self.site_file.plan.pages, **values
        )
        return text.encode("utf-8", "replace")


def _author(author: Author, article: Article) -> dict[str, str]:
    """A person, or the organisation where a newsroom is named."""
    own_names = (article.source, *provider_names(article))
    kind = "Organization" if is_newsroom(author.name, own_names) else "Person"
    return {"@type": kind, "name": author.name}


def _linked_data(stored: StoredArticle, site: Site) -> Markup:
    """schema.org NewsArticle as JSON-LD that can't end its own script element."""
    article = stored.article
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "url": canonical_url(site, article),
        "datePublished": published_at(stored).isoformat(),
        "dateModified": changed_at(article).isoformat(),
        "author": [_author(author, article) for author in authors_of(article)],
        "publisher": {"@type": "Organization", "name": site.name, "url": f"{site.url}/"},
        "mainEntityOfPage": canonical_url(site, article),
        "image": [image.href for image in article.images],
        "keywords": [tag.name for tag in article.tags],
        "articleSection": article.section,
        "inLanguage": article.language,
        "description": summary(stored),
        "digitalSourceType": source_type_of(article),
    }
    text = json.dumps({k: v for k, v in data.items() if v}, ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
