"""One real Kafka and one real Valkey per process that runs tests; all else is a test's own."""

import functools
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from kafka import KafkaAdminClient
from moto.server import ThreadedMotoServer

from newsman.kafka.topics import ensure_topics
from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker
from newsman.tools.local.processes import service_ops_url, service_url
from newsman.tools.local.processes import start_service as start_process
from newsman.tools.local.valkey import Valkey
from newsman_schemas.topics import TOPICS

from .distribution import ByFile, arranged, give_ids, runs_alone
from .ports import free_port
from .turns import ALONE, BESIDE_OTHERS, Turns, locked
from .waiting import patient
from .warm import WarmParents, WarmProcess

REPOSITORY = Path(__file__).resolve().parents[1]
JARS = REPOSITORY / ".newsman" / "kafka-jars"
LAST_WORDS = 1_500
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
TURNS = Turns()
# httpx reads all certificates anew for each client, 25 ms of CPU, and tests make thousands.
httpx._transports.default.create_ssl_context = functools.cache(httpx.create_ssl_context)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Which process runs which tests."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tells all tests apart, and puts them into the order in which they are handed out."""
    give_ids(items)
    if len(items) > 1:
        places = {nodeid: place for place, nodeid in enumerate(arranged([i.nodeid for i in items]))}
        items.sort(key=lambda item: places[item.nodeid])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Takes the test's turn; before its time limit begins, for it may have to wait for others."""
    kind, next_kind = (
        ALONE if test and runs_alone(test) else BESIDE_OTHERS for test in (item, nextitem)
    )
    with TURNS.take(kind, next_kind):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A test that fails shows how the services ended up that were started for it."""
    report = yield
    if report.failed:
        for launch in getattr(item, "funcargs", {}).values():
            if isinstance(launch, Launcher):
                report.sections += launch.last_words()
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.exists():
        pytest.skip("the shared evaluation data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def jars() -> Path:
    """The broker's JARs, which one process fetches for all."""
    JARS.parent.mkdir(exist_ok=True)
    with locked(JARS.parent):
        ensure_jars(JARS)
    return JARS


@pytest.fixture(scope="session")
def kafka_bootstrap(jars: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="newsman-kafka-"))
    broker = Broker(folder, free_port(), free_port(), jars)
    broker.start()
    try:
        broker.wait_ready()
        yield broker.bootstrap
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="newsman-valkey-"))
    valkey = Valkey(folder, free_port())
    valkey.start()
    try:
        valkey.wait_ready()
        yield valkey.url
    finally:
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """An S3-compatible server with the bucket `newsroom`; answers the environment that leads to it.

    moto keeps what it stores in memory and answers over HTTP as S3 does.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    env = {
        "AWS_ACCESS_KEY_ID": "desk",
        "AWS_SECRET_ACCESS_KEY": "a key of no account",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    made = httpx.put(f"{env['AWS_ENDPOINT_URL']}/newsroom")
    made.raise_for_status()
    yield env
    server.stop()


@pytest.fixture
def namespace(request) -> Iterator[str]:
    """A name of the test's own; topics and keys under it are gone afterwards."""
    name = f"t{uuid.uuid4().hex[:10]}"
    yield name
    if "redis_url" in request.fixturenames:
        with redis.Redis.from_url(request.getfixturevalue("redis_url")) as client:
            for key in client.scan_iter(match=f"{name}:*", count=1_000):
                client.unlink(key)


@pytest.fixture
def topics(kafka_bootstrap: str, namespace: str) -> Iterator[str]:
    """All topics, in the test's namespace; answers the namespace."""
    ensure_topics(kafka_bootstrap, namespace, replication=1)
    yield namespace
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_topics([topic.full_name(namespace) for topic in TOPICS])
    admin.close()


@pytest.fixture(scope="session")
def formatted(jars: Path, tmp_path_factory) -> Path:
    """Storage that a broker has formatted and not used yet; that takes as long as starting one."""
    broker = Broker(tmp_path_factory.mktemp("formatted"), free_port(), free_port(), jars)
    broker.prepare()
    return broker.data


@pytest.fixture
def own_broker(tmp_path, jars: Path, formatted: Path) -> Iterator[Broker]:
    """A broker that the test may stop, kill, pause and start again at the same address."""
    broker = Broker(tmp_path / "kafka", free_port(), free_port(), jars)
    shutil.copytree(formatted, broker.data)
    broker.start()
    try:
        broker.wait_ready()
        yield broker
    finally:
        broker.resume()
        broker.kill()


@pytest.fixture
def own_valkey(tmp_path) -> Iterator[Valkey]:
    """A Valkey that the test may kill and start again at the same address."""
    valkey = Valkey(tmp_path / "valkey", free_port())
    valkey.start()
    try:
        valkey.wait_ready()
        yield valkey
    finally:
        valkey.kill()


def wait_until(
    condition: Callable[[], Any], *, timeout: float = 60.0, what: str | Callable[[], str] = ""
) -> Any:
    """Polls until the condition is true and answers its value; the one place that waits.

    `what` says what was waited for, or is asked when it was in vain.
    """
    deadline = time.monotonic() + patient(timeout)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            wanted = what() if callable(what) else what or condition
            pytest.fail(f"not within {timeout} s: {wanted}; last value: {value!r}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    return wait_until


@dataclass
class RunningService:
    """A service of Newsman as a process of its own, killed and started at will."""

    name: str
    env: dict[str, str]
    log_file: Path
    warm: WarmParents | None = None
    process: subprocess.Popen[bytes] | WarmProcess = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def url(self) -> str:
        return service_url(self.env)

    @property
    def ops_url(self) -> str:
        """The address of health and metrics, a port of its own where strangers reach the other."""
        return service_ops_url(self.name, self.env)

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self) -> None:
        warm = self.warm is not None and self.warm.can_start(self.name, self.env)
        start = self.warm.start if warm else start_process
        self.process = start(self.name, self.env, self.log_file)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"{self.name} did not end on SIGTERM; see its log:\n{self.log()}")

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")[-4_000:]

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            pytest.fail(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
        try:
            with urllib.request.urlopen(f"{self.ops_url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, timeout: float = 60.0) -> "RunningService":
        wait_until(self.is_ready, timeout=timeout, what=f"{self.name} is ready")
        return self


def write_sources(path: Path) -> Path:
    entries = [
        f'[sources.{name}]\nname = "{name.title()} desk"\n'
        f'keys = ["sha256:{hashlib.sha256(f"{name}-key".encode()).hexdigest()}"]\n'
        'language = "en"\ntimezone = "UTC"\n'
        f"edits_rankings = {'true' if name == 'demo' else 'false'}\n"
        f"edits_names = {'true' if name == 'demo' else 'false'}\n"
        f"canonical_at_source = {'true' if name == 'agency' else 'false'}\n"
        f"embargo_keeps_earlier = {'true' if name == 'patient' else 'false'}\n"
        for name in ("demo", "other", "agency", "patient")
    ]
    path.touch(0o600)
    path.write_text("\n".join(entries))
    return path


class Launcher:
    """Starts services of one namespace and ends whatever is left of them."""

    def __init__(self, env: dict[str, str], folder: Path, warm: WarmParents | None) -> None:
        self._env = env
        self._folder = folder
        self._warm = warm
        self._started: list[RunningService] = []

    def __call__(self, name: str, **overrides: str) -> RunningService:
        ports = {"NEWSMAN_PORT": str(free_port()), "NEWSMAN_OPS_PORT": str(free_port())}
        env = {**self._env, **ports, **overrides}
        log_file = self._folder / f"{name}-{len(self._started)}.log"
        service = RunningService(name, env, log_file, self._warm)
        self._started.append(service)
        return service

    def last_words(self) -> list[tuple[str, str]]:
        """Of each service how it is and the last lines of its log."""
        return [
            (f"{each.name}, ended: {each.process.poll()}", each.log()[-LAST_WORDS:])
            for each in self._started
        ]

    def end(self) -> None:
        for service in self._started:
            if service.process.poll() is None:
                service.resume()
                service.kill()


def launcher(
    bootstrap: str,
    redis_url: str,
    namespace: str,
    folder: Path,
    warm: WarmParents | None = None,
) -> Launcher:
    env = {
        **os.environ,
        "NEWSMAN_KAFKA_BOOTSTRAP": bootstrap,
        "NEWSMAN_REDIS_URL": redis_url,
        "NEWSMAN_NAMESPACE": namespace,
        "NEWSMAN_SOURCES_FILE": str(write_sources(folder / "sources.toml")),
    }
    return Launcher(env, folder, warm)


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmParents]:
    parents = WarmParents()
    yield parents
    parents.end()


@pytest.fixture
def start_service(topics, kafka_bootstrap, redis_url, tmp_path, warm) -> Iterator[Launcher]:
    """Starts a service of the test's own namespace: `start_service("ingest", NEWSMAN_…="…")`."""
    launch = launcher(kafka_bootstrap, redis_url, topics, tmp_path, warm)
    yield launch
    launch.end()


@pytest.fixture(scope="module")
def start_module_service(kafka_bootstrap, redis_url, tmp_path_factory, warm) -> Iterator[Launcher]:
    """The same for all tests of a module, which share what it starts."""
    namespace = f"m{uuid.uuid4().hex[:10]}"
    ensure_topics(kafka_bootstrap, namespace, replication=1)
    folder = tmp_path_factory.mktemp("module")
    launch = launcher(kafka_bootstrap, redis_url, namespace, folder, warm)
    yield launch
    launch.end()


@pytest.fixture
def launch_on(tmp_path) -> Iterator[Callable[..., Launcher]]:
    """Starts services on a broker and a Redis that are the test's own."""
    launchers: list[Launcher] = []

    def launch_on(
        bootstrap: str, redis_url: str, namespace: str, warm: WarmParents | None = None
    ) -> Launcher:
        launchers.append(launcher(bootstrap, redis_url, namespace, tmp_path, warm))
        return launchers[-1]

    yield launch_on
    for launch in launchers:
        launch.end()
