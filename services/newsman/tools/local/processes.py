"""Processes of the stack: starting one, and recognising it again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from newsman.runtime.private_files import UMASK, make_private_folder, open_private
from newsman.tools.local.layout import PORTS, Layout

POLL_SECONDS = 0.1
ELSEWHERE = re.compile(r"NEWSMAN_(KAFKA_|REDIS_URL|WEBHOOK_SECRET)")
"""Variables of the way into another installation's broker and Redis, and of its secret."""


@dataclass(frozen=True)
class Running:
    """A process by name, pid and start time, so that a pid used again is never mistaken."""

    name: str
    pid: int
    started: str


def environment(layout: Layout, service: str) -> dict[str, str]:
    """The settings of one service in the embedded stack, on top of this process's own without
    those by which it would reach another broker or Redis."""
    return {
        "NEWSMAN_SITE_FILE": str(layout.site_file),
        **{name: value for name, value in os.environ.items() if not ELSEWHERE.match(name)},
        "NEWSMAN_KAFKA_BOOTSTRAP": layout.bootstrap,
        "NEWSMAN_REDIS_URL": layout.redis_url,
        "NEWSMAN_HOST": "127.0.0.1",
        "NEWSMAN_PORT": str(layout.port(service)),
        "NEWSMAN_OPS_HOST": "127.0.0.1",
        "NEWSMAN_OPS_PORT": str(layout.ops_port(service)),
        "NEWSMAN_SOURCES_FILE": str(layout.sources),
        "NEWSMAN_ASSETS_URL": (layout.home / "assets").absolute().as_uri(),
        "NEWSMAN_CATALOGUE_FILE": str(layout.home.absolute() / "catalogue.sqlite"),
        "NEWSMAN_PUBLIC_URL": layout.url("feeds"),
        "NEWSMAN_VIEWS_URL": f"{layout.url('ingest')}/v1/views",
        "NEWSMAN_HUB_URL": f"{layout.url('deliver')}/hub",
        "NEWSMAN_FEEDS_URL": layout.url("feeds"),
        "NEWSMAN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "NEWSMAN_OUTBOUND_PORTS": "1024-65535",
        "NEWSMAN_WEBHOOK_URL": f"{layout.url('webhooks')}/",
        "NEWSMAN_WEBHOOK_SECRET": layout.webhook_secret.read_text().strip(),
        "NEWSMAN_OPERATOR_TOKEN_FILE": str(layout.operator_token),
        "NEWSMAN_SIGNING_KEY_FILE": str(layout.signing_key),
        "NEWSMAN_SIGNING_KEYS_FILE": str(layout.signing_keys),
        "PYTHONUNBUFFERED": "1",
    }


def service_url(env: Mapping[str, str]) -> str:
    """The address on this machine of a service with these settings."""
    return f"http://127.0.0.1:{env['NEWSMAN_PORT']}"


def service_ops_url(name: str, env: Mapping[str, str]) -> str:
    """The address of its health and metrics, a port of its own where strangers reach the other."""
    port = "NEWSMAN_OPS_PORT" if f"{name}-ops" in PORTS else "NEWSMAN_PORT"
    return f"http://127.0.0.1:{env[port]}"


def start_service(name: str, env: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    """Starts `newsman NAME`, its output appended to the log file."""
    make_private_folder(log_file.parent)
    with open(log_file, "ab", opener=open_private) as log:
        return subprocess.Popen(
            [sys.executable, "-m", "newsman.cli", name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(env),
            start_new_session=True,
            umask=UMASK,
        )


def identify(name: str, pid: int) -> Running:
    """The process as it can be recognised later."""
    return Running(name, pid, _start_time(pid) or "")


def is_running(process: Running) -> bool:
    """True if exactly this process still runs (a zombie does not)."""
    return bool(process.started) and _start_time(process.pid) == process.started


def end(process: Running, *, limit_seconds: float) -> None:
    """SIGTERM, then SIGKILL after the limit; a process that is gone is left alone."""
    if not is_running(process):
        return
    os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + limit_seconds
    while is_running(process) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if is_running(process):
        os.kill(process.pid, signal.SIGKILL)


def save(state: Path, processes: list[Running]) -> None:
    """Writes the list; a reader sees the old one or the new one, never half."""
    draft = state.with_suffix(".new")
    draft.write_text(json.dumps([asdict(process) for process in processes]))
    draft.replace(state)


def load(state: Path) -> list[Running]:
    """The list as last written; empty when the stack has never run, or the file is damaged."""
    try:
        return [Running(**entry) for entry in json.loads(state.read_bytes())]
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return []


def memory_mb(pid: int) -> int:
    """Resident memory of the process and its children, in MiB."""
    total, waiting = 0, [pid]
    while waiting:
        current = waiting.pop()
        total += _resident_kb(current)
        waiting += _children(current)
    return total // 1024


def _resident_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += [int(child) for child in task.read_text().split()]
        except OSError:
            continue  # the thread ended while we looked
    return children


def _start_time(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
