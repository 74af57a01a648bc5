"""`newsman watch`: what is put in a folder is sent to ingest, and put away."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsman.runtime.logs import configure_logging
from newsman.terminal.numbers import amount
from newsman.tools.push.client import Ingest, Target
from newsman.tools.push.core import content_type, one_line
from newsman.tools.push.documents import Sent, open_regular, send_document
from newsman.tools.push.hot_folder import Clock, FileSignature, HotFolder, Settling
from newsman.tools.push.options import add_ingest_options, read_target
from newsman.tools.push.remarks import RemarkCounts
from newsman.tools.push.stopping import (
    IngestRefused,
    IngestUnavailable,
    PushStopped,
    Stop,
    stop_on_signals,
)

log = logging.getLogger(__name__)

SCAN_SECONDS = 1.0
LISTED_REASONS = 1_000
FIRST_REST_SECONDS = 60.0
LONGEST_REST_SECONDS = 3_600.0


@dataclass(frozen=True)
class FileOutcome:
    """The outcome of a whole file; `reasons` are at most LISTED_REASONS, `remarks` what ingest
    warns of, one a kind."""

    status: int
    accepted: int
    rejected: int
    reasons: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_for_later(self) -> bool:
        """True if the server failed over it, which is not the file's fault yet."""
        return self.status == 500


@dataclass
class Resting:
    """A file that could not be sent or put away just now, as it was, until when, and what for."""

    signature: FileSignature
    until: float
    rest_seconds: float
    outcome: FileOutcome | None


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the folder, and the conditions under which a file counts as whole."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder to watch")
    add_ingest_options(parser)
    parser.add_argument(
        "--settle",
        type=amount,
        default=2.0,
        metavar="SECONDS",
        help="how long a file must have stayed the same to be taken (default 2)",
    )
    parser.add_argument("--once", action="store_true", help="send what is there, and end")


def run(arguments: argparse.Namespace) -> int:
    """0 at an orderly end, 1 when --once left or failed something, 2 when nothing can be sent."""
    target = read_target(arguments)
    configure_logging("INFO", "json" if arguments.json else "text")
    folder = HotFolder(arguments.folder)
    folder.prepare()
    try:
        watching = Watching(folder, target, arguments.settle, stop_on_signals())
        return watching.once() if arguments.once else watching.forever()
    except IngestRefused as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2
    finally:
        folder.release()


class Watching:
    """Takes settled files one after the other."""

    def __init__(
        self,
        folder: HotFolder,
        target: Target,
        settle_seconds: float,
        stop: Stop,
        clock: Clock = time.monotonic,
    ) -> None:
        self._folder = folder
        self._stop = stop
        self._clock = clock
        self._ingest = Ingest(target, stop)
        self._settling = Settling(settle_seconds, clock)
        self._settle_seconds = settle_seconds
        self._resting: dict[str, Resting] = {}
        self._is_unreadable = False
        self.failures = 0

    def forever(self) -> int:
        """Until a signal ends it."""
        log.info("watching %s", one_line(str(self._folder.folder)))
        while not self._stop.is_set:
            self._round()
            self._stop.wait(SCAN_SECONDS)
        return 0

    def once(self) -> int:
        """Sends the files that have settled within one settling time of now."""
        self._settling.settled(self._present())
        # A clock may round; a file that is whole must not be left for the next run.
        if not self._stop.wait(self._settle_seconds + 0.01):
            self._round()
        return 1 if self.failures or self._resting or self._is_unreadable else 0

    def _round(self) -> None:
        present = self._present()
        self._resting = {
            name: rest
            for name, rest in self._resting.items()
            if present.get(name) == rest.signature
        }
        for name in self._settling.settled(present):
            if self._stop.is_set:
                return
            rest = self._resting.get(name)
            if rest is not None and self._clock() < rest.until:
                continue
            try:
                self._handle(name, present[name], rest)
            except PushStopped:
                return
            except IngestUnavailable as error:
                self.failures += 1
                log.warning("%s; the files stay and are tried again", error)
                return

    def _present(self) -> dict[str, FileSignature]:
        try:
            present = self._folder.present()
        except OSError as error:
            if not self._is_unreadable:
                log.error("%s cannot be read: %s", self._folder.folder, error.strerror)
            self._is_unreadable = True
            return {}
        self._is_unreadable = False
        return present

    def _handle(self, name: str, signature: FileSignature, rest: Resting | None) -> None:
        # Files that were sent but could not be moved are not sent again.
        outcome = rest.outcome if rest else None
        if outcome is None:
            outcome = self._send(name, signature)
        if outcome is None or self._folder.signature(name) != signature:
            log.info("%s changed or went away meanwhile", one_line(name))
            return
        if outcome.is_for_later:
            self._rest(name, signature, None, "; ".join(outcome.reasons))
            return
        try:
            self._put_away(name, outcome)
        except OSError as error:
            self._rest(name, signature, outcome, f"cannot be moved: {error}")

    def _send(self, name: str, signature: FileSignature) -> FileOutcome | None:
        """The outcome, or None when the file is no longer the one that was seen."""
        path = self._folder.folder / name
        try:
            with open_regular(path, follow=False) as stream:
                if FileSignature.of(os.fstat(stream.fileno())) != signature:
                    return None
                kind = content_type(name)
                parts = send_document(self._ingest, stream, kind, signature.size_bytes)
                return summed(parts)
        except FileNotFoundError:
            return None
        except OSError as error:
            return FileOutcome(0, 0, 1, (f"it cannot be read: {error.strerror or error}",))

    def _put_away(self, name: str, outcome: FileOutcome) -> None:
        shown = one_line(name)
        for line in outcome.remarks:
            log.warning("%s: %s", shown, line)
        if not outcome.rejected:
            self._folder.put_done(name)
            log.info("%s: %d accepted", shown, outcome.accepted)
            return
        self.failures += 1
        self._folder.put_failed(name, reason_text(name, outcome, datetime.now(UTC)))
        counts = (outcome.accepted, outcome.rejected)
        log.error("%s: %d accepted, %d rejected: %s", shown, *counts, outcome.reasons[0])

    def _rest(
        self, name: str, signature: FileSignature, outcome: FileOutcome | None, reason: str
    ) -> None:
        before = self._resting.get(name)
        longer = before.rest_seconds * 2 if before else FIRST_REST_SECONDS
        rest_seconds = min(longer, LONGEST_REST_SECONDS)
        self._resting[name] = Resting(
            signature, self._clock() + rest_seconds, rest_seconds, outcome
        )
        text = "%s stays and is tried again in %.0f s: %s"
        log.error(text, one_line(name), rest_seconds, one_line(reason))


def summed(parts: Iterable[Sent]) -> FileOutcome:
    """The outcome of a file from those of its requests; any 500 among them is the whole's."""
    status = accepted = rejected = 0
    reasons: list[str] = []
    counts = RemarkCounts()
    for sent in parts:
        if status != 500 and (sent.rejected or not rejected):
            status = sent.status
        accepted += sent.accepted
        rejected += len(sent.rejected)
        for place, reason in sent.rejected[: LISTED_REASONS - len(reasons)]:
            reasons.append(one_line(f"{place}: {reason}" if place else reason))
        for place, remark in sent.remarks:
            counts.add(place, remark)
    return FileOutcome(status, accepted, rejected, tuple(reasons), tuple(counts.totals()))


def reason_text(name: str, outcome: FileOutcome, now: datetime) -> str:
    """The text that stands beside a failed file."""
    lines = [
        f"file: {one_line(name)}",
        f"when: {now.isoformat(timespec='seconds')}",
        f"HTTP status: {outcome.status or 'none, it was not sent'}",
        f"articles accepted: {outcome.accepted}",
        f"rejected: {outcome.rejected}",
        "",
        *outcome.reasons,
    ]
    if outcome.rejected > len(outcome.reasons):
        lines.append(f"… and {outcome.rejected - len(outcome.reasons)} more")
    return "\n".join(lines) + "\n"
