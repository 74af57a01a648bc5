"""The process behind the embedded stack: starts all of it, and again what crashes or is stuck."""

import base64
import hashlib
import logging
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial

from newsman.kafka.topics import ensure_topics
from newsman.runtime.logs import configure_logging
from newsman.runtime.private_files import close_folder, replace_private
from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import PROCESSES, Layout, layout_from_environment
from newsman.tools.local.processes import end, environment, identify, save
from newsman.tools.local.processes import start_service as start
from newsman.tools.local.stuck import ASK_SECONDS, AnswerCount, answers
from newsman.tools.local.valkey import Valkey

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
STEADY_SECONDS = 30.0
STOP_LIMIT_SECONDS = 10.0
DEMO_KEY = "demo-key"
NAMESPACE = "newsman"


class Backoff:
    """How long to wait before the next start: doubling, until a run was steady."""

    def __init__(self) -> None:
        self._next_seconds = FIRST_BACKOFF_SECONDS

    def after(self, ran_seconds: float) -> float:
        """The seconds to wait after a run of this length."""
        if ran_seconds >= STEADY_SECONDS:
            self._next_seconds = FIRST_BACKOFF_SECONDS
        wait = self._next_seconds
        self._next_seconds = min(self._next_seconds * 2, LONGEST_BACKOFF_SECONDS)
        return wait


class Child:
    """One process that must run, whatever happens to it."""

    def __init__(self, name: str, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.name = name
        self._launch = launch
        self._backoff = Backoff()
        self._began = time.monotonic()
        self._start_at: float | None = None
        self.process = launch()
        self.running = identify(name, self.process.pid)

    def look(self, now: float) -> bool:
        """Starts it again if it ended and has waited long enough; says whether it did."""
        status = self.process.poll()
        if status is None:
            return False
        if self._start_at is None:
            wait = self._backoff.after(now - self._began)
            log.warning("%s ended with status %s; again in %.1f s", self.name, status, wait)
            self._start_at = now + wait
        if now < self._start_at:
            return False
        self._start_at, self._began = None, now
        self.process = self._launch()
        self.running = identify(self.name, self.process.pid)
        return True


class Supervisor:
    """The whole stack in one installation."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._children: list[Child] = []
        self._answers = {
            name: AnswerCount(partial(answers, f"{layout.ops_url(name)}/healthz"))
            for name in PROCESSES
        }

    def start(self) -> None:
        """Kafka and Valkey first, the topics, then every service."""
        layout = self._layout
        prepare(layout)
        ensure_jars(layout.jars)
        broker = Broker(
            layout.home / "kafka",
            layout.port("kafka"),
            layout.port("kafka-controller"),
            layout.jars,
        )
        valkey = Valkey(layout.home / "valkey", layout.port("valkey"))
        self._add("kafka", lambda: _started(broker))
        self._add("valkey", lambda: _started(valkey))
        broker.wait_ready()
        valkey.wait_ready()
        ensure_topics(layout.bootstrap, NAMESPACE, replication=1)
        for name in PROCESSES:
            self._add(name, lambda name=name: self._launch(name))  # type: ignore[misc]

    def look(self) -> None:
        """One look at every child."""
        if any([child.look(time.monotonic()) for child in self._children]):
            self._save()

    def kill_stuck(self) -> None:
        """Kills what answered once and does not any more, so that the next look starts it again."""
        for child in self._children:
            count = self._answers.get(child.name)
            if count and count.is_stuck(child.process.pid):
                log.error("%s answers no more and is killed", child.name)
                child.process.kill()

    def kill_stuck_until(self, stopping: threading.Event) -> None:
        """Asks every service every few seconds; to be run in a thread of its own."""
        while not stopping.wait(ASK_SECONDS):
            self.kill_stuck()

    def stop(self) -> None:
        """Services first, all at once; then Valkey, then Kafka."""
        services = [child for child in self._children if child.name in PROCESSES]
        threads = [threading.Thread(target=_end, args=(child,)) for child in services]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for child in reversed([c for c in self._children if c.name not in PROCESSES]):
            _end(child)
        self._layout.state.unlink(missing_ok=True)

    def _add(self, name: str, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._children.append(Child(name, launch))
        self._save()

    def _launch(self, name: str) -> subprocess.Popen[bytes]:
        log_file = self._layout.logs / f"{name}.log"
        return start(name, environment(self._layout, name), log_file)

    def _save(self) -> None:
        save(self._layout.state, [child.running for child in self._children])


def prepare(layout: Layout) -> None:
    """The folder, the webhook secret and the sources file, made once."""
    close_folder(layout.logs)
    if not layout.webhook_secret.exists():
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        replace_private(layout.webhook_secret, secret.encode())
    if not layout.sources.exists():
        digest = hashlib.sha256(DEMO_KEY.encode()).hexdigest()
        text = (
            "# The sources that may push; a key is kept as its SHA-256.\n"
            '[sources.demo]\nname = "Newsman demo desk"\n'
            f'keys = ["sha256:{digest}"]\nlanguage = "en"\ntimezone = "UTC"\n'
        )
        replace_private(layout.sources, text.encode())


def _started(server: Broker | Valkey) -> subprocess.Popen[bytes]:
    server.start()
    assert server.process is not None
    return server.process


def _end(child: Child) -> None:
    end(child.running, limit_seconds=STOP_LIMIT_SECONDS)
    child.process.wait()


def main() -> int:
    """Runs the stack until SIGTERM."""
    configure_logging("INFO")
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    supervisor = Supervisor(layout_from_environment())
    try:
        supervisor.start()
        asking = threading.Thread(target=supervisor.kill_stuck_until, args=(stopping,), daemon=True)
        asking.start()
        while not stopping.wait(LOOK_SECONDS):
            supervisor.look()
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
