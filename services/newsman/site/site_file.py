"""The site's file as it stands now: read again when it changes, kept while it is wrong."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from newsman.site.plan import SitePlan, read_plan

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
Stamp = tuple[int, int, int] | None
"""Time of change in ns, size and inode; None where there is no file."""


class SiteFile:
    """The plan of a site, and how often it has changed."""

    def __init__(
        self, path: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises ValueError where the file is wrong."""
        self._path = path
        self._clock = clock
        self._plan = read_plan(path) if path else SitePlan()
        self._stamp = _stamp(path)
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
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._plan = read_plan(self._path)
        except ValueError as error:
            log.warning("the site's file is wrong, so what it said before holds: %s", error)
            return
        self._changes += 1
        log.info("%s has been read again", self._path)


def _stamp(path: Path | None) -> Stamp:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
