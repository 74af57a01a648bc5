"""`newsman trace`: where a story is, by its id, its guid or an address, and who got it."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from newsman.kafka.commands.parked import one_line
from newsman.kafka.records import header
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker
from newsman.terminal.endings import FAILED
from newsman.terminal.output import print_json
from newsman.tools.operate.installation import Installation, open_installation
from newsman.tools.operate.tail import event_of
from newsman_schemas.articles import ARTICLE_ID_PATTERN
from newsman_schemas.topics import (
    ARTICLE_ENRICHED,
    ARTICLE_PUBLISHED,
    ARTICLE_RECEIVED,
    DELIVERY_NOTED,
    REJECTED,
    Topic,
)

ID = re.compile(ARTICLE_ID_PATTERN)
ID_IN_PATH = re.compile(r"/articles/([a-z2-7]{16})(?:[./?#]|$)")
NAMES = ("uri", "canonical_url")


@dataclass(frozen=True)
class Hop:
    """One place where the story was seen; `at` is the record's time, or the step's."""

    at: str
    where: str
    what: str
    article: str


def run(arguments: argparse.Namespace) -> int:
    """Shows every hop in order; 1 where nothing is known of the story."""
    with open_installation() as there:
        search = _Search(there, arguments)
        ids = search.ids(arguments.story)
        hops = sorted({*search.hops(ids), *search.refused(arguments.story, ids)}, key=_order)
        standing = {each: search.standing(each) for each in sorted(ids)}
    if not hops and not any(standing.values()):
        days = arguments.since.days
        text = f"nothing of {arguments.story} in the last {days} days; --since goes further back"
        print(text, file=sys.stderr)
        return FAILED
    if arguments.json:
        shown = [asdict(hop) for hop in hops]
        print_json({"story": arguments.story, "articles": standing, "hops": shown})
        return 0
    for article, state in standing.items():
        sys.stdout.write(one_line(f"{article}  {_state_in_words(state)}") + "\n")
    for hop in hops:
        sys.stdout.write(one_line(f"{hop.at}  {hop.where}  {hop.what}") + "\n")
    return 0


class _Search:
    """Looks through the log of some days, and into the store."""

    def __init__(self, there: Installation, arguments: argparse.Namespace) -> None:
        self._there = there
        self._since_ms = int((datetime.now(UTC) - arguments.since).timestamp() * 1_000)

    def ids(self, story: str) -> set[str]:
        """The ids of the articles that are meant, former ones and other ones with them."""
        found = _ids_named(story)
        if not found:
            needle = json.dumps(story)[1:-1].encode()
            named = self._records(ARTICLE_RECEIVED, lambda record: needle in (record.value or b""))
            found = {each for record in named for each in _ids_of(event_of(record), story)}
        keys = self._keys()
        aliases = {each: self._there.redis.hget(keys.aliases, each) for each in found}
        return found | {name.decode() for name in aliases.values() if isinstance(name, bytes)}

    def hops(self, ids: set[str]) -> Iterator[Hop]:
        """Every record about the articles, and every step that the gate has noted."""
        keys = {each.encode() for each in ids}
        for topic, what in WORDS.items():
            for record in self._records(topic, lambda record: record.key in keys):
                yield _hop(record, what(event_of(record) or {}))
        for article in ids:
            yield from self._steps(article)

    def refused(self, story: str, ids: set[str]) -> Iterator[Hop]:
        """Rejected messages about the articles, and pushes that name the story."""
        needles = [word.encode() for word in (story, *ids)]
        named = self._records(REJECTED, lambda r: any(n in (r.value or b"") for n in needles))
        for record in named:
            told = {name: header(record.headers, f"newsman-{name}") for name in TOLD}
            yield _hop(record, f"rejected by {told['stage']}: {told['reason']}, {told['detail']}")

    def standing(self, article: str) -> dict[str, Any]:
        """The article in the store: its status, and when the gate looks at it again by itself."""
        keys, names = self._keys(), ("status", "revision", "last_action")
        values = self._there.redis.hmget(keys.article(article), list(names))
        pairs = zip(names, values, strict=True)
        state = {name: text_of(value) for name, value in pairs if value}
        for partition in range(ARTICLE_ENRICHED.partitions):
            due = self._there.redis.zscore(keys.due(partition), article)
            if isinstance(due, float):
                state["looks_again_at"] = _time(datetime.fromtimestamp(due, UTC))
        return state

    def _steps(self, article: str) -> Iterator[Hop]:
        for entry in self._there.redis.lrange(self._keys().history(article), 0, -1):
            step = json.loads(entry)
            detail = f", {step['detail']}" if step.get("detail") else ""
            what = f"{step['stage']} by {step['service']}, version {step['version']}{detail}"
            yield Hop(_time(datetime.fromisoformat(step["at"])), "Redis", what, article)

    def _keys(self) -> ArticleKeys:
        namespace = self._there.namespace
        marker = self._there.redis.get(ArticleKeys(namespace).marker)
        known = read_marker(marker)
        return ArticleKeys(namespace, known.serving if known else "")

    def _records(self, topic: Topic, wanted: Callable[[Any], bool]) -> Iterator[Any]:
        log = self._there.log
        parts = log.partitions(topic.full_name(self._there.namespace))
        start = log.at_times(dict.fromkeys(parts, self._since_ms))
        return (record for record in log.read(start, log.ends(parts)) if wanted(record))


TOLD = ("stage", "reason", "detail")


def _received(event: Mapping[str, Any]) -> str:
    article = event.get("article") or {}
    return f"received as {event.get('format')} from {article.get('source')}, version " + str(
        article.get("version")
    )


def _enriched(event: Mapping[str, Any]) -> str:
    article = event.get("article") or {}
    status = (article.get("enrichment") or {}).get("status")
    return f"enriched: {status}, {len(article.get('tags') or ())} tags, version " + str(
        article.get("version")
    )


def _published(event: Mapping[str, Any]) -> str:
    return f"{event.get('action')}: revision {event.get('revision')}, version " + str(
        event.get("version")
    )


def _delivered(event: Mapping[str, Any]) -> str:
    status = f" ({event['status']})" if event.get("status") else ""
    return (
        f"{event.get('outcome')} by {event.get('subscriber')}{status}: {event.get('event')} by "
        f"{event.get('channel')} to {event.get('target') or '-'}, version {event.get('version')}"
    )


WORDS: Mapping[Topic, Callable[[Mapping[str, Any]], str]] = {
    ARTICLE_RECEIVED: _received,
    ARTICLE_ENRICHED: _enriched,
    ARTICLE_PUBLISHED: _published,
    DELIVERY_NOTED: _delivered,
}


def _ids_named(story: str) -> set[str]:
    if ID.match(story):
        return {story}
    match = ID_IN_PATH.search(story)
    return {match[1]} if match else set()


def _ids_of(event: Any, story: str) -> Iterable[str]:
    article = event.get("article") if isinstance(event, dict) else None
    if isinstance(article, dict) and story in (article.get(name) for name in NAMES):
        yield article["id"]


def _hop(record: Any, what: str) -> Hop:
    at = datetime.fromtimestamp(record.timestamp / 1_000, UTC)
    where = f"{record.topic}[{record.partition}]@{record.offset}"
    return Hop(_time(at), where, what, (record.key or b"").decode("utf-8", "backslashreplace"))


def text_of(value: bytes | str) -> str:
    """The text that Redis holds."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _order(hop: Hop) -> tuple[str, str]:
    return hop.at, hop.where


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _state_in_words(state: Mapping[str, Any]) -> str:
    if not state:
        return "not in the store"
    return ", ".join(f"{name} {value}" for name, value in state.items())
