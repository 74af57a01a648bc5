"""`newsman popularity pin|unpin|ban|unban|hold|admit|edits|explain`: what an operator may do."""

import argparse
import asyncio
import getpass
import sys
import uuid
from datetime import UTC, datetime

from kafka.errors import KafkaError

from newsman.kafka.clients import build_producer
from newsman.kafka.log import open_log
from newsman.kafka.missing_records import warn_gone
from newsman.popularity.operator.explanation import explain
from newsman.popularity.ranking.edit_log import EditLog, saying
from newsman.rankings.core import is_scope
from newsman.rankings.holds import HoldsStore
from newsman.redis.client import build_async_client
from newsman.settings import KafkaSettings, PopularitySettings, read_settings
from newsman_schemas.popularity import OVERALL, RankingEdited
from newsman_schemas.topics import RANKING_EDITED

ACTIONS = {
    "pin": "give an article a rank",
    "unpin": "let it stand where its views put it",
    "ban": "take an article out of every ranking",
    "unban": "let it in again",
    "hold": "take an article out, since its views look artificial",
    "admit": "let an article in, whatever its views look like",
}
CLIENT_ID = "newsman-popularity-operator"


def configure(parser: argparse.ArgumentParser) -> None:
    """Without an action the service runs."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary)
        action.add_argument("article", help="the article's id")
        action.add_argument("--by", default=getpass.getuser(), help="who says so")
        action.add_argument("--reason", default="", help="why")
        if name in ("pin", "unpin"):
            action.add_argument("--scope", type=_scope, default=OVERALL, help="as section:sport")
        if name == "pin":
            action.add_argument("--rank", type=int, default=1, choices=range(1, 101), metavar="N")
    actions.add_parser("edits", help="what is pinned, banned, held and let in, and why")
    explaining = actions.add_parser("explain", help="where an article's numbers come from")
    explaining.add_argument("article", help="the article's id")
    explaining.add_argument("--as-of", type=_moment, help="a time, for example 2026-03-02T12:00Z")


def run(arguments: argparse.Namespace) -> int:
    """Does it; 1 where there is nothing to say, or Kafka is away."""
    try:
        return _do(arguments)
    except KafkaError as problem:
        print(f"Kafka: {problem}", file=sys.stderr)
        return 1


def _do(arguments: argparse.Namespace) -> int:
    if arguments.action == "explain":
        now = datetime.now(UTC)
        settings = read_settings(PopularitySettings)
        told = asyncio.run(explain(settings, arguments.article, as_of=arguments.as_of, now=now))
        print("\n".join(told.lines()))
        return 0 if told.agrees else 1
    if arguments.action == "edits":
        return asyncio.run(_list(read_settings(PopularitySettings)))
    return _say(arguments)


def _say(arguments: argparse.Namespace) -> int:
    settings = read_settings(KafkaSettings)
    producer = build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)
    event = RankingEdited(
        event_id=uuid.uuid4().hex,
        occurred_at=datetime.now(UTC),
        article_id=arguments.article,
        action=arguments.action,
        rank=getattr(arguments, "rank", None),
        scope=getattr(arguments, "scope", OVERALL),
        by=arguments.by,
        reason=arguments.reason,
    )
    saying(producer, RANKING_EDITED.full_name(settings.namespace))(event)
    producer.close()
    print(f"{event.action} {event.article_id}: on the log, obeyed within a second or two")
    return 0


async def _list(settings: PopularitySettings) -> int:
    with open_log(settings.kafka_bootstrap, client_id=CLIENT_ID, gone=warn_gone) as topics:
        edit_log = EditLog(topics, RANKING_EDITED.full_name(settings.namespace))
        edit_log.read()
    for event in edit_log.events:
        what = f" {event.rank} in {event.scope}" if event.action == "pin" else ""
        when = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}"
        print(f"{when}  {event.action}{what}  {event.article_id}  by {event.by}: {event.reason}")
    client = build_async_client(settings.redis_url)
    holds = await HoldsStore(client, settings.namespace).read()
    await client.aclose()
    for article, hold in sorted(holds.items()):
        print(f"{article}  {hold}")
    told = (
        f"{len(edit_log.edits)} articles, {len(edit_log.events)} edits, {len(holds)} held by rules"
    )
    print(told, file=sys.stderr)
    return 0


def _scope(text: str) -> str:
    if not is_scope(text):
        raise argparse.ArgumentTypeError("all, or a kind and a name, for example section:sport")
    return text


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a time, for example 2026-03-02T12:00Z") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
