"""Copies of articles inside of another: whose they are, and the article without those on hold.

A newsroom sends articles with others in them (`associations`, and what `extra` keeps). A copy may
be shown while the article that it names may be, where the same source has one of that name, and
while the copy itself does not say otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from newsman_schemas.article_rules import Status
from newsman_schemas.articles import Article, article_id, former_ids
from newsman_schemas.embedded_pictures import addresses_in, without_addresses
from newsman_schemas.pubstatus import USABLE, status_named

MOST_COPIED = 1_000
"""Names of articles that are looked after in one article; copies of others are not shown."""
_NAMES = ("uri", "guid", "_id", "@residref")
"""The last is NewsML-G2's, of a link or an item of a package that has a title."""
_STATUS = ("pubstatus", "pubStatus", "state")
_EMBARGO = tuple(
    "embargoed embargoedUntil embargoed_until embargo embargoUntil embargo_until".split()
)
_EXPIRY = ("expires", "expires_at")
_CREATED = ("versioncreated", "versionCreated", "version_created")
_CONTENT = frozenset(
    "headline headlines title slugline caption byline bodies descriptions renditions href "
    "associations abstract body content content_html content_text images subheadline summary "
    "text".split()
).union(_CREATED, _STATUS, _EMBARGO)
_TEXT_PREFIXES = ("body_", "description_")

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Hold:
    """The standing of an article that readers may not see, or not each version of.

    `public_version` is the newest that they may, where one under embargo follows it.
    """

    status: Status | None
    public_version: int | None = None


Holds = Mapping[str, Hold]
"""Holds by the ids of articles; nothing holds the others."""


def hold_of(status: Status | None, public_version: int | None = None) -> Hold | None:
    """The hold on copies of an article of this status, if any: none once a newer version of what
    was killed may be seen."""
    is_free = status in (None, Status.PUBLISHED) and public_version is None
    return None if is_free else Hold(status, public_version)


def copied_ids(article: Article) -> tuple[str, ...]:
    """The ids of the articles that this one has copies of, each once."""
    return _followed(_copies(article), article)


def without_held(article: Article, holds: Holds, at: datetime) -> dict[str, Any]:
    """The fields of an article that are others without the copies on hold at a moment; none
    where no copy is."""
    copies = list(_copies(article))
    followed = frozenset(_followed(copies, article))
    held = [
        node for node in copies if _says_hold(node, at) or _is_held(node, article, holds, followed)
    ]
    if not held:
        return {}
    cut = {id(node) for node in held}
    kept = {name: _without(getattr(article, name), cut) for name in ("associations", "extra")}
    rest = article.model_copy(update=kept)
    addresses = set(addresses_in(held)).difference(addresses_in(list(_copies(rest))))
    return kept | (without_addresses(rest, addresses) if addresses else {})


def copies_change_at(article: Article, at: datetime) -> datetime | None:
    """The moment at which time alone will next release a copy, or end it; None if there is none."""
    moments = (
        _moment(node.get(name)) for node in _copies(article) for name in (*_EMBARGO, *_EXPIRY)
    )
    return min((moment for moment in moments if moment and moment > at), default=None)


def _followed(copies: Iterable[Node], article: Article) -> tuple[str, ...]:
    """The ids of what was copied, as many as are looked after."""
    ids: dict[str, None] = {}
    for node in copies:
        ids.update(dict.fromkeys(_ids_of(node, article)))
        if len(ids) >= MOST_COPIED:
            break
    return tuple(ids)[:MOST_COPIED]


def _copies(article: Article) -> Iterator[Node]:
    """Every copy, also those inside of others."""
    waiting: list[Any] = [part for part in (article.associations, article.extra) if part]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if _is_copy(value, article.uri):
                yield value
            value = value.values()
        waiting += [entry for entry in value if isinstance(entry, (dict, list))]


def _is_copy(node: Node, own_uri: str) -> bool:
    names = [name for name in _NAMES if name in node and isinstance(node[name], str)]
    if not names or any(node[name] == own_uri for name in names):
        return False
    return not _CONTENT.isdisjoint(node) or any(key.startswith(_TEXT_PREFIXES) for key in node)


def _ids_of(node: Node, article: Article) -> set[str]:
    """The ids of articles of the same source by any of the copy's names."""
    uris = {uri for name in _NAMES if isinstance(uri := node.get(name), str) and uri}
    return {ident for uri in uris for ident in _ids_named(article.source, uri)}


@lru_cache(maxsize=2_000)
def _ids_named(source: str, uri: str) -> tuple[str, ...]:
    # It may be stored under an id of an earlier rule.
    return article_id(source, uri), *former_ids(source, uri)


def _says_hold(node: Node, at: datetime) -> bool:
    """True if the copy says by itself that it may not be shown at the moment."""
    if any(_names_hold(node.get(name)) for name in _STATUS):
        return True
    embargoes = [node[name] for name in _EMBARGO if node.get(name)]
    # As of an article, an embargo that can't be timed holds.
    if any((moment := _moment(value)) is None or moment > at for value in embargoes):
        return True
    return any((ends := _moment(node.get(name))) is not None and ends <= at for name in _EXPIRY)


def _names_hold(status: Any) -> bool:
    return isinstance(status, str) and status_named(status) not in (None, USABLE)


def _is_held(node: Node, article: Article, holds: Holds, followed: frozenset[str]) -> bool:
    ids = _ids_of(node, article)
    if not ids <= followed:
        return True
    return any(_holds(holds[ident], node) for ident in ids if ident in holds)


def _holds(hold: Hold, node: Node) -> bool:
    """True if readers may not see the article, or not the version that was copied."""
    if hold.status not in (None, Status.PUBLISHED):
        return True
    version = _version(node)
    return hold.public_version is not None and (version is None or version > hold.public_version)


def _version(node: Node) -> int | None:
    text = str(node.get("version"))[:20]
    return int(text) if text.isascii() and text.isdecimal() else None


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _without(value: Any, cut: set[int]) -> Any:
    """A JSON value without some of the objects in it."""
    if isinstance(value, list):
        return [_without(entry, cut) for entry in value if id(entry) not in cut]
    if isinstance(value, dict):
        return {key: _without(v, cut) for key, v in value.items() if id(v) not in cut}
    return value
