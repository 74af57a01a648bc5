"""Topics: the addresses of this site's feeds, and the articles that each can list. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from newsman_schemas.subscriptions import RANKING_EVENT, Filter

KINDS = {
    "sections": "section",
    "tags": "tag",
    "entities": "entity",
    "authors": "author",
    "sources": "source",
    "languages": "lang",
}
QUERY = {name: name for name in KINDS.values()} | {"language": "lang"}
ARTICLES = ("article.*",)
MOST_VALUE_CHARACTERS = 200
_LINK = re.compile(r'<([^<>"\s]*)>\s*;\s*rel="?([a-z]+)"?')


@dataclass(frozen=True)
class TopicScope:
    """The events that can change a topic, or more of them."""

    events: tuple[str, ...]
    filter: Filter


def path_of(topic: str, site_url: str) -> str | None:
    """The path and query of a topic on the site; None where it is none of the site's addresses."""
    site = site_url.rstrip("/")
    path = topic.removeprefix(site)
    if path == topic or not path.startswith("/") or path.startswith("//") or "#" in path:
        return None
    return path


def scope_of(path: str) -> TopicScope:
    """The filter and the events of a feed's own address, as feeds wrote it.

    What a filter cannot say (a story, one article's history) is left out: the feed is looked at
    more often, and sent only when it has changed.
    """
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query))
    filters = {QUERY[name]: (value,) for name, value in query.items() if name in QUERY}
    folder, _, name = parts.path.strip("/").partition("/")
    if folder in KINDS and name:
        filters[KINDS[folder]] = (unquote(name.rpartition(".")[0] or name),)
    is_ranking = "window" in query or folder.startswith("popular")
    events = (*ARTICLES, RANKING_EVENT) if is_ranking else ARTICLES
    known = {
        kind: values
        for kind, values in filters.items()
        if values[0] and len(values[0]) <= MOST_VALUE_CHARACTERS
    }
    return TopicScope(events, Filter.model_validate(known))


def links_of(header: str) -> dict[str, str]:
    """The targets in a Link header by their relation (RFC 8288), as feeds writes it."""
    return {rel: url for url, rel in _LINK.findall(header)}
