"""What channels work with, in tests: everything on loopback may be reached."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from newsman.deliver.channels.channel import ChannelContext, Delivery
from newsman.settings import DeliverSettings
from newsman.web.outbound.session import build_outbound_session
from newsman_schemas.subscriptions import Subscription

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@contextlib.asynccontextmanager
async def channel_context(**settings: object) -> AsyncIterator[ChannelContext]:
    read = DeliverSettings(
        kafka_bootstrap="127.0.0.1:9",
        redis_url="redis://127.0.0.1:9",
        outbound_networks="127.0.0.0/8",
        outbound_ports="1-65535",
        **settings,
    )
    async with build_outbound_session(read.outbound) as session:
        yield ChannelContext(read, session, session, read.outbound)


def subscription(kind: str, target: str, **fields: object) -> Subscription:
    return Subscription(
        id="a" * 16,
        owner="newsroom",
        kind=kind,
        target=target,
        created_at=NOW,
        changed_at=NOW,
        **fields,
    )


def delivery(body: bytes, event: str = "article.published", **fields: object) -> Delivery:
    values = {
        "id": "msg_1",
        "event": event,
        "article_id": "b" * 16,
        "revision": 1,
        "version": 1,
        "occurred_at": NOW,
        "attempt": 1,
        "body": body,
        "media_type": "application/json",
        "article": None,
    }
    return Delivery(**(values | fields))
