"""Additions to events when they are sent: facts about an article that others hold."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsman.publish.chains import Chain
from newsman.publish.store.mentions import MentionTable
from newsman.publish.store.records import OutboxEvent, waiting
from newsman_schemas.articles import ArticlePublished, StatementIssued
from newsman_schemas.events import digest


def linked(outgoing: OutboxEvent, chain: Chain, aliases: tuple[str, ...]) -> OutboxEvent:
    """The event with the article's chain and its other ids as they are known now."""
    article, changes = outgoing.event.article, dict[str, Any]()
    if aliases != outgoing.event.aliases:
        changes["aliases"] = aliases
    if article and chain not in (Chain(), Chain(article.ancestors, article.original_id)):
        fields = {"ancestors": chain.ancestors, "original_id": chain.original_id}
        changes["article"] = article.model_copy(update=fields)
    return _with(outgoing, changes)


async def with_first_mentions(
    mentions: MentionTable, unsent: Mapping[str, tuple[OutboxEvent, ...]]
) -> dict[str, tuple[OutboxEvent, ...]]:
    """The events of some articles, each with the entities that its article was the first to
    name."""
    firsts = iter(await mentions.firsts([w.event for part in unsent.values() for w in part]))
    return {
        article_id: tuple(
            _with(outgoing, {"first_mentions": slugs} if (slugs := next(firsts)) else {})
            for outgoing in part
        )
        for article_id, part in unsent.items()
    }


def statement_issued(event: ArticlePublished, statement: str) -> StatementIssued:
    """The event's statement, for the log that keeps them all."""
    return StatementIssued(
        event_id=digest("statement-issued", event.article_id, str(event.revision)),
        occurred_at=event.occurred_at,
        article_id=event.article_id,
        revision=event.revision,
        statement=statement,
    )


def received_at(event: ArticlePublished) -> datetime:
    """When the version that an event tells of was received."""
    received = [stage.at for stage in event.trail if stage.stage == "received"]
    return received[-1] if received else event.occurred_at


def _with(outgoing: OutboxEvent, changes: dict[str, Any]) -> OutboxEvent:
    return waiting(outgoing.event.model_copy(update=changes)) if changes else outgoing
