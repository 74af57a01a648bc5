"""Events as they are handed out, and what is kept of whom was told what. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from newsman.deliver.intake.recipients import MOVED, WITHDRAWN, Told, write_told
from newsman.deliver.pull.matching import Candidate
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import Body
from newsman.kafka.positions import Positions
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.events import unix_ms
from newsman_schemas.subscriptions import Subscription

JSON_PAYLOADS = ("full", "thin")


@dataclass(frozen=True, slots=True)
class Item:
    """One event as it is handed out: JSON, and the positions of whoever has read it."""

    id: str
    name: str
    content: bytes
    after: Positions


class Chosen(NamedTuple):
    """A candidate that is told, and as what."""

    candidate: Candidate
    reference: Reference


def reference_to(event: ArticlePublished, name: str) -> Reference:
    """An event of an article, told under a name."""
    is_moved = event.article is not None and name == WITHDRAWN
    return Reference(
        key=event.article_id,
        event=name,
        event_id=event.event_id,
        revision=event.revision,
        version=event.version,
        at_ms=unix_ms(event.occurred_at),
        source=event.source,
        uri=event.uri,
        reason=MOVED if is_moved else "",
    )


def news(chosen: Sequence[Chosen], told: dict[str, Told]) -> dict[str, str]:
    """What is to be kept of whom was told what: never an older revision than is kept."""
    news: dict[str, str] = {}
    for _, reference in chosen:
        last = told.get(reference.key)
        if reference.is_article and (last is None or last.revision < reference.revision):
            news[reference.key] = write_told(reference.revision, reference.event)
    return news


def untold(
    chosen: Sequence[Chosen], ready: Sequence[tuple[Chosen, Body]], told: dict[str, Told]
) -> dict[str, str]:
    """What is to be forgotten again: articles that were not handed out after all, nor before."""
    handed = {each.reference.key for each, _ in ready}
    articles = {each.reference.key for each in chosen if each.reference.is_article}
    return dict.fromkeys(articles - handed - told.keys(), "")


def items(
    subscription: Subscription, ready: Sequence[tuple[Chosen, Body]], start: Positions
) -> list[Item]:
    """What is handed out, in the order of the log."""
    positions = dict(start)
    items = []
    for (candidate, reference), body in ready:
        positions[candidate.part] = candidate.offset + 1
        delivery_id = reference.delivery_id(subscription.id)
        content = _content(delivery_id, reference, body, subscription.payload)
        items.append(Item(delivery_id, reference.event, content, dict(positions)))
    return items


def _content(delivery_id: str, reference: Reference, body: Body, payload: str) -> bytes:
    """The message of a webhook with its id; a document in another format stands in `data`."""
    if payload in JSON_PAYLOADS or not reference.needs_text:
        return b'{"id":"%s",%s' % (delivery_id.encode(), body.content.lstrip()[1:])
    about: dict[str, Any] = {"id": delivery_id, "type": reference.event}
    about |= {"revision": reference.revision, "data": json.loads(body.content)}
    return json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
