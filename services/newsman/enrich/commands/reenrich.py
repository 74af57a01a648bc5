"""`newsman reenrich`: has articles enriched again that went without, or all of them."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from newsman.enrich.commands.enriched_log import newest_events
from newsman.enrich.event_ids import to_enrich_again
from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.records import encode
from newsman.settings import KafkaSettings
from newsman.terminal.output import show
from newsman_schemas.articles import ArticleEnriched
from newsman_schemas.topics import ARTICLE_RECEIVED

CLIENT_ID = "newsman-reenrich"
SEND_TIMEOUT_SECONDS = 30


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Sends each to enrich again; 1 when Kafka is away or a named article is not there."""
    now = datetime.now(UTC)
    since = now - arguments.last if arguments.last else None
    missing = set(arguments.ids)
    topic = ARTICLE_RECEIVED.full_name(settings.namespace)
    count = 0
    with closing(build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)) as producer:
        sent = []
        for event in newest_events(settings, _wanted(arguments), since=since):
            missing.difference_update(_ids(event))
            status = event.article.enrichment.status
            text = f"{event.article.id}  {status}  {event.article.headline[:80]}"
            show(arguments, {"id": event.article.id, "status": status}, text)
            count += 1
            if not arguments.dry_run:
                record = encode(to_enrich_again(event, now))
                sent.append(
                    producer.send(topic, key=record.key, value=record.value, headers=record.headers)
                )
        for future in sent:
            future.get(timeout=SEND_TIMEOUT_SECONDS)
    text = f"{count} {'would be' if arguments.dry_run else 'are being'} enriched again"
    show(arguments, {"articles": count, "dry_run": arguments.dry_run}, text)
    for name in sorted(missing):
        print(f"no article has the id {name}", file=sys.stderr)
    return 1 if missing else 0


def _ids(event: ArticleEnriched) -> set[str]:
    return {event.article.id, *event.former_ids}


def _wanted(arguments: argparse.Namespace) -> Callable[[ArticleEnriched], bool]:
    if arguments.all:
        return lambda _: True
    if arguments.ids:
        return lambda event: not _ids(event).isdisjoint(arguments.ids)
    statuses = arguments.status or ["failed"]
    return lambda event: event.article.enrichment.status in statuses
