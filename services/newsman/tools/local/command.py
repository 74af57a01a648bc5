"""`newsman local`: the embedded stack on this machine."""

import argparse
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from newsman.runtime.private_files import UMASK, close_folder, open_private, replace_private
from newsman.terminal.output import show
from newsman.tools.local.defaults import exports, operator_settings
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
        "demo": lambda layout: demo(layout, ProgressLines(arguments), bring_up),
        "up": lambda layout: bring_up(layout, ProgressLines(arguments)),
        "stop": lambda layout: stop(layout, arguments),
        "status": lambda layout: status(layout, arguments),
        "env": lambda layout: show_settings(layout, arguments),
        "clean": lambda layout: clean(layout, arguments),
    }
    try:
        return actions[arguments.what](layout_from_environment())
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1


class ProgressLines:
    """Lines that say how long it has been going on."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._began = time.monotonic()
        self._arguments = arguments

    def __call__(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        line = f"[{seconds:5.1f} s] {text}"
        show(self._arguments, {"seconds": round(seconds, 1), "said": text}, line)
        sys.stdout.flush()


def bring_up(layout: Layout, say: Say) -> int:
    """Starts what does not run yet and waits until all of it is ready."""
    from newsman.tools.local.checks import check_machine  # takes the libraries of Kafka and Redis

    supervisor = _supervisor(layout)
    if supervisor is not None:
        require_its_ports(layout)
    else:
        check_machine(layout)
        close_folder(layout.logs)
        is_there = (layout.jars / STAMP).exists()
        say("the broker is there" if is_there else "fetching the broker (54 MB, once)")
        ensure_jars(layout.jars, say)
        supervisor = _spawn_supervisor(layout)
        say("starting Kafka, Valkey and the services")
    _wait_until_ready(layout, supervisor, say)
    return 0


def stop(layout: Layout, arguments: argparse.Namespace) -> int:
    """Ends the stack in order, and whatever a killed supervisor left behind."""
    supervisor = _supervisor(layout)
    if supervisor is not None:
        show(arguments, {"stopping": True}, "stopping the stack")
        sys.stdout.flush()
        end(supervisor, limit_seconds=STOP_LIMIT_SECONDS)
    for process in reversed(load(layout.state)):
        end(process, limit_seconds=STOP_LIMIT_SECONDS)
    layout.state.unlink(missing_ok=True)
    layout.supervisor.unlink(missing_ok=True)
    show(arguments, {"running": False}, "nothing runs any more")
    return 0


def show_settings(layout: Layout, arguments: argparse.Namespace) -> int:
    """The settings by which commands reach this stack, for a shell."""
    show(arguments, operator_settings(layout), exports(layout))
    return 0


def status(layout: Layout, arguments: argparse.Namespace) -> int:
    """A line per process; 1 unless all of them are ready."""
    processes = load(layout.state)
    if _supervisor(layout) is None or not processes:
        document = {"running": False, "processes": []}
        show(arguments, document, "the stack does not run; start it with: make demo")
        return 1
    rows = [
        {
            "name": process.name,
            "pid": process.pid,
            "mib": memory_mb(process.pid),
            "problem": _problem(layout, process),
        }
        for process in processes
    ]
    lines = [
        f"{row['name']:<11} {row['pid']:>7} {row['mib']:>5} MiB  {row['problem'] or 'ready'}"
        for row in rows
    ]
    lines.append(f"{'in all':<11} {'':>7} {sum(int(row['mib'] or 0) for row in rows):>5} MiB")
    show(arguments, {"running": True, "processes": rows}, "\n".join(lines))
    return 1 if any(row["problem"] for row in rows) else 0


def clean(layout: Layout, arguments: argparse.Namespace) -> int:
    """Removes all data of a stack that does not run."""
    if _supervisor(layout) is not None:
        raise LocalError("the stack runs; stop it first: make stop")
    entries = list(layout.home.iterdir()) if layout.home.exists() else []
    for entry in entries:
        if entry == layout.jars:
            continue  # they are the same for every demo
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()
    show(arguments, {"removed": str(layout.home)}, f"removed the data in {layout.home}")
    return 0


def _wait_until_ready(layout: Layout, supervisor: Running, say: Say) -> None:
    waiting = list(PROCESSES)
    deadline = time.monotonic() + UP_LIMIT_SECONDS
    while waiting:
        if not is_running(supervisor):
            raise LocalError(f"the stack ended: {last_line(layout, 'supervisor')}")
        if time.monotonic() > deadline:
            why = "\n".join(f"{name}: {last_line(layout, name)}" for name in waiting)
            raise LocalError(f"not ready in time; see {layout.logs}\n{why}")
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
    processes = load(layout.supervisor)
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
    replace_private(layout.used_offset, f"{layout.port_offset}\n".encode())
    supervisor = identify("supervisor", process.pid)
    save(layout.supervisor, [supervisor])
    return supervisor


def require_its_ports(layout: Layout) -> None:
    """Raises LocalError where the stack that runs in the folder has other ports."""
    try:
        used = int(layout.used_offset.read_text())
    except (OSError, ValueError):
        return
    if used != layout.port_offset:
        raise LocalError(
            f"the stack in {layout.home} runs with NEWSMAN_PORT_OFFSET={used}: set that, or "
            "another NEWSMAN_HOME, or stop it: make stop"
        )


def last_line(layout: Layout, name: str) -> str:
    """The last line of a process's log."""
    try:
        lines = (layout.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "no reason given"
