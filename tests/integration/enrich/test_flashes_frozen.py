"""Each flash goes ahead, whoever of two was frozen, and whatever one lost of its fetches."""

import itertools
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from tests.log import records_on
from tests.lossy import LOSSY

from newsman.enrich.event_ids import flash_event_id
from newsman.kafka.clients import build_producer
from newsman.kafka.records import decode, encode
from newsman.runtime.crash import EXIT_CRASHED
from newsman_schemas.articles import Article, ArticleEnriched, ArticleReceived, article_id
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED

FROZEN_SECONDS = 16
"""The session is 10 s."""
READER = """
import threading
from datetime import UTC, datetime
from newsman.enrich.flashes import Flashes
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.runtime.logs import configure_logging
from newsman.settings import EnrichSettings, read_settings
configure_logging("INFO")
settings = read_settings(EnrichSettings)
class Watch(PartitionWatch):
    has_some = threading.Event()
    def take(self, finished):
        super().take(finished)
        # The first of all is given nothing, until it has heard of the topic's partitions.
        finished and self.has_some.set()
watch = Watch(EndsOfLog(settings.kafka_bootstrap, "watch"))
flashes = Flashes(settings, lambda: datetime.now(UTC), watch)
flashes.start()
watch.has_some.wait()
while flashes.problem():
    threading.Event().wait(0.05)
print("ready", flush=True)
flashes._thread.join()
"""


@pytest.fixture
def start_reader(kafka_bootstrap, topics):
    started = []

    def start(before: str = "") -> subprocess.Popen[str]:
        env = {
            **os.environ,
            "NEWSMAN_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "NEWSMAN_NAMESPACE": topics,
            "NEWSMAN_REDIS_URL": "redis://127.0.0.1:1/0",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", before + READER], stdout=subprocess.PIPE, text=True, env=env
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def send(kafka_bootstrap, topics):
    producer = build_producer(kafka_bootstrap, client_id="test")

    def send(numbers) -> set[str]:
        events = [flash(number) for number in numbers]
        for event in events:
            record = encode(event)
            producer.send(ARTICLE_RECEIVED.full_name(topics), key=record.key, value=record.value)
        producer.flush()
        return {flash_event_id(event) for event in events}

    yield send
    producer.close()


def flash(number: int) -> ArticleReceived:
    now = datetime.now(UTC)
    article = Article(
        id=article_id("desk", f"urn:{number}"),
        source="desk",
        uri=f"urn:{number}",
        version_created=now,
        headline=f"Flash {number}",
        slug="x",
        urgency=1,
    )
    return ArticleReceived(
        event_id=digest(str(number)), occurred_at=now, article=article, format="native"
    )


@pytest.fixture
def sent_ahead(kafka_bootstrap, topics):
    def read() -> set[str]:
        records = records_on(kafka_bootstrap, ARTICLE_ENRICHED.full_name(topics))
        return {decode(ArticleEnriched, record.value).event_id for record in records}

    return read


def test_each_flash_goes_ahead_although_one_of_two_readers_was_frozen(
    start_reader, send, sent_ahead, eventually
):
    first, second = start_reader(), start_reader()
    wanted = send(range(100))
    eventually(lambda: sent_ahead() == wanted)
    first.send_signal(19)
    thaw_at = time.monotonic() + FROZEN_SECONDS
    for start in range(100, 300, 20):
        wanted |= send(range(start, start + 20))
    eventually(lambda: sent_ahead() == wanted, timeout=60)
    eventually(lambda: time.monotonic() > thaw_at)
    first.send_signal(18)
    wanted |= send(range(300, 400))
    eventually(lambda: sent_ahead() == wanted, timeout=60)
    assert (first.poll(), second.poll()) == (None, None)


def test_a_hole_in_what_was_fetched_ends_the_process_and_the_next_sends_all(
    start_reader, send, sent_ahead, eventually
):
    lossy, wanted, numbers = start_reader(LOSSY), set(), itertools.count()

    def ended() -> bool:
        # How much it fetches at once depends on its turns: it is sent more until it has lost some.
        wanted.update(send(itertools.islice(numbers, 100)))
        return lossy.poll() is not None

    eventually(ended)
    assert lossy.returncode == EXIT_CRASHED
    start_reader()
    eventually(lambda: sent_ahead() == wanted, timeout=60)


def test_a_flash_that_comes_while_nobody_reads_goes_ahead_later(
    start_reader, send, sent_ahead, eventually
):
    start_reader().kill()
    wanted = send(range(10))
    start_reader()
    eventually(lambda: sent_ahead() == wanted, timeout=60)
