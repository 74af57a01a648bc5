"""The process behind the embedded stack: starts all of it, and again what crashes or is stuck."""

import base64
import hashlib
import logging
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from newsman.kafka.topics import ensure_topics
from newsman.provenance.keys import ensure_key
from newsman.runtime.keeper import Child, end_together
from newsman.runtime.logs import configure_logging
from newsman.runtime.private_files import close_folder, replace_private
from newsman.settings import KafkaSettings
from newsman.tools.local.defaults import DEMO_KEY
from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import PROCESSES, Layout, layout_from_environment
from newsman.tools.local.processes import environment, identify, save
from newsman.tools.local.processes import start_service as start
from newsman.tools.local.stuck import ASK_SECONDS, MOST_UNANSWERED, answers
from newsman.tools.local.valkey import Valkey

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
STOP_LIMIT_SECONDS = 10.0


class Supervisor:
    """The whole stack in one installation."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._children: list[Child] = []

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
        ensure_topics(layout.bootstrap, namespace(), replication=1)
        for name in PROCESSES:
            self._add(name, lambda name=name: self._launch(name))  # type: ignore[misc]

    def look(self) -> None:
        """One look at every child."""
        if any([child.look() for child in self._children]):
            self._save()

    def ask(self) -> None:
        """Asks every service once; one that leaves too many questions unanswered is killed."""
        for child in self._children:
            if child.name in PROCESSES:
                process, url = child.process, f"{self._layout.ops_url(child.name)}/healthz"
                child.note_answer(process, has_answered=answers(url))

    def ask_until(self, stopping: threading.Event) -> None:
        """Asks every service every few seconds; to be run in a thread of its own."""
        while not stopping.wait(ASK_SECONDS):
            self.ask()

    def stop(self) -> None:
        """Services first, all at once; then Valkey, then Kafka."""
        services = [child for child in self._children if child.name in PROCESSES]
        end_together(services, limit_seconds=STOP_LIMIT_SECONDS)
        for server in reversed([child for child in self._children if child not in services]):
            end_together([server], limit_seconds=STOP_LIMIT_SECONDS)
        self._layout.state.unlink(missing_ok=True)

    def _add(self, name: str, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._children.append(Child(name, launch, most_unanswered=MOST_UNANSWERED))
        self._save()

    def _launch(self, name: str) -> subprocess.Popen[bytes]:
        log_file = self._layout.logs / f"{name}.log"
        return start(name, environment(self._layout, name), log_file)

    def _save(self) -> None:
        running = [identify(child.name, child.process.pid) for child in self._children]
        save(self._layout.state, running)


def namespace() -> str:
    """The first part of all names, which the services take from the same place."""
    default: str = KafkaSettings.model_fields["namespace"].default
    return os.environ.get("NEWSMAN_NAMESPACE", default)


def prepare(layout: Layout) -> None:
    """The folder, the secrets and keys, the sources and the site's file, made once."""
    close_folder(layout.logs)
    if not layout.webhook_secret.exists():
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        replace_private(layout.webhook_secret, secret.encode())
    if not layout.operator_token.exists():
        replace_private(layout.operator_token, f"{secrets.token_hex(32)}\n".encode())
    ensure_key(layout.signing_key, layout.signing_keys, now=datetime.now(UTC))
    if not layout.sources.exists():
        digest = hashlib.sha256(DEMO_KEY.encode()).hexdigest()
        text = (
            "# The sources that may push; a key is kept as its SHA-256.\n"
            '[sources.demo]\nname = "Newsman demo desk"\n'
            f'keys = ["sha256:{digest}"]\nlanguage = "en"\ntimezone = "UTC"\n'
            "edits_names = true\nedits_rankings = true\n"
        )
        replace_private(layout.sources, text.encode())
    if not layout.site_file.exists():
        text = '# Names that readers see.\n[sources]\ndemo = "The Harbour Post"\n'
        replace_private(layout.site_file, text.encode())


def _started(server: Broker | Valkey) -> subprocess.Popen[bytes]:
    server.start()
    assert server.process is not None
    return server.process


def main() -> int:
    """Runs the stack until SIGTERM."""
    configure_logging("INFO")
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    supervisor = Supervisor(layout_from_environment())
    try:
        supervisor.start()
        asking = threading.Thread(target=supervisor.ask_until, args=(stopping,), daemon=True)
        asking.start()
        while not stopping.wait(LOOK_SECONDS):
            supervisor.look()
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
