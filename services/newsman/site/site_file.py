"""The site's file as it stands now: read again when it changes, kept while it is wrong."""

import time
from collections.abc import Callable
from pathlib import Path

from newsman.runtime.files.watched_file import WatchedFile
from newsman.site.plan import SitePlan, files_of, read_plan


class SiteFile(WatchedFile[SitePlan]):
    """The plan of a site, and how often it has changed."""

    def __init__(
        self, path: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises ValueError where the file is wrong."""
        super().__init__(
            path,
            read_plan,
            empty=SitePlan(),
            what="the site's file",
            files_of=files_of,
            clock=clock,
        )

    @property
    def plan(self) -> SitePlan:
        """The last plan that made sense."""
        return self.content
