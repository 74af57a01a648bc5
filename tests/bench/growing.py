"""What grows with the store: first build, starts, pages, searches and feeds, memory and Redis, on
stores of several sizes. Processor time and ratios within the run, so that a busy machine matters
little."""

import asyncio
import http.client
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from stack import answers, started_service, used_seconds, wait_for

from newsman.kafka.clients import build_producer
from newsman.kafka.records import to_record
from newsman.kafka.topics import ensure_topics
from newsman.publish.gate import Gate
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.mentions import MentionTable
from newsman.redis.client import build_async_client, build_client
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import Marker
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import (
    ArticleEnriched,
    Author,
    EnrichedArticle,
    Enrichment,
    Entity,
    Span,
    Stage,
    Story,
    Tag,
    article_id,
    content_digest,
)
from newsman_schemas.topics import ARTICLE_PUBLISHED

SIZES = (1_000, 20_000, 200_000)
WORDS, STREAM_WORDS = 60_000, 2_000_000
TEXT_WORDS, PARAGRAPHS, HEADLINE_WORDS, SUMMARY_WORDS = 450, 6, 9, 25
SECTIONS, TAGS, ENTITIES, AUTHORS, SOURCES = 12, 300, 20_000, 400, 3
TAGGED, NAMED, COPIES = 4, 6, 0.1
MINUTES_APART = 2
AT_ONCE = 100
ROUNDS, ADDRESSES = 8, 8
LEAST_AS_LARGE = 0.8
"""A page of which a store has less than this is compared from the next larger store on."""
LIMIT_SECONDS = 1_800
SYLLABLES = "ba co den fi gra hol in ja ker lo mar ne or pu ri sta ter um ver wi".split()


class Press:
    """Makes articles as enrich leaves them, the same for the same number: words, terms and names by
    Zipf's law."""

    def __init__(self, first_at: datetime) -> None:
        self._first_at = first_at
        chance = random.Random(1)
        # Frequent words are short.
        self.words = sorted({_word(chance) for _ in range(WORDS)}, key=lambda one: (len(one), one))
        weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))
        self._stream = chance.choices(self.words, cum_weights=weights, k=STREAM_WORDS)
        pairs = zip(self._stream[:ENTITIES], self._stream[ENTITIES:], strict=False)
        names = [f"{first.title()} {last.title()}" for first, last in pairs]
        self.entities = [(f"{name} {n}", f"{slug(name)}-{n}") for n, name in enumerate(names)]

    def article(self, number: int) -> EnrichedArticle:
        """One article."""
        chance = random.Random(number)
        part = TEXT_WORDS // PARAGRAPHS
        paragraphs = [self._some(chance, part) for _ in range(PARAGRAPHS)]
        at = self._first_at + timedelta(minutes=MINUTES_APART * number)
        source = f"desk{number % SOURCES}"
        is_copy = chance.random() < COPIES and number > 50
        original = number - SOURCES * chance.randrange(1, 10) if is_copy else number
        return EnrichedArticle(
            id=article_id(source, uri(number)),
            source=source,
            uri=uri(number),
            version_created=at,
            received_at=at,
            headline=self._some(chance, HEADLINE_WORDS),
            slug=f"story-{number}",
            section=f"Section {zipf(chance, SECTIONS)}",
            language="en",
            authors=(Author(name=f"Author {zipf(chance, AUTHORS)}"),),
            summary=self._some(chance, SUMMARY_WORDS),
            body_text="\n\n".join(paragraphs),
            body_html="".join(f"<p>{text}</p>" for text in paragraphs),
            tags=tuple(_tag(n) for n in {zipf(chance, TAGS) for _ in range(TAGGED)}),
            entities=tuple(self._entity(n) for n in {zipf(chance, ENTITIES) for _ in range(NAMED)}),
            story=Story(
                id=article_id(source, uri(original)), role="copy" if is_copy else "original"
            ),
            enrichment=Enrichment(status="done", method="bench", duration_ms=1),
        )

    def _some(self, chance: random.Random, number: int) -> str:
        start = chance.randrange(STREAM_WORDS - number)
        return " ".join(self._stream[start : start + number]).capitalize() + "."

    def _entity(self, number: int) -> Entity:
        name, its_slug = self.entities[number]
        return Entity(name=name, slug=its_slug, type="person", mentions=2, confidence=0.9,
                      method="bench", identifier=f"Q{number}", scheme="wikidata", salience=0.4,
                      aliases=(name.partition(" ")[0],), known_as=(f"The {name}", f"{name} Group"),
                      evidence=_spans(number))  # fmt: skip


def _tag(number: int) -> Tag:
    return Tag(name=f"Topic {number}", slug=f"topic-{number}", code=f"{20_000_000 + number}",
               scheme="medtop", confidence=0.8, method="bench",
               evidence=_spans(number))  # fmt: skip


def _spans(number: int) -> tuple[Span, ...]:
    at = number % 2_000
    return tuple(Span(field="body_text", start=n, end=n + 9) for n in (at, at + 400))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 5)))


def uri(number: int) -> str:
    """The identifier of an article at its newsroom."""
    return f"https://bench.example/stories/{number}"


def slug(name: str) -> str:
    """The slug of a plain name."""
    return name.lower().replace(" ", "-")


def zipf(chance: random.Random, number: int) -> int:
    """A number below another, the smaller the likelier (some 1/n)."""
    return int(number ** chance.random()) - 1


@dataclass(frozen=True)
class Answer:
    """An answer that was made anew: milliseconds of CPU of feeds and by the clock, and its size."""

    cpu_ms: float
    wall_ms: float
    size: int


@dataclass(frozen=True)
class Figures:
    """What was measured on one store: seconds, bytes, and the answers by kind of address."""

    articles: int
    redis_bytes: float
    cold_seconds: float
    warm_seconds: float
    resident_mib: float
    peak_mib: float
    answers: dict[str, list["Answer"]]

    @property
    def build_us(self) -> float:
        """CPU of a first build for each article, in microseconds."""
        return (self.cold_seconds - self.warm_seconds) / self.articles * 1e6


def growing(broker: Broker, valkey: Valkey, folder: Path, *, sizes: Sequence[int] = SIZES) -> str:
    """Tables of what grows, from the smallest store to the largest."""
    return table([measured(broker, valkey, folder, size) for size in sizes])


def measured(broker: Broker, valkey: Valkey, folder: Path, articles: int) -> Figures:
    """A store of so many articles, and feeds on it: made from the log, then started again."""
    namespace = f"bench-{articles}"
    press = Press(datetime.now(UTC) - timedelta(minutes=MINUTES_APART * articles))
    ensure_topics(broker.bootstrap, namespace, replication=1)
    client = build_client(valkey.url)
    empty = client.info("memory")["used_memory"]
    began = time.monotonic()
    asyncio.run(fill(broker, valkey, namespace, press, articles))
    redis_bytes = (client.info("memory")["used_memory"] - empty) / articles
    print(f"  {articles:,} filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    settings = {
        "NEWSMAN_NAMESPACE": namespace,
        "NEWSMAN_CATALOGUE_FILE": str(folder / f"{namespace}.sqlite"),
    }
    cold, warm = 0.0, 0.0
    with started_service("feeds", broker, valkey, folder, **settings) as (process, url):
        cold = cpu_when_ready(process.pid, url)
        peak = memory_mib(process.pid, "VmHWM")
    with started_service("feeds", broker, valkey, folder, **settings) as (process, url):
        warm = cpu_when_ready(process.pid, url)
        changes = ArticleKeys(namespace).changes
        asked = ask_all(process.pid, url, press, lambda: client.incr(changes))
        resident = memory_mib(process.pid, "VmRSS")
        peak = max(peak, memory_mib(process.pid, "VmHWM"))
    return Figures(articles, redis_bytes, cold, warm, resident, peak, asked)


async def fill(broker: Broker, valkey: Valkey, namespace: str, press: Press, articles: int) -> None:
    """Articles through the gate into the store, and its events onto article-published."""
    client = build_async_client(valkey.url)
    await client.set(ArticleKeys(namespace).marker, str(Marker()))
    mentions = MentionTable(client, namespace)
    await mentions.fill({})
    gate = Gate(ArticleStore(client, namespace), lambda: datetime.now(UTC), mentions)
    producer = build_producer(broker.bootstrap, client_id="bench", linger_ms=20)
    topic = ARTICLE_PUBLISHED.full_name(namespace)
    for start in range(0, articles, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, articles))
        accepted = await gate.accept([incoming(press.article(number)) for number in numbers])
        outgoing = [one for each in accepted if isinstance(each, tuple) for one in each]
        for one in outgoing:
            record = to_record(one.event, one.raw)
            producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        await gate.confirm([one.event for one in outgoing])
    producer.flush()
    producer.close()
    await client.aclose()


def incoming(article: EnrichedArticle) -> ArticleEnriched:
    """The article as enrich hands it over."""
    at = article.version_created
    trail = tuple(
        Stage(stage=stage, service=service, at=at, version=1)
        for stage, service in (("received", "ingest"), ("enriched", "enrich"))
    )
    return ArticleEnriched(
        event_id=content_digest(article), occurred_at=at, article=article, trail=trail
    )


def cpu_when_ready(pid: int, url: str) -> float:
    """Seconds of processors that feeds has used once it is ready and has read the log."""
    wait_for(lambda: answers(f"{url}/search?q=a"), LIMIT_SECONDS, every_seconds=1.0)
    return used_seconds(pid)


def addresses(press: Press) -> dict[str, list[str]]:
    """Addresses of each kind, the same on every store."""
    words = press.words

    def searches(rank: int, *more: int, **filters: str) -> list[str]:
        asked = [
            " ".join([words[rank + n], *(words[m + n] for m in more)]) for n in range(ADDRESSES)
        ]
        return [f"/search?{urlencode({'q': q} | filters)}" for q in asked]

    entities = [f"/entities/{quote(its_slug)}" for _, its_slug in press.entities[:ADDRESSES]]
    sections = [f"/sections/section-{n % SECTIONS}" for n in range(ADDRESSES)]
    tags = [f"/tags/topic-{n}" for n in range(ADDRESSES)]
    return {
        "search for a word of most articles": searches(5),
        "search for a common word": searches(300),
        "search for a rare word": searches(8_000),
        "search for two words": searches(100, 1_000),
        "search for a word in a section": searches(300, section="section-2"),
        "search for half a word": [f"/search?q={words[n][:4]}" for n in range(50, 50 + ADDRESSES)],
        "page of an entity": entities,
        "page of a section": sections,
        "page of a tag": tags,
        "page of a section and a tag": [
            f"/search?section=section-{n % 3}&tag=topic-{n}" for n in range(ADDRESSES)
        ],
        "feed of a section, RSS": [f"{path}.rss" for path in sections],
        "feed of an entity, JSON": [f"{path}.json" for path in entities],
        "changes of a section": [f"{path}.json?since=0" for path in sections],
    }


def ask_all(
    pid: int, url: str, press: Press, change: Callable[[], object]
) -> dict[str, list[Answer]]:
    """The answers of each kind, made anew each time."""
    kinds: dict[str, list[Answer]] = {}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    for kind, asked in addresses(press).items():
        for number in range(ROUNDS + 1):
            change()
            time.sleep(0.1)  # a process believes for 50 ms that nothing has changed
            answered = [answer(connection, pid, address) for address in asked]
            if number:  # the first round parses articles and fills SQLite's cache
                kinds.setdefault(kind, []).extend(answered)
    connection.close()
    return kinds


def answer(connection: http.client.HTTPConnection, pid: int, address: str) -> Answer:
    """The answer at an address."""
    before, began = cpu_ns(pid), time.perf_counter()
    connection.request("GET", address, headers={"User-Agent": "bench"})
    given = connection.getresponse()
    size = len(given.read())
    took = time.perf_counter() - began
    if given.status not in (200, 404):  # a small store may lack an entity
        raise SystemExit(f"{address} answered {given.status}")
    return Answer((cpu_ns(pid) - before) / 1e6, took * 1e3, size)


def cpu_ns(pid: int) -> int:
    """Nanoseconds of processors that the threads of a process have used."""
    return sum(
        int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")
    )


def memory_mib(pid: int, field: str) -> float:
    """A field of /proc/PID/status, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))


def table(stores: Sequence[Figures]) -> str:
    """Rows by store, with ratios to the smallest."""
    head = "| articles | " + " | ".join(f"{store.articles:,}" for store in stores) + " |"
    rule = "| --- " * (len(stores) + 1) + "|"
    return "\n".join([head, rule, *_of_stores(stores), "", *_of_answers(stores), ""])


def _of_stores(stores: Sequence[Figures]) -> Iterator[str]:
    rows: dict[str, Callable[[Figures], str]] = {
        "first build, CPU an article": lambda store: f"{store.build_us:,.0f} µs",
        "start with its file, CPU": lambda store: f"{store.warm_seconds:.1f} s",
        "memory of feeds, after all requests": lambda store: f"{store.resident_mib:,.0f} MiB",
        "memory of feeds, at most": lambda store: f"{store.peak_mib:,.0f} MiB",
        "Redis an article": lambda store: f"{store.redis_bytes:,.0f} bytes",
    }
    for name, cell in rows.items():
        yield f"| {name} | " + " | ".join(map(cell, stores)) + " |"


def _of_answers(stores: Sequence[Figures]) -> Iterator[str]:
    heads = [f"{store.articles:,}: CPU p50, p99; by the clock p50, p99; kB" for store in stores]
    yield "| made anew, ms | " + " | ".join(heads) + " | ratios of CPU p50, p99 |"
    yield "| --- " * (len(stores) + 2) + "|"
    for kind in stores[0].answers:
        rows = [store.answers[kind] for store in stores]
        cells = [
            f"{_at([a.cpu_ms for a in row], 50):.1f}, {_at([a.cpu_ms for a in row], 99):.1f}; "
            f"{_at([a.wall_ms for a in row], 50):.1f}, {_at([a.wall_ms for a in row], 99):.1f}; "
            f"{_size(row) / 1e3:.0f}"
            for row in rows
        ]
        yield f"| {kind} | " + " | ".join(cells) + f" | {_ratios(stores, rows)} |"


def _ratios(stores: Sequence[Figures], rows: Sequence[list[Answer]]) -> str:
    """The largest store's CPU to that of the smallest which has as much to show."""
    enough = LEAST_AS_LARGE * _size(rows[-1])
    number = next(n for n, row in enumerate(rows) if _size(row) >= enough)
    least, most = ([one.cpu_ms for one in rows[n]] for n in (number, -1))
    ratios = ", ".join(f"{_at(most, at) / _at(least, at):.2f}" for at in (50, 99))
    return ratios if number == 0 else f"{ratios} (to {stores[number].articles:,})"


def _size(row: Sequence[Answer]) -> float:
    return statistics.median(one.size for one in row)


def _at(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
