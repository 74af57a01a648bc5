"""Services that start without importing themselves: forked from a process that has done so once.

Importing is most of what a service does in a test, a second of processor time each. The process is
a service like any other: it has its own session, environment and log, and `newsman.cli` runs it.
Whole Newsmans (`tests/e2e`) and the images start their services cold.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

SERVICES = frozenset({"deliver", "feeds", "ingest", "popularity"})
"""Those that may be forked: they start no thread and open nothing while they are imported."""
OF_A_SERVICE = ("NEWSMAN_", "AWS_")
"""Beginnings of the names of settings that are read when a service runs, not when Python starts."""
PROGRAM = Path(__file__).with_name("warm_parent.py")
POLL_SECONDS = 0.01


class WarmProcess:
    """A service; the part of `subprocess.Popen` that tests use."""

    def __init__(self, parent: "WarmParent", name: str, pid: int) -> None:
        self._parent = parent
        self.args = [sys.executable, "-m", "newsman.cli", name]
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._parent.status_of(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(POLL_SECONDS)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WarmParent:
    """One process that has imported a service, and those that were forked from it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._statuses: dict[int, int] = {}
        self._rest = b""
        self._started: int | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def start(self, env: Mapping[str, str], log_file: Path) -> WarmProcess:
        order = json.dumps({"env": dict(env), "log": str(log_file)}).encode() + b"\n"
        self._process.stdin.write(order)
        self._process.stdin.flush()
        while self._started is None:
            self._read(wait=True)
        pid, self._started = self._started, None
        return WarmProcess(self, self._name, pid)

    def status_of(self, pid: int) -> int | None:
        """The exit status of a process that has ended."""
        self._read(wait=False)
        return self._statuses.get(pid)

    def end(self) -> None:
        """Ends the parent alone; nothing more is known of its processes then."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _read(self, *, wait: bool) -> None:
        output = self._process.stdout.fileno()
        os.set_blocking(output, wait)
        try:
            chunk = os.read(output, 65_536)
        except BlockingIOError:
            return
        if not chunk:
            raise RuntimeError(f"the process that starts {self._name} has ended")
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            what, pid, *status = line.split()
            if what == b"started":
                self._started = int(pid)
            else:
                self._statuses[int(pid)] = int(status[0])


class WarmParents:
    """The parents of this process's services, each started when it is first needed."""

    def __init__(self) -> None:
        self._parents: dict[str, WarmParent] = {}

    def can_start(self, name: str, env: Mapping[str, str]) -> bool:
        """True unless the environment has more to say than settings of the service."""
        return name in SERVICES and _of_python(env) == _of_python(os.environ)

    def start(self, name: str, env: Mapping[str, str], log_file: Path) -> WarmProcess:
        if name not in self._parents:
            self._parents[name] = WarmParent(name)
        return self._parents[name].start(env, log_file)

    def end(self) -> None:
        for parent in self._parents.values():
            parent.end()


def _of_python(env: Mapping[str, str]) -> dict[str, str]:
    # pytest names the test that runs.
    other = (*OF_A_SERVICE, "PYTEST_CURRENT_TEST")
    return {name: value for name, value in env.items() if not name.startswith(other)}
