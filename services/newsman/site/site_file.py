"""The site's file as it stands now: read again when it changes, kept while it is wrong."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from newsman.site.plan import SitePlan, files_of, read_plan

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
Stamp = tuple[tuple[int, int, int] | None, ...]
"""Of each file the time of change in ns, size and inode; None where there is none."""


class SiteFile:
    """The plan of a site, and how often it has changed."""

    def __init__(
        self, path: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises ValueError where the file is wrong."""
        self._path = path
        self._clock = clock
        self._plan = read_plan(path) if path else SitePlan()
        self._stamp = self._stamp_now()
        self._looked_at = clock()
        self._changes = 0

    @property
    def plan(self) -> SitePlan:
        """The last plan that made sense."""
        self._look()
        return self._plan

    @property
    def changes(self) -> int:
        """The number of plans before this one."""
        self._look()
        return self._changes

    def _look(self) -> None:
        if self._path is None or (now := self._clock()) - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        if self._stamp_now() == self._stamp:
            return
        try:
            self._plan = read_plan(self._path)
        except ValueError as error:
            log.warning("the site's file is wrong, so what it said before holds: %s", error)
            return
        finally:
            self._stamp = self._stamp_now()
        self._changes += 1
        log.info("%s has been read again", self._path)

    def _stamp_now(self) -> Stamp:
        files = files_of(self._path, self._plan) if self._path else ()
        return tuple(map(_file_stamp, files))


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
