"""The ledger on a real log: read from where it stands, and made anew from nothing."""

import threading

import pytest
from tests.unit.deliver.ledger.noted import ARTICLE, noted

from newsman.deliver.ledger.book import Ledger
from newsman.deliver.ledger.tail import LedgerTail
from newsman.kafka.clients import build_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.records import encode
from newsman_schemas.topics import DELIVERY_NOTED


@pytest.fixture
def topic(topics):
    return DELIVERY_NOTED.full_name(topics)


@pytest.fixture
def write(kafka_bootstrap, topic):
    producer = build_producer(kafka_bootstrap, client_id="test")

    def append(*values: bytes) -> None:
        for value in values:
            producer.send(topic, value, key=ARTICLE.encode()).get(timeout=10)

    yield append
    producer.close()


@pytest.fixture
def followed(kafka_bootstrap, topic):
    """Keeps ledgers until the end of the test."""
    stopping, threads = threading.Event(), []

    def follow(ledger: Ledger) -> Ledger:
        watch = PartitionWatch(EndsOfLog(kafka_bootstrap, "test-ledger-watch"))
        tail = LedgerTail(ledger, kafka_bootstrap, topic, watch, stopping)
        threads.append(threading.Thread(target=tail.run, daemon=True))
        threads[-1].start()
        return ledger

    yield follow
    stopping.set()
    for thread in threads:
        thread.join(10)


def test_a_ledger_follows_the_log_and_passes_over_what_is_no_entry(write, followed, eventually):
    first, second = noted(1, "acknowledged"), noted(2, "acknowledged", after=5)
    write(encode(first).value, b"{", encode(first).value)
    ledger = followed(Ledger())
    assert eventually(lambda: ledger.is_whole)
    assert ledger.entries(ARTICLE) == (first,)
    write(encode(second).value)
    assert eventually(lambda: ledger.entries(ARTICLE) == (first, second))


def test_a_ledger_goes_on_where_its_file_ends(write, followed, eventually, tmp_path):
    file = str(tmp_path / "ledger.sqlite")
    kept = Ledger(file)
    kept.write([noted(1, "acknowledged")], {})
    write(encode(noted(2, "acknowledged", after=5)).value)
    followed(kept)
    assert eventually(lambda: len(kept.entries(ARTICLE)) == 2)
    assert kept.positions()


def test_a_file_of_another_log_is_begun_anew(write, followed, eventually, tmp_path):
    ledger = Ledger(str(tmp_path / "ledger.sqlite"))
    ledger.write([noted(9, "acknowledged")], {0: 5_000, 1: 5_000, 2: 5_000, 3: 5_000})
    entry = noted(1, "acknowledged")
    write(encode(entry).value)
    followed(ledger)
    assert eventually(lambda: ledger.entries(ARTICLE) == (entry,))
