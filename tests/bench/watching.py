"""A process beside that watches a service: how long /healthz is silent, how much memory it takes.

It runs until its standard input ends, and then prints what it saw as JSON.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, Popen

from stack import Process, tree

PROBE_SECONDS, SAMPLE_SECONDS = 0.025, 0.02
PATIENCE_SECONDS = 120
MIB = 1024


@dataclass(frozen=True)
class Seen:
    """The longest silence of a service's health, and how far its memory rose in all processes."""

    silent_seconds: float
    grown_mib: float


class Watch:
    """The watching process of one service, while an attack lasts."""

    def __init__(self, health_url: str, service: Process) -> None:
        command = [sys.executable, __file__, health_url, str(service.pid)]
        self._process = Popen(command, stdin=PIPE, stdout=PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()  # the first answer has come

    def end(self) -> Seen:
        """Stops it once the probe that is under way was answered."""
        said, _ = self._process.communicate(timeout=PATIENCE_SECONDS + 10)
        return Seen(**json.loads(said))


def resident_kib(pid: int) -> int:
    """Memory of a process and all its children."""
    return sum(_sizes(pid))


def _sizes(pid: int) -> Iterator[int]:
    for each in tree(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{each}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    yield int(line.split()[1])


class _Watching:
    def __init__(self, health_url: str, pid: int) -> None:
        self._health_url = health_url
        self._pid = pid
        self._is_over = threading.Event()
        self._silent_seconds = 0.0
        self._before_kib = self._most_kib = resident_kib(pid)

    def run(self) -> Seen:
        threads = [threading.Thread(target=self._probe), threading.Thread(target=self._sample)]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        self._is_over.set()
        for thread in threads:
            thread.join()
        return Seen(self._silent_seconds, (self._most_kib - self._before_kib) / MIB)

    def _probe(self) -> None:
        asked_at = time.monotonic()
        is_first = True
        while not self._is_over.is_set():
            answered = _answers(self._health_url)
            now = time.monotonic()
            self._silent_seconds = max(self._silent_seconds, now - asked_at)
            if answered:
                asked_at = now
                if is_first:
                    print(flush=True)
                    is_first = False
            elif now - asked_at > PATIENCE_SECONDS:
                return
            self._is_over.wait(PROBE_SECONDS)

    def _sample(self) -> None:
        while not self._is_over.wait(SAMPLE_SECONDS):
            self._most_kib = max(self._most_kib, resident_kib(self._pid))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False  # it says that it is unwell
    except OSError:
        return False


if __name__ == "__main__":
    print(json.dumps(asdict(_Watching(sys.argv[1], int(sys.argv[2])).run())))
