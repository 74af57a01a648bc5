"""A partition that stands still is named, and ends the process, whatever the others do."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from newsman.kafka.clients import build_producer
from newsman.runtime.crash import EXIT_CRASHED
from newsman_schemas.topics import ARTICLE_RECEIVED

WORKER = Path(__file__).with_name("starved_worker.py")
LIMIT_SECONDS = 4
PAUSE_SECONDS = 0.1


@pytest.fixture
def pushing(kafka_bootstrap, topics):
    """Events on every partition, on and on."""
    stop = threading.Event()

    def push():
        with closing(build_producer(kafka_bootstrap, client_id="load")) as producer:
            while not stop.wait(PAUSE_SECONDS):
                for partition in range(ARTICLE_RECEIVED.partitions):
                    producer.send(
                        ARTICLE_RECEIVED.full_name(topics), value=b"x", partition=partition
                    )

    thread = threading.Thread(target=push)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("pushing")
def test_one_partition_that_stands_still_ends_the_process_though_the_others_go_on(
    kafka_bootstrap, topics, tmp_path
):
    topic = ARTICLE_RECEIVED.full_name(topics)
    arguments = [kafka_bootstrap, topic, f"{topics}.starved", str(LIMIT_SECONDS)]
    log_file = tmp_path / "worker.log"
    with log_file.open("wb") as log:
        ended = subprocess.run(
            [sys.executable, WORKER, *arguments], stdout=log, stderr=log, timeout=90
        )
    assert ended.returncode == EXIT_CRASHED
    assert f"{topic}[0] has stood still for" in log_file.read_text()
