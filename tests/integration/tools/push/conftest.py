"""A scripted HTTP server, and the commands as processes of their own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Say:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def taken(asked: Asked) -> Say:
    """What ingest answers when all is well; an item a line for NDJSON."""
    if "ndjson" in asked.headers.get("content-type", "") or "ndjson" in asked.path:
        lines = asked.body.splitlines()
        rows = [{"index": n, **_judged(line)} for n, line in enumerate(lines)]
        bad = sum(row["status"] == "rejected" for row in rows)
        status = 202 if not bad else 400 if bad == len(rows) else 207
        return Say(status, json.dumps({"detail": "some", "items": rows}).encode())
    return Say(202, json.dumps({"id": "x", "status": "accepted"}).encode())


def _judged(line: bytes) -> dict:
    if b"bad" in line:
        return {"status": "rejected", "errors": [{"pointer": "", "detail": "bad line"}]}
    return {"status": "accepted"}


class Server:
    """Answers from a script, then with `default`; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: list[Say] = []
        self.default: Callable[[Asked], Say] = taken
        self.connections = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Header and body in one packet, or each answer waits for a delayed ACK.
            wbufsize = -1

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def answer(self) -> None:
                length = int(self.headers.get("content-length", 0))
                body = self.rfile.read(length)
                if len(body) < length:
                    # Who sent it was killed; no server takes a part for the whole.
                    self.close_connection = True
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                say = outer.next(Asked(self.command, self.path, headers, body))
                if say.status == 0:
                    self.close_connection = True
                    return
                self.send_response(say.status)
                for name, value in say.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(say.body)))
                self.end_headers()
                self.wfile.write(say.body)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *_) -> None:
                pass

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    self.close_connection = True

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def next(self, asked: Asked) -> Say:
        with self._lock:
            self.asked.append(asked)
            return self.script.pop(0) if self.script else self.default(asked)

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server():
    found = Server()
    yield found
    found.close()


@pytest.fixture
def other_server():
    found = Server()
    yield found
    found.close()


@dataclass
class Ended:
    code: int
    out: str
    err: str


class Commands:
    """Runs `newsman push|watch|poll` against an ingest."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen] = []

    def start(
        self, *words, url: str, key: str = "demo-key", err: int = subprocess.PIPE, **options
    ) -> subprocess.Popen:
        env = {**os.environ, "NEWSMAN_PUSH_URL": url, "NEWSMAN_PUSH_KEY": key}
        process = subprocess.Popen(
            [sys.executable, "-m", "newsman.cli", *map(os.fspath, words)],
            env=env,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
            errors="surrogateescape",
            **options,
        )
        self._started.append(process)
        return process

    def __call__(self, *words, url: str, key: str = "demo-key", given: str | None = None) -> Ended:
        process = self.start(*words, url=url, key=key, stdin=subprocess.PIPE)
        out, err = process.communicate(given, timeout=60)
        assert "Traceback" not in err, err
        return Ended(process.returncode, out, err)

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def newsman(tmp_path_factory):
    commands = Commands(tmp_path_factory.mktemp("cwd"))
    yield commands
    commands.end()


@pytest.fixture
def say():
    return Say


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()
