"""References to what a subscription is to be told of; the text comes from the store when sent."""

import json
from typing import NamedTuple

from newsman.deliver.signing import delivery_id
from newsman_schemas.subscriptions import ARTICLE_EVENTS

NO_TEXT = frozenset({"article.killed", "article.withdrawn"})
"""Events that take an article away: whoever had it must hear of them, and they need no text."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
URGENT_UP_TO = 2
"""IPTC urgency of a flash: 1 or 2."""


class Reference(NamedTuple):
    """One event as it waits in a queue: `key` is the article id, or `ranking:…` or `notice:…`."""

    key: str
    event: str
    event_id: str
    revision: int
    """Of the article; of a ranking the offset, so that a newer one takes its place."""
    version: int = 0
    at_ms: int = 0
    """When it happened (Unix ms)."""
    source: str = ""
    uri: str = ""
    """Source and uri stand in references without a text alone; the store has those of others."""
    reason: str = ""
    """`moved` where an update took the article out of the filter."""
    body: str = ""
    """The whole of a notice."""

    @property
    def is_article(self) -> bool:
        """True for an event of an article."""
        return self.event in ARTICLE_EVENTS

    @property
    def needs_text(self) -> bool:
        """True where the store's text is a part of what is sent."""
        return self.is_article and self.event not in NO_TEXT

    def delivery_id(self, subscription_id: str) -> str:
        """The id of the delivery to a subscription: the same on every attempt."""
        return delivery_id(subscription_id, self.event_id)


def dump(reference: Reference) -> str:
    """The entry as it is kept; the scripts read the revision that it begins with."""
    fields = [
        reference.revision,
        reference.event,
        reference.event_id,
        reference.version,
        reference.at_ms,
        reference.source,
        reference.uri,
        reference.reason,
        reference.body,
    ]
    while not fields[-1]:
        fields.pop()
    return _COMPACT.encode(fields)


def load(key: str, entry: bytes | str) -> Reference:
    """The reference in an entry."""
    revision, event, event_id, *others = json.loads(entry)
    return Reference(key, event, event_id, revision, *others)
