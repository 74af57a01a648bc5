"""`newsman enrich review`: what editors' overrides took away most, and what is least certain."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

from newsman.enrich.commands.enriched_log import enriched_events, newest_of
from newsman.enrich.commands.review_counts import ReviewCounts, Row
from newsman.enrich.overrides.log import open_log
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.settings import KafkaSettings
from newsman.terminal.output import show
from newsman.terminal.tables import table
from newsman_schemas.articles import ArticleEnriched

TEXTS = ("body_html", "body_text")
TABLES = {
    "overridden": ("name", "kind", "type", "slug", "overridden", "shown", "methods"),
    "added": ("name", "articles"),
    "rules": ("method", "found", "overridden", "share"),
    "uncertain": ("name", "kind", "type", "confidence", "articles", "methods"),
}
TITLES = {
    "overridden": "Most overridden",
    "added": "Tags that editors added",
    "rules": "Rules and models, by how much of theirs was overridden",
    "uncertain": "Least certain",
}


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Reads both logs and prints the tables; 1 when Kafka is away."""
    since = datetime.now(UTC) - arguments.since
    counts = ReviewCounts()
    for event in newest_of(_without_texts(settings, since), lambda _: True):
        counts.take_article(event)
    with closing(open_log(settings.kafka_bootstrap, settings.namespace)) as log:
        log.catch_up()
        for override in log.newest.values():
            if override.occurred_at >= since:
                counts.take_override(override)
    rows = {
        "overridden": counts.overridden(),
        "added": counts.added(),
        "rules": counts.rules(),
        "uncertain": counts.uncertain(),
    }
    tables = {name: list(islice(each, arguments.limit)) for name, each in rows.items()}
    document = {"since": since, "articles": counts.articles, **tables}
    show(arguments, document, _text(counts.articles, since, tables))
    return 0


def _without_texts(settings: KafkaSettings, since: datetime) -> Iterator[ArticleEnriched]:
    """The events without what takes memory and is not counted."""
    empty = dict.fromkeys(TEXTS, "")
    for event in enriched_events(settings, since):
        article = event.article.model_copy(update=empty)
        yield event.model_copy(update={"article": article})


def _text(articles: int, since: datetime, tables: dict[str, list[Row]]) -> str:
    parts = [f"{articles} articles enriched since {since:%Y-%m-%d %H:%M} UTC\n"]
    for name, rows in tables.items():
        body = table(rows, TABLES[name]) if rows else "nothing\n"
        parts.append(f"{TITLES[name]}\n{body}")
    return "\n".join(parts)
