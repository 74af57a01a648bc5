"""Progress of a push, for the terminal and for the summary."""

import sys
import threading
import time
from typing import Any

from newsman.terminal.output import print_json
from newsman.tools.push.core import one_line
from newsman.tools.push.documents import Sent
from newsman.tools.push.remarks import RemarkCounts

SHOWN_REJECTIONS = 20
PROGRESS_SECONDS = 0.5


class PushTally:
    """Counts files and articles; any thread may add to it."""

    def __init__(self, *, is_shown: bool) -> None:
        self.files = self.accepted = self.rejected = 0
        self.shown: list[str] = []
        self._remarks = RemarkCounts()
        self._is_shown = is_shown
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._drawn = 0.0

    def add(self, name: str, sent: Sent) -> None:
        """The outcome of one request for the file."""
        with self._lock:
            self.accepted += sent.accepted
            self.rejected += len(sent.rejected)
            for place, reason in sent.rejected[: SHOWN_REJECTIONS - len(self.shown)]:
                where = f"{name} ({place})" if place else name
                self.shown.append(f"rejected: {where}: {one_line(reason)}")
            for place, remark in sent.remarks:
                if line := self._remarks.add(f"{name} ({place})" if place else name, remark):
                    self._tell(line)

    def reject(self, name: str, reason: str) -> None:
        """A file that could not be sent at all."""
        self.add(name, Sent(0, 0, (("", reason),)))

    def file_done(self) -> None:
        """One more file has been gone through."""
        with self._lock:
            self.files += 1

    def note(self, text: str) -> None:
        """Something the user should know before the end."""
        with self._lock:
            self._tell(text)

    def progress(self) -> None:
        """Draws the line on a terminal, now and then."""
        now = time.monotonic()
        if not self._is_shown or now - self._drawn < PROGRESS_SECONDS:
            return
        self._drawn = now
        with self._lock:
            self._clear()
            print(self._counts(), end="", file=sys.stderr, flush=True)

    def document(self, *, is_whole: bool) -> dict[str, Any]:
        """The summary for programs."""
        counts = {"files": self.files, "accepted": self.accepted, "rejected": self.rejected}
        return {**counts, "whole": is_whole, "reasons": self.shown}

    def finish(self, *, is_whole: bool, as_json: bool = False) -> None:
        """Prints the summary."""
        with self._lock:
            self._clear()
            if as_json:
                print_json(self.document(is_whole=is_whole))
                return
            for reason in self.shown:
                print(reason)
            if self.rejected > len(self.shown):
                print(f"… and {self.rejected - len(self.shown)} more rejected")
            for line in self._remarks.totals():
                print(line)
            print(self._counts() + ("" if is_whole else " (not all was sent)"), flush=True)

    def _tell(self, text: str) -> None:
        self._clear()
        print(text, file=sys.stderr, flush=True)

    def _counts(self) -> str:
        seconds = time.monotonic() - self._began
        rate = self.accepted / seconds if seconds else 0.0
        return (
            f"{self.files} files, {self.accepted} articles accepted, {self.rejected} rejected, "
            f"{seconds:.1f} s, {rate:.0f} articles/s"
        )

    def _clear(self) -> None:
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr)
