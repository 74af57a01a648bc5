"""Who has which name that is no URI, as a log tells it, whatever the order of its partitions."""

import re
from datetime import datetime

from newsman.kafka.records import Unprocessable, decode
from newsman.publish.identity.bare_names import (
    Ambiguous,
    BareName,
    Bearer,
    bare_name,
    bearer_of,
    has_text,
    link_of,
    logged_at,
)
from newsman_schemas.articles import ArticleEnriched
from newsman_schemas.names.identity import is_uri

_URI = re.compile(rb'"uri":"((?:[^"\\]|\\.)*)"')
"""Of the article, whose field of this name comes first."""
_HAS_FORMER_IDS = b'"former_ids":["'


class NamesInLog:
    """Takes in the items of feeds first, then what was pushed under their names."""

    def __init__(self) -> None:
        self.bearers: dict[str, dict[str, Bearer]] = {}
        """Name -> article -> the article with the moment since which it has the name."""
        self._pushes: dict[str, dict[str | None, ArticleEnriched]] = {}
        """Name -> link -> the earliest text that was pushed under the name with it."""

    def take_feed_item(self, value: bytes | None) -> None:
        """Takes in a version, if it is of a feed's item with such a name."""
        if value is None or _HAS_FORMER_IDS not in value or not _may_have_bare_name(value):
            return
        event = _read(value)
        if event is None or (name := bare_name(event.article)) in (None, event.article.id):
            return
        bearer = bearer_of(event)
        known = self.bearers.setdefault(str(name), {}).setdefault(bearer.article_id, bearer)
        if bearer.since < known.since:
            self.bearers[str(name)][bearer.article_id] = bearer

    def take_push(self, value: bytes | None) -> None:
        """Takes in a version, if it is a text that was pushed under a name of a feed's item."""
        if value is None or _HAS_FORMER_IDS in value or not _may_have_bare_name(value):
            return
        event = _read(value)
        if event is None or event.article.id not in self.bearers or not has_text(event.article):
            return
        if bare_name(event.article) != event.article.id:
            return
        by_link = self._pushes.setdefault(event.article.id, {})
        known = by_link.setdefault(link_of(event.article), _without_text(event))
        if logged_at(event) < logged_at(known):
            by_link[link_of(event.article)] = _without_text(event)

    def whole(self) -> dict[str, BareName]:
        """All names, with the articles that were pushed under them alone."""
        return {name: self._with_own(name, bearers) for name, bearers in self.bearers.items()}

    def _with_own(self, name: str, bearers: dict[str, Bearer]) -> BareName:
        bare = BareName(name, tuple(bearers.values()))
        pushes: list[ArticleEnriched] = sorted(self._pushes.get(name, {}).values(), key=_moment)
        for push in pushes:
            try:
                if bare.meant_by(push) == (name,):
                    return bare.with_bearer(bearer_of(push))
            except Ambiguous:
                continue
        return bare


def _moment(event: ArticleEnriched) -> datetime:
    return logged_at(event)


def _without_text(event: ArticleEnriched) -> ArticleEnriched:
    article = event.article
    names = {name: getattr(article, name) for name in _KEPT}
    return event.model_copy(update={"trail": (), "article": type(article)(**names)})


_KEPT = (
    "id", "source", "uri", "version_created", "headline", "slug", "enrichment", "canonical_url",
    "received_at", "log_place",
)  # fmt: skip


def _read(value: bytes) -> ArticleEnriched | None:
    try:
        return decode(ArticleEnriched, value)
    except Unprocessable:
        return None  # parked when it was read the first time


def _may_have_bare_name(value: bytes) -> bool:
    """True unless the uri of a version's article is a URI, without reading all of it."""
    uri = _URI.search(value)
    return uri is None or not is_uri(uri[1].decode("utf-8", "replace"))
