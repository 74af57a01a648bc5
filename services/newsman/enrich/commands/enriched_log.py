"""The newest enrichment of every article, read from the log without a group."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from newsman.kafka.log import open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Unprocessable, decode
from newsman.settings import KafkaSettings
from newsman_schemas.article_order import VersionOrder, version_order
from newsman_schemas.article_rules import (
    Kill,
    is_kill,
    kill_of,
)
from newsman_schemas.articles import ArticleEnriched
from newsman_schemas.topics import ARTICLE_ENRICHED

CLIENT_ID = "newsman-enriched-log"
BOOTSTRAP_TIMEOUT_MS = 5_000


@dataclass(frozen=True)
class _Newest:
    order: VersionOrder
    event: ArticleEnriched | None


def newest_events(
    settings: KafkaSettings,
    wanted: Callable[[ArticleEnriched], bool],
    *,
    since: datetime | None = None,
) -> Iterator[ArticleEnriched]:
    """Of each article the event with its newest version, if it is wanted and no kill reaches it."""
    return newest_of(enriched_events(settings, since), wanted)


def newest_of(
    events: Iterable[ArticleEnriched], wanted: Callable[[ArticleEnriched], bool]
) -> Iterator[ArticleEnriched]:
    """The newest of events in any order."""
    newest, kills = _newest_and_kills(events, wanted)
    for article_id, entry in newest.items():
        kill = kills.get(article_id)
        if entry.event is not None and not (kill and kill.takes_away(entry.event.article)):
            yield entry.event


def _newest_and_kills(
    events: Iterable[ArticleEnriched], wanted: Callable[[ArticleEnriched], bool]
) -> tuple[dict[str, _Newest], dict[str, Kill]]:
    """The newest event and the joined kills of each article."""
    newest: dict[str, _Newest] = {}
    kills: dict[str, Kill] = {}
    for event in events:
        article = event.article
        if is_kill(article):
            kills[article.id] = kill_of(article).joined(kills.get(article.id))
            continue
        order = version_order(article, event.event_id)
        previous = newest.get(article.id)
        if previous is None or order > previous.order:
            order = order.after(previous.order if previous else None)
            # The log may be large, so only wanted events are kept whole.
            newest[article.id] = _Newest(order, event if wanted(event) else None)
    return newest, kills


def enriched_events(
    settings: KafkaSettings, since: datetime | None = None
) -> Iterator[ArticleEnriched]:
    """Every event on the topic now, or those since a moment."""
    topic = ARTICLE_ENRICHED.full_name(settings.namespace)
    with open_log(
        settings.kafka_bootstrap,
        client_id=CLIENT_ID,
        gone=warn_gone,
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
    ) as topics:
        bounds = topics.bounds(topics.partitions(topic))
        start = bounds.start
        if since is not None:
            moment = round(since.timestamp() * 1_000)
            start = topics.at_times(dict.fromkeys(bounds.end, moment))
        for record in topics.read(start, bounds.end):
            try:
                yield decode(ArticleEnriched, record.value)
            except Unprocessable:
                # Unreadable records were parked by their first reader.
                continue
