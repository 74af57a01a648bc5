"""Faults done to a running stack through Docker's API, each of them taken back."""

import struct
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container
from tests.compose.fault_plan import SERVICES, VOLUMES, Fault
from tests.conftest import wait_until

OTHER_CLOCK = Path(__file__).resolve().parents[1] / "e2e" / "other_clock"
VOLUME_MEGABYTES = 512
NOT_RUNNING = 409
UNFROZEN = "unable to freeze"
NO_SPACE = 1
"""The status of `head` when it can't write on."""
AHEAD = struct.Struct("d")


class MovableClocks:
    """A file for each service that says by how many seconds its clock is ahead."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in SERVICES:
            (folder / name).mkdir(mode=0o755)
            self._file(name).write_bytes(AHEAD.pack(0.0))

    def override(self) -> dict:
        """What the compose file is given beside for them."""
        return {
            name: {
                "environment": {"PYTHONPATH": "/other_clock", "CLOCK_FILE": "/clock/ahead"},
                "volumes": [f"{OTHER_CLOCK}:/other_clock:ro", f"{self._folder / name}:/clock:ro"],
            }
            for name in SERVICES
        }

    def move(self, name: str, seconds: float) -> None:
        """From now on the clock is ahead by so much."""
        # Processes have the file mapped: another in its place would tell them nothing.
        with self._file(name).open("r+b") as file:
            file.write(AHEAD.pack(seconds))

    def _file(self, name: str) -> Path:
        return self._folder / name / "ahead"


class SmallVolumes:
    """The volumes of a project as file systems in memory, which can be full.

    A container that has them all mounted keeps what is in them when the others end.
    """

    @staticmethod
    def override() -> dict:
        """What the compose file is given beside for them."""
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={VOLUME_MEGABYTES}m"}
        return {name: {"driver": "local", "driver_opts": options} for name in VOLUMES}

    def __init__(self, client: DockerClient, project: str, image: str) -> None:
        self._keeper = client.containers.run(
            image,
            ["infinity"],
            entrypoint="sleep",
            user="root",
            network_mode="none",
            volumes={f"{project}_{name}": {"bind": f"/volumes/{name}"} for name in VOLUMES},
            detach=True,
        )

    def fill(self, name: str) -> None:
        """No byte is free any more."""
        status, said = self._in_keeper(f"exec head -c 1T /dev/zero > /volumes/{name}/filler")
        assert status == NO_SPACE, said

    def free(self, name: str) -> None:
        """There is room again."""
        status, said = self._in_keeper(f"exec rm -f /volumes/{name}/filler")
        assert status == 0, said

    def close(self) -> None:
        """The volumes are nobody's."""
        self._keeper.remove(force=True)

    def _in_keeper(self, command: str) -> tuple[int, bytes]:
        result = self._keeper.exec_run(["sh", "-c", command])
        return result.exit_code, result.output


class Chaos:
    """Does faults to the containers of a project, and tells of each when it begins and ends."""

    def __init__(
        self, client: DockerClient, project: str, clocks: MovableClocks, volumes: SmallVolumes
    ) -> None:
        self._client = client
        self._project = project
        self._clocks = clocks
        self._volumes = volumes
        self._has_failed = threading.Event()
        self._began_at = 0.0

    def run(self, faults: Sequence[Fault]) -> None:
        """All of them, each at its time; raises what one of them raised."""
        self._began_at = time.monotonic()
        # A fault that takes longer than it was planned to keeps the next of its container waiting.
        locks = {fault.container: threading.Lock() for fault in faults}
        with ThreadPoolExecutor(len(faults)) as lanes:
            done = [lanes.submit(self._do, fault, locks[fault.container]) for fault in faults]
            for each in done:
                each.result()

    def _do(self, fault: Fault, lock: threading.Lock) -> None:
        self._wait(fault.at_seconds - self._elapsed())
        with lock:
            if self._has_failed.is_set():
                return
            try:
                with self._fault(fault):
                    self._say("begins", fault)
                    self._wait(fault.lasts_seconds)
                self._say("is over", fault)
            except APIError as error:
                if error.status_code != NOT_RUNNING:
                    self._has_failed.set()
                    raise
                self._say("came to a container that was down by itself", fault)
            except BaseException:
                self._has_failed.set()
                raise

    @contextmanager
    def _fault(self, fault: Fault) -> Iterator[None]:
        container = self._container(fault.container)
        match fault.kind:
            case "kill":
                container.kill()
                yield
                container.start()
            case "restart":
                container.restart(timeout=10)
                yield
            case "pause" | "long pause":
                wait_until(lambda: self._is_paused(container), what=f"{fault.container} is paused")
                yield
                container.unpause()
            case "disconnect":
                network = self._client.networks.get(f"{self._project}_default")
                network.disconnect(container)
                yield
                network.connect(container, aliases=[fault.container])
            case "clock":
                self._clocks.move(fault.container, float(fault.detail))
                yield
                self._clocks.move(fault.container, 0.0)
            case "disk full":
                self._volumes.fill(fault.detail)
                yield
                self._volumes.free(fault.detail)
                if fault.container == "kafka":
                    # It may refuse some partitions until then: docs/troubleshoot.md.
                    container.restart(timeout=10)

    @staticmethod
    def _is_paused(container: Container) -> bool:
        try:
            container.pause()
        except APIError as error:
            # The kernel freezes no process that waits for its child to begin a program (vfork).
            if UNFROZEN not in error.explanation:
                raise
            return False
        return True

    def _container(self, name: str) -> Container:
        of_it = [
            f"com.docker.compose.project={self._project}",
            f"com.docker.compose.service={name}",
        ]
        (found,) = self._client.containers.list(all=True, filters={"label": of_it})
        return found

    def _elapsed(self) -> float:
        return time.monotonic() - self._began_at

    def _wait(self, seconds: float) -> None:
        self._has_failed.wait(max(0.0, seconds))

    def _say(self, what: str, fault: Fault) -> None:
        print(f"{self._elapsed():6.1f} s  {fault}  {what}", flush=True)
