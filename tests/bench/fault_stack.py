"""The whole stack as an operator runs it, to be broken: what ends is started again."""

import hashlib
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack import Process, answers, environment, free_port, wait_for

from newsman.kafka.topics import ensure_topics
from newsman.services import SERVICES
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import PORTS
from newsman.tools.local.processes import service_ops_url, service_url, start_service
from newsman.tools.local.valkey import Valkey

NAMESPACE = "newsman"
PUBLIC = tuple(name for name in SERVICES if f"{name}-ops" in PORTS)
"""Services that strangers reach."""
KEEPER_SECONDS = 0.5
READY_LIMIT_SECONDS = 120
STOP_LIMIT_SECONDS = 30
SECRET = "whsec_" + "A" * 44


@dataclass
class Member:
    """One process of a service; its children are of its group."""

    name: str
    env: dict[str, str]
    log: Path
    process: Process = field(init=False)
    is_wanted: bool = True
    restarts: int = 0

    def __post_init__(self) -> None:
        self.start()

    @property
    def url(self) -> str:
        """Where it serves."""
        return service_url(self.env)

    @property
    def health_url(self) -> str:
        """Where it tells of its health."""
        return service_ops_url(self.name, self.env)

    def start(self) -> None:
        """Starts it, or starts it again."""
        self.process = start_service(self.name, self.env, self.log)

    def kill(self) -> None:
        """SIGKILL; whoever keeps it starts it again."""
        self.process.kill()

    def freeze(self) -> None:
        """SIGSTOP, with its children."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT, with its children."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def keep(self) -> None:
        """Starts it again if it has ended by itself, as an operator's machine would."""
        if self.is_wanted and self.process.poll() is not None:
            self.restarts += 1
            self.start()

    def end(self) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        self.is_wanted = False
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Subscriber:
    """Takes webhooks and notes how often each came, by article, revision and id."""

    def __init__(self) -> None:
        self.came: Counter[tuple[str, str]] = Counter()
        noted = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                noted.came[self.headers["webhook-id"], body.decode()] += 1
                self.send_response(204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Takes no more."""
        self._server.shutdown()
        self._server.server_close()


class FaultStack:
    """A broker, a Valkey, a subscriber and the members of every service."""

    def __init__(self, broker: Broker, valkey: Valkey, folder: Path) -> None:
        self.broker, self.valkey = broker, valkey
        self.subscriber = Subscriber()
        self._folder = folder
        self._settings = {
            "NEWSMAN_SOURCES_FILE": str(_sources(folder)),
            "NEWSMAN_ASSETS_URL": (folder / "assets").as_uri(),
            "NEWSMAN_WEBHOOK_URL": self.subscriber.url,
            "NEWSMAN_WEBHOOK_SECRET": SECRET,
            "NEWSMAN_READER_SALT": "a salt that outlives a flush",
            "NEWSMAN_SURGE_VIEWS": "0",
        }
        self._over = threading.Event()
        self.members = [self._member(name, "0") for name in SERVICES]
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def __getitem__(self, name: str) -> Member:
        return next(member for member in self.members if member.name == name)

    @property
    def restarts(self) -> int:
        """How often any of them was started again."""
        return sum(member.restarts for member in self.members)

    def join(self, name: str) -> Member:
        """A second member of a service, once it is ready."""
        member = self._member(name, "1")
        self.members.append(member)
        wait_for(lambda: answers(f"{member.health_url}/readyz"), READY_LIMIT_SECONDS)
        return member

    def leave(self, member: Member) -> None:
        """Lets a member go in order."""
        self.members.remove(member)
        member.end()

    def wait_ready(self) -> None:
        """Returns once all of them say that they are ready."""
        for member in self.members:
            url = f"{member.health_url}/readyz"
            wait_for(lambda url=url: answers(url), READY_LIMIT_SECONDS)  # type: ignore[misc]

    def restart_all(self) -> None:
        """SIGTERM to all at once, and all of them again."""
        members = list(self.members)
        threads = [threading.Thread(target=member.end) for member in members]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for member in members:
            member.start()
            member.is_wanted = True

    def close(self) -> None:
        """Ends everything but the broker and the Valkey."""
        self._over.set()
        self._keeper.join()
        for member in self.members:
            member.end()
        self.subscriber.close()

    def _member(self, name: str, instance: str) -> Member:
        env = {
            **os.environ,
            **environment(self.broker, self.valkey, free_port()),
            **self._settings,
            "NEWSMAN_INSTANCE": instance,
        }
        return Member(name, env, self._folder / f"{name}-{instance}.log")

    def _keep(self) -> None:
        while not self._over.wait(KEEPER_SECONDS):
            for member in tuple(self.members):
                member.keep()


@contextmanager
def fault_stack(broker: Broker, valkey: Valkey, folder: Path) -> Iterator[FaultStack]:
    """The stack, ready."""
    folder.mkdir()
    ensure_topics(broker.bootstrap, NAMESPACE, replication=1)
    stack = FaultStack(broker, valkey, folder)
    try:
        stack.wait_ready()
        yield stack
    finally:
        stack.close()


def frozen(members: Iterable[Member], seconds: float) -> None:
    """Freezes them together for so long."""
    stopped = list(members)
    for member in stopped:
        member.freeze()
    time.sleep(seconds)
    for member in stopped:
        member.thaw()


def _sources(folder: Path) -> Path:
    digest = hashlib.sha256(b"demo-key").hexdigest()
    sources = folder / "sources.toml"
    sources.write_text(f'[sources.demo]\nkeys = ["sha256:{digest}"]\nlanguage = "en"\n')
    sources.chmod(0o600)
    return sources
