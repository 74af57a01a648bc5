"""The parts of Faust, mode and aiokafka that `kafka/progress/continuity.py` replaces or relies on.

A failure here means that a new version has changed one of them. Read the change beside
`continuity.py`, run `tests/integration/kafka/test_continuity.py` a few times, then write the new
version into TRIED and the new digest here.
"""

import hashlib
import inspect
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from faust.app import App
from faust.streams import Stream
from faust.tables.recovery import Recovery
from faust.transport import conductor, consumer
from faust.transport.drivers import aiokafka as driver
from mode.threads import MethodQueue, MethodQueueWorker, QueueServiceThread
from mode.utils import queues

from newsman.kafka.progress.continuity import TRIED

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"

REPLACED = "replaced: is there something new in it that we need?"
SEEKS = "does it still seek and answer what is committed, of every assigned partition?"
FETCHES = "is it still called between two fetches, by the one task that fetches?"
COMMITS = "does it still commit what _new_offset says, unless _should_commit says no?"
CALLS_BACK = "does it still call the consumer before the partitions go and after they came?"
RESUMES = "does it still turn the flow on after every assignment?"
QUEUES = "does clearing still leave nothing behind, and does nothing else clear the queues?"
JOINS = "is the membership still given up only where AskingCoordinator sees it?"
HANDS_ON = "does every fetched record still come to the stream, in the order of the log?"

RELIED_ON = [
    (consumer.Consumer.perform_seek, REPLACED, "0e8c130ff4b0"),
    (consumer.Consumer._add_gap, REPLACED, "4df2573ded7c"),
    (consumer.Consumer._new_offset, REPLACED, "1d2c7ea89a7a"),
    (consumer.Consumer._should_commit, REPLACED, "5ce941793947"),
    (queues.FlowControlEvent.resume, REPLACED, "4dcdc1253fd0"),
    (App._new_transport, REPLACED, "42db531312dd"),
    (consumer.Consumer._drain_messages, HANDS_ON, "44a2500309e8"),
    (consumer.Consumer.getmany, HANDS_ON, "4b168d84882a"),
    (conductor.ConductorCompiler.build, HANDS_ON, "837cf521368c"),
    (Stream.events, HANDS_ON, "c62f4dd3a73f"),
    (consumer.Consumer._wait_next_records, FETCHES, "6218e1969a63"),
    (driver.AIOKafkaConsumerThread._fetch_records, FETCHES, "39a2c6c79fc1"),
    (fetcher.Fetcher.fetched_records, FETCHES, "be4348896b9b"),
    (fetcher.FetchResult, FETCHES, "d7db13f06de8"),
    (consumer.Consumer.on_partitions_revoked, CALLS_BACK, "d04b7ae72c6f"),
    (consumer.Consumer.on_partitions_assigned, CALLS_BACK, "29ce96596f05"),
    (driver.ConsumerRebalanceListener, CALLS_BACK, "f3d04f29dfb3"),
    (App._on_partitions_revoked, CALLS_BACK, "d5c895bbe57d"),
    (App._on_partitions_assigned, CALLS_BACK, "de932b7927db"),
    (GroupCoordinator._on_join_prepare, CALLS_BACK, "4d9524afc0ee"),
    (GroupCoordinator._on_join_complete, CALLS_BACK, "0b0b3d204b40"),
    (Recovery._resume_streams, RESUMES, "d986a6710c1a"),
    (Recovery._restart_recovery.fun, RESUMES, "6bd8a8558a2d"),
    (consumer.Consumer.force_commit, COMMITS, "cc094614d22c"),
    (consumer.Consumer._commit_tps, COMMITS, "a20e230b05ae"),
    (consumer.Consumer._filter_committable_offsets, COMMITS, "dc5e9baf5d99"),
    (consumer.Consumer._filter_tps_with_pending_acks, COMMITS, "f6f923977423"),
    (consumer.Consumer._commit_offsets, COMMITS, "1a6979904118"),
    (consumer.Consumer.ack, COMMITS, "5fcf41cf4515"),
    (driver.AIOKafkaConsumerThread._commit, COMMITS, "932852ce7a23"),
    (AIOKafkaConsumer.seek_to_committed, SEEKS, "f6cd85c8b70a"),
    (AIOKafkaConsumer.seek_to_beginning, SEEKS, "231229deedd7"),
    (AIOKafkaConsumer.committed, SEEKS, "d8706147ab15"),
    (fetcher.Fetcher.seek_to, SEEKS, "f0ba6aba6c22"),
    (fetcher.Fetcher.request_offset_reset, SEEKS, "e5bd8ba88386"),
    (queues.FlowControlEvent, QUEUES, "1da8f905ab65"),
    (queues.ThrowableQueue, QUEUES, "44872deb6547"),
    (driver.AIOKafkaConsumerThread.on_start, JOINS, "38b4e8bd1e10"),
    (GroupCoordinator._do_heartbeat, JOINS, "dc1d6632aaa6"),
    (GroupCoordinator._do_commit_offsets, JOINS, "c3a3ea5613f3"),
    (GroupCoordinator.commit_offsets, JOINS, "5cbe31af28d6"),
    (GroupCoordinator._send_req, JOINS, "fa4b12e914ce"),
    (GroupCoordinator.reset_generation, JOINS, "537aa37c531b"),
    (GroupCoordinator.request_rejoin, JOINS, "f70a261c91c3"),
    (GroupCoordinator._push_error_to_user, JOINS, "743ff515bd7e"),
    (GroupCoordinator._GroupCoordinator__coordination_routine, JOINS, "f814463c6b44"),
    (CoordinatorGroupRebalance, JOINS, "20ed95eaf623"),
    (QueueServiceThread.call_thread, FETCHES, "479edda75b54"),
    (MethodQueue, FETCHES, "d21c54e20ac6"),
    (MethodQueueWorker, FETCHES, "f252ae329d30"),
]


def digest(code):
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("code", "question", "known"), RELIED_ON, ids=[code.__qualname__ for code, *_ in RELIED_ON]
)
def test_the_code_is_the_one_that_was_tried(code, question, known):
    assert digest(code) == known, f"{code.__module__}.{code.__qualname__} has changed; {question}"


@pytest.mark.parametrize("name", TRIED)
def test_the_installed_version_is_the_one_that_was_tried(name):
    assert version(name) == TRIED[name]


@pytest.mark.parametrize("name", TRIED)
def test_only_the_tried_minor_version_is_installed(name):
    major, minor, _ = (int(part) for part in TRIED[name].split("."))
    dependencies = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    found = [one for one in dependencies if one.partition(">=")[0].partition("[")[0] == name]
    assert len(found) == 1
    assert found[0].endswith(f">={TRIED[name]},<{major}.{minor + 1}")
