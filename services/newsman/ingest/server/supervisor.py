"""Several processes of ingest on one port, kept by one that starts again what dies or is stuck.

The keeper holds the listening socket, so connections that wait to be accepted outlive a worker;
workers share it, so the others serve on at once. A worker ends in order when its keeper is gone.
Health and metrics of all are the keeper's to tell, on the port for operators.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from prometheus_client.multiprocess import mark_process_dead

from newsman.ingest.ops import ingest_ops_routes
from newsman.ingest.server.questions import WorkerLine
from newsman.ingest.server.worker import SHUTDOWN_SECONDS, WorkerLinks
from newsman.ingest.server.worker_health import WorkerHealth
from newsman.runtime.health import METRICS_FOLDER, registry_of, serve_ops
from newsman.runtime.keeper import Child, end_together
from newsman.settings import IngestSettings
from newsman.web.server.serve import listen

ASK_SECONDS = 2.0
MOST_UNANSWERED = 15
POLL_SECONDS = 0.1


def read_place(text: str) -> WorkerLinks:
    """The place of a worker, as its keeper writes it."""
    listener, keeper, questions, starts = (int(part) for part in text.split(","))
    return WorkerLinks(listener, keeper, questions, is_replacement=starts > 0)


def keep_workers(settings: IngestSettings) -> int:
    """Keeps the workers running until a signal; 0 when all of them ended in order."""
    listener = listen(settings.host, settings.port, variable="NEWSMAN_PORT")
    with tempfile.TemporaryDirectory(prefix="newsman-metrics-") as folder, listener:
        keeper = _Keeper(listener, folder, settings)
        health = WorkerHealth(keeper.lines)
        routes = ingest_ops_routes(
            settings,
            alive=health.alive,
            taking=health.taking,
            registry=lambda: registry_of(folder),
        )
        stop_ops = serve_ops(
            routes, host=settings.ops_host, port=settings.ops_port, variable="NEWSMAN_OPS_PORT"
        )
        try:
            return keeper.run()
        finally:
            stop_ops()
            health.close()


class _Keeper:
    def __init__(self, listener: socket.socket, folder: str, settings: IngestSettings) -> None:
        self._listener = listener
        self._folder = folder
        self._count = settings.ingest_workers
        self._workers: list[_Worker] = []
        self._limit_seconds = SHUTDOWN_SECONDS + 2 * settings.ack_timeout_seconds + 2
        self._alive_fd, self._held_fd = os.pipe()
        self._is_over = False

    def lines(self) -> list[WorkerLine]:
        """The lines to all workers that run."""
        return [worker.line for worker in self._workers if worker.line is not None]

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        fds = (self._listener.fileno(), self._alive_fd)
        self._workers = [_Worker(number, fds, self._folder) for number in range(self._count)]
        while not self._is_over:
            for worker in self._workers:
                worker.look()
            time.sleep(POLL_SECONDS)
        return self._end()

    def _on_signal(self, *_: object) -> None:
        self._is_over = True

    def _end(self) -> int:
        self._listener.close()
        children = [worker.child for worker in self._workers]
        statuses = end_together(children, limit_seconds=self._limit_seconds)
        os.close(self._alive_fd)
        os.close(self._held_fd)
        return 0 if not any(statuses) else 1


class _Worker:
    """A worker, the line to it, and the files that it shares with its keeper."""

    def __init__(self, number: int, fds: tuple[int, int], folder: str) -> None:
        self._fds = fds
        self._folder = folder
        self._starts = 0
        self._ask_at = 0.0
        self.line: WorkerLine | None = None
        self.child = Child(
            f"worker {number}", self._launch, most_unanswered=MOST_UNANSWERED, ended=self._bury
        )

    def look(self) -> None:
        """Starts it again where it has ended, and asks it now and then how it is."""
        self.child.look()
        now = time.monotonic()
        if self.line is not None and now >= self._ask_at:
            self._ask_at = now + ASK_SECONDS
            self.child.note_answer(self.child.process, has_answered=self.line.answers())

    def _launch(self) -> "subprocess.Popen[bytes]":
        ours, theirs = socket.socketpair()
        fds = (*self._fds, theirs.fileno())
        place = ",".join(map(str, (*fds, self._starts)))
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "newsman.cli", "ingest", "--worker", place],
            env={**os.environ, METRICS_FOLDER: self._folder},
            pass_fds=fds,
        )
        theirs.close()
        self.line, self._ask_at = WorkerLine(ours), time.monotonic()
        self._starts += 1
        return process

    def _bury(self, process: "subprocess.Popen[bytes]") -> None:
        # Its counters stay; its gauges go with it.
        mark_process_dead(process.pid, self._folder)  # type: ignore[no-untyped-call]
        if self.line is not None:
            self.line.close()
        self.line = None
