"""Several processes of ingest on one port, kept by one that starts again whatever dies.

The keeper holds the listening socket, so connections that wait to be accepted outlive a worker;
workers share it, so the others serve on at once. A worker ends in order when its keeper is gone.
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

from newsman.ingest.serving import SHUTDOWN_SECONDS, Place
from newsman.ops import METRICS_FOLDER
from newsman.settings import IngestSettings, SettingsError

log = logging.getLogger(__name__)

BACKLOG = 2_048
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


def read_place(text: str) -> Place:
    """The place of a worker, as its keeper writes it."""
    listener, keeper, starts = (int(part) for part in text.split(","))
    return Place(listener, keeper, is_replacement=starts > 0)


def keep_workers(settings: IngestSettings) -> int:
    """Keeps the workers running until a signal; 0 when all of them ended in order."""
    listener = _listen(settings.host, settings.port)
    with tempfile.TemporaryDirectory(prefix="newsman-metrics-") as folder, listener:
        return _Keeper(listener, folder, settings).run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"NEWSMAN_PORT: {host}:{port} can't be listened on: {error.strerror}"
        ) from error


class _Keeper:
    def __init__(self, listener: socket.socket, folder: str, settings: IngestSettings) -> None:
        self._listener = listener
        self._folder = folder
        self._workers = [_Worker() for _ in range(settings.ingest_workers)]
        self._limit_seconds = SHUTDOWN_SECONDS + 2 * settings.ack_timeout_seconds + 2
        self._alive_fd, self._held_fd = os.pipe()
        self._is_over = False

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
                return
            log.error("worker %d ended with status %d", worker.process.pid, status)
            # What it counted stays; what it held is gone with it.
            mark_process_dead(worker.process.pid, self._folder)  # type: ignore[no-untyped-call]
            if now - worker.started_at >= STEADY_SECONDS:
                worker.delay_seconds = FIRST_DELAY_SECONDS
            worker.due_at = now + worker.delay_seconds
            worker.delay_seconds = min(2 * worker.delay_seconds, LONGEST_DELAY_SECONDS)
            worker.process = None
        elif now >= worker.due_at:
            self._start(worker, now)

    def _start(self, worker: _Worker, now: float) -> None:
        place = f"{self._listener.fileno()},{self._alive_fd},{worker.starts}"
        worker.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "newsman.cli", "ingest", "--worker", place],
            env={**os.environ, METRICS_FOLDER: self._folder},
            pass_fds=(self._listener.fileno(), self._alive_fd),
        )
        worker.started_at = now
        worker.starts += 1

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
