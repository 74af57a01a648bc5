"""`newsman local`: the embedded stack on this machine."""

import argparse
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from newsman.runtime.private_files import UMASK, close_folder, open_private
from newsman.tools.local.errors import LocalError
from newsman.tools.local.jars import STAMP, ensure_jars
from newsman.tools.local.layout import PROCESSES, Layout, layout_from_environment
from newsman.tools.local.processes import (
    Running,
    end,
    identify,
    is_running,
    load,
    memory_mb,
    save,
)

UP_LIMIT_SECONDS = 120.0
STOP_LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.2

Say = Callable[[str], None]


def run(arguments: argparse.Namespace) -> int:
    """Does it; one clear line and status 1 when the machine does not allow it."""
    from newsman.tools.local.demo import demo

    actions: dict[str, Callable[[Layout], int]] = {
        "demo": lambda layout: demo(layout, ProgressLines(), bring_up),
        "up": lambda layout: bring_up(layout, ProgressLines()),
        "stop": stop,
        "status": status,
        "clean": clean,
    }
    try:
        return actions[arguments.what](layout_from_environment())
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


class ProgressLines:
    """Lines that say how long it has been going on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:5.1f} s] {text}", flush=True)


def bring_up(layout: Layout, say: Say) -> int:
    """Starts what does not run yet and waits until all of it is ready."""
    from newsman.tools.local.checks import check_machine  # takes the libraries of Kafka and Redis

    supervisor = _supervisor(layout)
    if supervisor is None:
        check_machine(layout)
        close_folder(layout.logs)
        is_there = (layout.jars / STAMP).exists()
        say("the broker is there" if is_there else "fetching the broker (54 MB, once)")
        ensure_jars(layout.jars)
        supervisor = _spawn_supervisor(layout)
        say("starting Kafka, Valkey and the services")
    _wait_until_ready(layout, supervisor, say)
    return 0


def stop(layout: Layout) -> int:
    """Ends the stack in order, and whatever a killed supervisor left behind."""
    supervisor = _supervisor(layout)
    if supervisor is not None:
        print("stopping the stack", flush=True)
        end(supervisor, limit_seconds=STOP_LIMIT_SECONDS)
    for process in reversed(load(layout.state)):
        end(process, limit_seconds=STOP_LIMIT_SECONDS)
    layout.state.unlink(missing_ok=True)
    _pid_file(layout).unlink(missing_ok=True)
    print("nothing runs any more")
    return 0


def status(layout: Layout) -> int:
    """A line per process; 1 unless all of them are ready."""
    processes = load(layout.state)
    if _supervisor(layout) is None or not processes:
        print("the stack does not run; start it with: make demo")
        return 1
    all_ready, total = True, 0
    for process in processes:
        problem = _problem(layout, process)
        memory = memory_mb(process.pid)
        all_ready, total = all_ready and problem is None, total + memory
        print(f"{process.name:<11} {process.pid:>7} {memory:>5} MiB  {problem or 'ready'}")
    print(f"{'in all':<11} {'':>7} {total:>5} MiB")
    return 0 if all_ready else 1


def clean(layout: Layout) -> int:
    """Removes all data of a stack that does not run."""
    if _supervisor(layout) is not None:
        raise LocalError("the stack runs; stop it first: make stop")
    shutil.rmtree(layout.home, ignore_errors=True)
    print(f"removed {layout.home}")
    return 0


def _wait_until_ready(layout: Layout, supervisor: Running, say: Say) -> None:
    waiting = list(PROCESSES)
    deadline = time.monotonic() + UP_LIMIT_SECONDS
    while waiting:
        if not is_running(supervisor):
            raise LocalError(f"the stack ended: {_last_line(layout)}")
        if time.monotonic() > deadline:
            raise LocalError(f"not ready in time: {', '.join(waiting)}; see {layout.logs}")
        for name in [name for name in waiting if is_ready(layout, name)]:
            say(f"{name} is ready")
            waiting.remove(name)
        time.sleep(POLL_SECONDS)


def is_ready(layout: Layout, service: str) -> bool:
    """True if the service says that it is ready."""
    try:
        with urllib.request.urlopen(f"{layout.ops_url(service)}/readyz", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _problem(layout: Layout, process: Running) -> str | None:
    if not is_running(process):
        return "has ended; it is being started again"
    if process.name in PROCESSES and not is_ready(layout, process.name):
        return f"not ready; see {layout.logs / process.name}.log"
    return None


def _supervisor(layout: Layout) -> Running | None:
    processes = load(_pid_file(layout))
    return processes[0] if processes and is_running(processes[0]) else None


def _spawn_supervisor(layout: Layout) -> Running:
    for leftover in load(layout.state):
        end(leftover, limit_seconds=STOP_LIMIT_SECONDS)
    with open(layout.logs / "supervisor.log", "wb", opener=open_private) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "newsman.tools.local.supervisor"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=UMASK,
        )
    supervisor = identify("supervisor", process.pid)
    save(_pid_file(layout), [supervisor])
    return supervisor


def _pid_file(layout: Layout) -> Path:
    return layout.home / "supervisor.json"


def _last_line(layout: Layout) -> str:
    lines = (layout.logs / "supervisor.log").read_text().strip().splitlines()
    return lines[-1] if lines else "no reason given"
