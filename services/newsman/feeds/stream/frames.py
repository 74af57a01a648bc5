"""The live stream's frames: what one event of a topic tells its readers."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from newsman.feeds.stream.searches import NOTHING, Passed
from newsman.feeds.subscribers.told import WITHDRAWN, ToldVersion
from newsman.matching.events import event_name
from newsman.outputs.listing import Site, article_url
from newsman.rankings.core import scope_named
from newsman_schemas.article_rules import terms_of
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.popularity import RankingChanged

Products = tuple[str, ...]
"""Terms of which an article must stand under any for a subscriber to see it; with none, all are."""
# Server-sent events end lines at \r and \n alone, but many readers split at these as well.
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


@dataclass(frozen=True)
class Frame:
    """One event of a stream, without its id, which depends on who reads it."""

    topic: str
    partition: int
    offset: int
    key: str
    """What it tells of: an article's id, or a ranking's order, window and scope."""
    revision: int
    """Grows with each event of the same key."""
    payload: bytes
    terms: frozenset[str] | None
    """What it stands under; None when it takes an article away."""
    ranking: Mapping[str, Any] | None = None
    """What the payload says of a ranking."""
    left: Mapping[str, int] = field(default_factory=dict)
    """Terms that it stood under before, each with the revision that took it away there."""
    moved: bytes = b""
    """The payload for those who followed it under one of these."""
    told: ToldVersion | None = None
    """What it tells of an article, for the ledger."""

    def payload_for(self, wanted: frozenset[str], products: Products = ()) -> bytes | None:
        """The payload for readers of what stands under all these terms, and under any of the
        products if there are any; None if it is nothing to them. What takes an article away is
        told to everybody."""
        if self.terms is None:
            return self.payload
        is_product = not products or not self.terms.isdisjoint(products)
        if is_product and wanted <= self.terms:
            return self.payload
        # To have followed it, it must have stood under whatever it does not stand under now.
        was_product = is_product or not self.left.keys().isdisjoint(products)
        return self.moved if was_product and wanted - self.terms <= self.left.keys() else None

    def told_by(self, payload: bytes) -> ToldVersion | None:
        """What a payload of it tells of the article."""
        if self.told is None or payload is self.payload:
            return self.told
        return replace(self.told, event=WITHDRAWN)

    def since(self, revision: int) -> "Frame":
        """The frame for those who were told of an earlier revision and of what that moved."""
        if not self.left:
            return self
        return replace(self, left={term: at for term, at in self.left.items() if at > revision})

    @property
    def articles(self) -> frozenset[str]:
        """The articles that a ranking lists."""
        return (
            frozenset(row["id"] for row in self.ranking["items"]) if self.ranking else frozenset()
        )


def article_frame(
    event: ArticlePublished,
    topic: str,
    partition: int,
    offset: int,
    site: Site,
    passed: Passed = NOTHING,
) -> Frame:
    """The frame that tells of an article: what it is about, without the text. It stands under the
    searches that it passed, too."""
    article = event.article
    data: dict[str, Any] = {
        "id": event.article_id,
        "action": event.action,
        "revision": event.revision,
        "version": event.version,
        "at": event.occurred_at.isoformat(),
    }
    if article is not None:
        data |= {
            "headline": article.headline,
            "section": article.section,
            "source": article.source,
            "language": article.language,
            "url": article_url(site, article.id),
            "tags": [tag.name for tag in article.tags],
            "entities": [entity.name for entity in article.entities],
        }
    payload = _payload(f"article.{event.action}", data)
    terms = None if article is None else frozenset(terms_of(article)) | passed.terms
    named = (event.article_id, event_name(event), event.revision, event.version)
    told = ToldVersion(*named, event.occurred_at)
    key, revision = event.article_id, event.revision
    frame = Frame(topic, partition, offset, key, revision, payload, terms, told=told)
    left = event.left_terms | dict.fromkeys(passed.left, event.revision)
    return replace(frame, left=left, moved=_moved(event)) if left else frame


def _moved(event: ArticlePublished) -> bytes:
    """The payload for readers whose filters an update has taken the article out of."""
    data = {
        "id": event.article_id,
        "action": "withdrawn",
        "reason": "moved",
        "revision": event.revision,
        "version": event.version,
        "at": event.occurred_at.isoformat(),
    }
    return _payload("article.withdrawn", data)


def ranking_frame(
    event: RankingChanged, topic: str, partition: int, offset: int, site: Site
) -> Frame:
    """The frame that tells who stands where in a ranking, and who stood where."""
    data: dict[str, Any] = event.model_dump(
        mode="json", include={"window", "order", "scope", "as_of", "gone"}
    )
    data["items"] = [
        {
            "id": row.article_id,
            "url": article_url(site, row.article_id),
            **row.model_dump(mode="json", exclude={"article_id"}),
        }
        for row in event.items
    ]
    scope = scope_named(event.scope) or event.scope
    terms = {f"window:{event.window}", f"order:{event.order}", f"scope:{scope}", scope}
    revision = int(event.as_of.timestamp() * 1e6)
    payload = _payload("ranking.changed", data)
    return Frame(
        topic, partition, offset, event.key, revision, payload, frozenset(terms), ranking=data
    )


def without(frame: Frame, gone: Set[str]) -> Frame:
    """The frame, a ranking without the articles that may not be seen; the others move up."""
    if frame.ranking is None or not any(name in gone for name in frame.articles):
        return frame
    rows = [row for row in frame.ranking["items"] if row["id"] not in gone]
    items = [{**row, "rank": rank} for rank, row in enumerate(rows, start=1)]
    data = {**frame.ranking, "items": items}
    return replace(frame, payload=_payload("ranking.changed", data), ranking=data)


def still_told(frames: Sequence[Frame]) -> list[Frame]:
    """The frames of a replay up to now, but what they said of articles that were taken away."""
    remaining: list[Frame] = []
    gone: set[str] = set()
    for frame in reversed(frames):
        if frame.terms is None:
            gone.add(frame.key)
        if frame.terms is None or frame.key not in gone:
            remaining.append(frame)
    return remaining[::-1]


def as_json_line(block: bytes) -> bytes:
    """A block of the stream as one line of NDJSON; a comment or a retry is an empty line."""
    fields = dict(
        line.split(b": ", 1) for line in block.splitlines() if b": " in line and line[0] != 58
    )
    if b"data" not in fields and b"id" not in fields:
        return b"\n"
    name = fields.get(b"event", b"position")
    parts = [b'"event": "' + name + b'"']
    parts += [b'"' + key + b'": ' + fields[key] for key in (b"id", b"data") if key in fields]
    return b"{" + b", ".join(parts) + b"}\n"


def _payload(name: str, data: Mapping[str, Any]) -> bytes:
    text = json.dumps(data, ensure_ascii=False).translate(_LINE_ENDS)
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")
