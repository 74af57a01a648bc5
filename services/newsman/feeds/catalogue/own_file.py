"""The catalogue's file, which one process has at a time."""

import fcntl
import logging
import os
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)


class OwnFile:
    """A named file for a process's catalogue, held until the process ends, or a temporary one.

    Two processes that read the log into one file would each count on what it read itself; so the
    second makes a catalogue of its own from the log.
    """

    def __init__(self, named: str | None) -> None:
        self._held: IO[bytes] | None = None
        if named and not self._hold(f"{named}.lock"):
            log.warning("%s is another process's: this one's catalogue is temporary", named)
        self.path = named if named and self._held else ""
        """Empty for a temporary file."""
        if self.path:
            # What SQLite sorts goes beside the file: /tmp may be small, or memory.
            os.environ.setdefault("SQLITE_TMPDIR", str(Path(self.path).absolute().parent))

    def _hold(self, lock: str) -> bool:
        held = Path(lock).open("ab")  # noqa: SIM115 - it is held until the process ends
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            return False
        self._held = held
        return True

    def close(self) -> None:
        """Leaves the file to others."""
        if self._held is not None:
            self._held.close()
