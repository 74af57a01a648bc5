"""Checks of the machine before the stack is started."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from newsman.tools.local.errors import LocalError
from newsman.tools.local.jars import STAMP, repository
from newsman.tools.local.kafka import find_java
from newsman.tools.local.layout import MOST_OFFSET, PORTS, Layout
from newsman.tools.local.valkey import find_server

LEAST_DISK_BYTES = 1024**3
LEAST_MEMORY_KB = 2 * 1024**2
FURTHER = 10_000
"""The offset of another installation's ports from one's own, as it is proposed."""


def check_machine(layout: Layout) -> None:
    """Raises LocalError with a line for each thing that is wrong, and what to do."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: check_ports(layout),
        lambda: check_disk(layout.home),
        lambda: check_memory(Path("/proc/meminfo")),
        find_java,
        find_server,
        lambda: check_jars(layout),
    )
    problems = [problem for check in checks if (problem := _problem(check))]
    if problems:
        raise LocalError("\n".join(problems))


def check_jars(layout: Layout) -> None:
    """The broker must be there, or a way to fetch it."""
    if not (layout.jars / STAMP).exists() and shutil.which("mvn") is None:
        repository()


def _problem(check: Callable[[], object]) -> str | None:
    try:
        check()
    except LocalError as problem:
        return str(problem)
    return None


def check_ports(layout: Layout) -> None:
    """Every port must be free."""
    ports = {name: layout.port(name) for name in PORTS}
    taken = {name: port for name, port in ports.items() if not _is_free(port)}
    if not taken:
        return
    named = "; ".join(f"port {port}, needed for {name}, is taken" for name, port in taken.items())
    offset = layout.port_offset + FURTHER
    other = offset if offset <= MOST_OFFSET else 0
    raise LocalError(f"{named}: free it, or move all ports with NEWSMAN_PORT_OFFSET={other}")


def check_disk(home: Path) -> None:
    """At least a gibibyte must be free."""
    folder = next(parent for parent in (home, *home.parents) if parent.exists())
    free = shutil.disk_usage(folder).free
    if free < LEAST_DISK_BYTES:
        raise LocalError(
            f"only {free // 1024**2} MiB of disk are free at {folder}: free "
            f"{LEAST_DISK_BYTES // 1024**2} MiB, or move the data with NEWSMAN_HOME"
        )


def check_memory(meminfo: Path) -> None:
    """About two gibibytes must be available (Linux only; elsewhere nothing is asked)."""
    if not meminfo.exists():
        return
    for line in meminfo.read_text().splitlines():
        if line.startswith("MemAvailable:") and int(line.split()[1]) < LEAST_MEMORY_KB:
            available = int(line.split()[1]) // 1024
            raise LocalError(
                f"only {available} MiB of memory are available: the stack needs about "
                f"{LEAST_MEMORY_KB // 1024} MiB; close something"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
