"""Several processes of ingest on one port, kept by one that starts again what dies or is stuck.

The keeper holds the listening socket, so connections that wait to be accepted outlive a worker;
workers share it, so the others serve on at once. A worker ends in order when its keeper is gone.
Health and metrics of all are the keeper's to tell, on the port for operators.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from prometheus_client.multiprocess import mark_process_dead

from newsman.ingest.ops import ingest_ops_routes
from newsman.ingest.server.questions import WorkerLine
from newsman.ingest.server.worker import SHUTDOWN_SECONDS, WorkerLinks
from newsman.ingest.server.worker_health import WorkerHealth
from newsman.runtime.health import METRICS_FOLDER, registry_of, serve_ops
from newsman.settings import IngestSettings
from newsman.web.server.serve import listen

log = logging.getLogger(__name__)

ASK_SECONDS = 2.0
STUCK_ASKS = 15
"""A worker that served and leaves so many questions in a row unanswered is killed: it can't even
end itself."""
POLL_SECONDS = 0.1
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.5, 10.0
STEADY_SECONDS = 30.0
"""Whatever has run for so long and dies is started again after the first delay."""


@dataclass
class _Worker:
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    delay_seconds: float = FIRST_DELAY_SECONDS
    due_at: float = 0.0
    starts: int = 0
    line: WorkerLine | None = None
    unanswered: int = 0
    ask_at: float = 0.0


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
        self._workers = [_Worker() for _ in range(settings.ingest_workers)]
        self._limit_seconds = SHUTDOWN_SECONDS + 2 * settings.ack_timeout_seconds + 2
        self._alive_fd, self._held_fd = os.pipe()
        self._is_over = False

    def lines(self) -> list[WorkerLine]:
        """The lines to all workers that run."""
        return [worker.line for worker in self._workers if worker.line is not None]

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while not self._is_over:
            for worker in self._workers:
                self._look_after(worker)
            time.sleep(POLL_SECONDS)
        return self._end()

    def _on_signal(self, *_: object) -> None:
        self._is_over = True

    def _look_after(self, worker: _Worker) -> None:
        now = time.monotonic()
        if worker.process is not None:
            status = worker.process.poll()
            if status is None:
                self._ask(worker, worker.process, now)
                return
            log.error("worker %d ended with status %d", worker.process.pid, status)
            # What it counted stays; what it held is gone with it.
            mark_process_dead(worker.process.pid, self._folder)  # type: ignore[no-untyped-call]
            if now - worker.started_at >= STEADY_SECONDS:
                worker.delay_seconds = FIRST_DELAY_SECONDS
            worker.due_at = now + worker.delay_seconds
            worker.delay_seconds = min(2 * worker.delay_seconds, LONGEST_DELAY_SECONDS)
            worker.process = None
            self._hang_up(worker)
        elif now >= worker.due_at:
            self._start(worker, now)

    def _start(self, worker: _Worker, now: float) -> None:
        ours, theirs = socket.socketpair()
        fds = (self._listener.fileno(), self._alive_fd, theirs.fileno())
        place = ",".join(map(str, (*fds, worker.starts)))
        worker.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "newsman.cli", "ingest", "--worker", place],
            env={**os.environ, METRICS_FOLDER: self._folder},
            pass_fds=fds,
        )
        theirs.close()
        worker.line, worker.unanswered, worker.ask_at = WorkerLine(ours), 0, now
        worker.started_at = now
        worker.starts += 1

    def _ask(self, worker: _Worker, process: "subprocess.Popen[bytes]", now: float) -> None:
        """Kills a worker that served and does not answer any more."""
        if worker.line is None or now < worker.ask_at:
            return
        worker.ask_at = now + ASK_SECONDS
        if worker.line.answers() or not worker.line.has_answered:
            worker.unanswered = 0
            return
        worker.unanswered += 1
        if worker.unanswered >= STUCK_ASKS:
            log.error("worker %d answers no more and is killed", process.pid)
            process.kill()

    def _hang_up(self, worker: _Worker) -> None:
        if worker.line is not None:
            worker.line.close()
        worker.line = None

    def _end(self) -> int:
        self._listener.close()
        running = [worker.process for worker in self._workers if worker.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self._limit_seconds
        statuses = [_wait(process, deadline) for process in running]
        os.close(self._alive_fd)
        os.close(self._held_fd)
        return 0 if not any(statuses) else 1


def _wait(process: "subprocess.Popen[bytes]", deadline: float) -> int:
    try:
        return process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.error("worker %d did not end and is killed", process.pid)
        process.kill()
        return process.wait()
