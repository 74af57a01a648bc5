"""Every reach into the private parts of kafka-python, aiokafka, Faust, mode, redis and uvicorn.

Such parts change without notice. So these libraries are held to the minor versions of TRIED, every
private name that Newsman uses stands in USED, and the code behind it is known by its digest. A
failure of a digest means that a new version has changed what we replace or rely on: read the change
beside the file in USED, run that room's integration tests a few times (for Faust
`tests/integration/kafka/test_continuity.py`), then write the new version and the new digest here.
"""

import hashlib
import inspect
import re
import tomllib
import uuid
from importlib.metadata import version
from pathlib import Path

import pytest
import uvicorn
from aiokafka import AIOKafkaConsumer
from aiokafka.codec import lz4_encode
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator
from faust.app import App
from faust.streams import Stream
from faust.tables.recovery import Recovery
from faust.transport import conductor, consumer
from faust.transport.drivers import aiokafka as driver
from kafka import KafkaConsumer, KafkaProducer
from kafka.consumer.fetcher import Fetcher
from kafka.consumer.subscription_state import SubscriptionState, TopicPartitionState
from kafka.coordinator.base import BaseCoordinator
from kafka.coordinator.consumer import ConsumerCoordinator
from kafka.net.manager import KafkaConnectionManager
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport
from kafka.producer.sender import Sender
from kafka.record.default_records import DefaultRecordBatch
from mode.threads import MethodQueue, MethodQueueWorker, QueueServiceThread
from mode.utils import queues
from redis.asyncio import connection
from tests.private_names import LIBRARIES, private_names
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = REPOSITORY / "services" / "newsman"
TRIED = {
    "aiokafka": "0.14",
    "faust-streaming": "0.15",
    "kafka-python": "3.0",
    "mode-streaming": "0.7",
    "redis": "8.1",
    "uvicorn": "0.54",
}
"""Minor versions that the tests have run with; `pyproject.toml` asks for these and no other."""

USED = {
    "kafka/access/explained.py": "_build_transport _sock_recv",
    "kafka/clients.py": "_coordinator _is_leader _sender",
    "kafka/progress/contiguity.py": "_subscription",
    "kafka/progress/continuity.py": (
        "_acked _acked_index _add_gap _commit _coordination_task _coordinator _do_commit_offsets "
        "_do_heartbeat _ensure_consumer _group_instance_id _new_consumer_thread _new_offset "
        "_new_transport _on_join_complete _push_error_to_user _read_offset _resume _send_req "
        "_session_timeout_ms _should_commit _suspend _thread _wait_next_records"
    ),
    "kafka/quick_records.py": "_buffer _fetcher _unpack_records",
    "web/server/protocol.py": "_start_asgi_task _unset_keepalive_if_required",
}
"""Private names by the file that uses them; `redis/command_batcher.py` uses undocumented ones."""
ELSEWHERE = {"runtime/gil_alarm.py": {"_exit"}}
"""Names that begin so and are no library's: `_exit` of the C library."""

REPLACED = "replaced: is there something new in it that we need?"
SEEKS = "does it still seek and answer what is committed, of every assigned partition?"
FETCHES = "is it still called between two fetches, by the one task that fetches?"
COMMITS = "does it still commit what _new_offset says, unless _should_commit says no?"
CALLS_BACK = "does it still call the consumer before the partitions go and after they came?"
RESUMES = "does it still turn the flow on after every assignment?"
QUEUES = "does clearing still leave nothing behind, and does nothing else clear the queues?"
JOINS = "is the membership still given up only where AskingCoordinator sees it?"
POLLS = "does a rejoin that a poll leaves unfinished still stay forgotten?"
LEADS = "is it still true of a member that gave out partitions until it joins the next time?"
POSITIONS = "is the next fetch's offset still the position of the assignment?"
UNPACKS = "is it still the one place that decodes records, with the same fields to keep up?"
CLOSES = "does close still leave the sender's thread, and does force_close still end it?"
LAST_WORDS = "is what comes with the end of a connection still thrown away?"
ONE_TRIP = "is one packed write with as many reads still one round trip of a connection?"
CONNECTIONS = "replaced or called by BoundedProtocol: are its bounds still in the way of all bytes?"
PACKS = "is it still LZ4 with blocks of their own, and the level all that it is asked for?"
TICKS = "is an end still all that a tick looks for, and the time all that one in ten renews?"
HANDS_ON = "does every fetched record still come to the stream, in the order of the log?"

RELIED_ON = [
    (KafkaConsumer._poll_once, POLLS, "8d14bf9d1722"),
    (ConsumerCoordinator.poll, POLLS, "cb7886f194ce"),
    (BaseCoordinator, POLLS, "c352b801f5e7"),
    (ConsumerCoordinator._perform_assignment, LEADS, "6c2d497eab59"),
    (ConsumerCoordinator._on_join_prepare_async, LEADS, "1f4f6f97894b"),
    (TopicPartitionState, POSITIONS, "8d2e5b91c9d4"),
    (SubscriptionState.__init__, POSITIONS, "f0a0cc004ee8"),
    (Fetcher.PartitionRecords, UNPACKS, "cf2214c6a218"),
    (lz4_encode, PACKS, "a27f1d0da7e1"),
    (DefaultRecordBatch.__init__, UNPACKS, "8df1286ebd1e"),
    (DefaultRecordBatch.validate_crc, UNPACKS, "4a12a3d0e6b4"),
    (KafkaProducer.close, CLOSES, "431699b88f33"),
    (Sender.force_close, CLOSES, "7963a0d23bc9"),
    (KafkaConnectionManager._build_transport, LAST_WORDS, "0362b0a78387"),
    (KafkaTCPTransport._read_from_sock, LAST_WORDS, "572fe643c707"),
    (KafkaTCPTransport._sock_recv, LAST_WORDS, "2594a6a62ec5"),
    (KafkaSSLTransport._sock_recv, LAST_WORDS, "0a592f230c5c"),
    (connection.AbstractConnection.send_packed_command, ONE_TRIP, "baaeabd91620"),
    (connection.AbstractConnection.read_response, ONE_TRIP, "c1b374bc1a30"),
    (connection.ConnectionPool.get_connection, ONE_TRIP, "9773fd0f3df0"),
    (connection.ConnectionPool.release, ONE_TRIP, "e7d317be9fa6"),
    (HttpToolsProtocol, CONNECTIONS, "18fdf324b11b"),
    (RequestResponseCycle, CONNECTIONS, "e67d470d435d"),
    (uvicorn.Server.startup, CONNECTIONS, "2aa1d70a244b"),
    (uvicorn.Server.main_loop, TICKS, "afccb353a119"),
    (uvicorn.Server.on_tick, TICKS, "60ea49b06ccf"),
    (uvicorn.Server.shutdown, CONNECTIONS, "9b33c5056299"),
    (ServerState, CONNECTIONS, "f2260fbf1015"),
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
    (GroupCoordinator.__init__, JOINS, "9e729f077efc"),
    (driver.Consumer._new_consumer_thread, JOINS, "0870ec53dea7"),
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


def digest(code: object) -> str:
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:12]


def used_in(home: Path) -> dict[str, set[str]]:
    """The private names that modules under a package's folder use, by file."""
    names = {
        str(file.relative_to(home)): private_names(file, home)
        for file in sorted(home.rglob("*.py"))
    }
    return {file: found for file in names if (found := names[file] - ELSEWHERE.get(file, set()))}


@pytest.fixture(scope="module")
def watched() -> str:
    """All code that is known by its digest."""
    return "\n".join(inspect.getsource(code) for code, *_ in RELIED_ON)


def test_every_use_of_a_private_name_is_in_the_table_and_nothing_else_is():
    assert used_in(HOME) == {file: set(names.split()) for file, names in USED.items()}


@pytest.mark.parametrize("name", sorted(set(" ".join(USED.values()).split())))
def test_the_code_behind_every_private_name_is_watched(name, watched):
    assert re.search(rf"\b{name}\b", watched)


@pytest.mark.parametrize(
    ("code", "question", "known"), RELIED_ON, ids=[code.__qualname__ for code, *_ in RELIED_ON]
)
def test_the_code_is_the_one_that_was_tried(code, question, known):
    assert digest(code) == known, f"{code.__module__}.{code.__qualname__} has changed; {question}"


@pytest.mark.parametrize("name", TRIED)
def test_the_installed_version_is_one_that_was_tried(name):
    assert version(name).startswith(f"{TRIED[name]}.")


@pytest.mark.parametrize("name", TRIED)
def test_only_the_tried_minor_version_is_asked_for(name):
    dependencies = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    (wanted,) = (
        line
        for line in dependencies["dependencies"]
        if re.split(r"[\[>=<]", line, maxsplit=1)[0] == name
    )
    major, minor = (int(part) for part in TRIED[name].split("."))
    least, below = re.fullmatch(r"[\w-]+(?:\[[\w,]+\])?>=([\d.]+),<([\d.]+)", wanted).groups()
    assert least.split(".")[:2] == TRIED[name].split(".")
    assert below == f"{major}.{minor + 1}"


def test_every_library_is_held_to_a_version():
    assert set(TRIED) == set(LIBRARIES.values())


DERIVED = "import kafka\nclass C(kafka.KafkaConsumer):"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(consumer):\n    return consumer._fetcher", {"_fetcher"}),
        ("from uvicorn._types import ASGI3Application", {"_types"}),
        ("from redis import _parsers", {"_parsers"}),
        (f"{DERIVED}\n    def f(self): self._client", {"_client"}),
        (f"{DERIVED}\n    def _poll_once(self): 0", {"_poll_once"}),
        (f"{DERIVED}\n    def f(self): super()._x()", {"_x"}),
        (f"{DERIVED}\n    def f(self): self._mine = 1", set()),
        ("class C:\n    def _own(self, other): other._own()", set()),
        ("import os\nos._exit(0)", set()),
    ],
)
def test_a_planted_use_is_found(tmp_path, monkeypatch, text, names):
    home = tmp_path / f"planted_{uuid.uuid4().hex}"
    home.mkdir()
    (home / "module.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert used_in(home) == ({"module.py": names} if names else {})
