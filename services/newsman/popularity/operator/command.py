"""`newsman popularity pin|unpin|ban|unban|hold|admit|edits|explain`: what an operator may do."""

import argparse
import asyncio
import sys
from contextlib import closing
from datetime import UTC, datetime

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import (
    asks_kafka,
    event_said_now,
    require_article_id,
)
from newsman.kafka.log import open_log
from newsman.kafka.missing_records import warn_gone
from newsman.popularity.operator.explanation import explain
from newsman.popularity.ranking.edit_log import EditLog, saying
from newsman.rankings.holds import HoldsStore
from newsman.redis.client import build_async_client
from newsman.redis.ready import require_redis
from newsman.settings import KafkaSettings, PopularitySettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman_schemas.popularity import FRONT, OVERALL, RankingEdited
from newsman_schemas.topics import RANKING_EDITED

CLIENT_ID = "newsman-popularity-operator"


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Does it; 1 where there is nothing to say, or Kafka is away."""
    if arguments.action != "edits":
        require_article_id(arguments.article)
    if arguments.action in ("explain", "edits"):
        require_redis(read_settings(PopularitySettings).redis_url)
    if arguments.action == "explain":
        now = datetime.now(UTC)
        own = read_settings(PopularitySettings)
        report = asyncio.run(explain(own, arguments.article, as_of=arguments.as_of, now=now))
        show(arguments, report.document(), "\n".join(report.lines()))
        return 0 if report.agrees else 1
    if arguments.action == "edits":
        return asyncio.run(_list(read_settings(PopularitySettings), arguments))
    return _say(arguments, settings)


def _say(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    begins_at, ends_at = (getattr(arguments, name, None) for name in ("begins_at", "ends_at"))
    if (begins_at or ends_at) and arguments.scope != FRONT:
        raise CommandFailed("--from and --until are for --scope front")
    if begins_at and ends_at and begins_at >= ends_at:
        raise CommandFailed("--until is later than --from")
    event = event_said_now(
        RankingEdited,
        article_id=arguments.article,
        action=arguments.action,
        rank=getattr(arguments, "rank", None),
        scope=getattr(arguments, "scope", OVERALL),
        begins_at=begins_at,
        ends_at=ends_at,
        by=arguments.by,
        reason=arguments.reason,
    )
    with closing(build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)) as producer:
        saying(producer, RANKING_EDITED.full_name(settings.namespace))(event)
    text = f"{event.action} {event.article_id}: on the log, obeyed within a second or two"
    show(arguments, event.model_dump(mode="json"), text)
    return 0


def _place(event: RankingEdited) -> str:
    """The place of a pin, with its time where it has one."""
    bounds = (("from", event.begins_at), ("until", event.ends_at))
    times = "".join(f" {word} {at:%Y-%m-%d %H:%M}" for word, at in bounds if at)
    return f" {event.rank} in {event.scope}{times}"


async def _list(settings: PopularitySettings, arguments: argparse.Namespace) -> int:
    with open_log(settings.kafka_bootstrap, client_id=CLIENT_ID, gone=warn_gone) as topics:
        edit_log = EditLog(topics, RANKING_EDITED.full_name(settings.namespace))
        edit_log.read()
    for event in edit_log.events:
        what = _place(event) if event.action == "pin" else ""
        when = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}"
        text = f"{when}  {event.action}{what}  {event.article_id}  by {event.by}: {event.reason}"
        show(arguments, event.model_dump(mode="json"), text)
    client = build_async_client(settings.redis_url)
    holds = await HoldsStore(client, settings.namespace).read()
    await client.aclose()
    for article, hold in sorted(holds.items()):
        show(arguments, {"article_id": article, "held": str(hold)}, f"{article}  {hold}")
    summary = (
        f"{len(edit_log.edits)} articles, {len(edit_log.events)} edits, {len(holds)} held by rules"
    )
    print(summary, file=sys.stderr)
    return 0
