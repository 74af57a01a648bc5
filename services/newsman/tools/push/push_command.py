"""`newsman push`: files, folders or standard input to ingest."""

import argparse
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from newsman.runtime.settings_error import SettingsError
from newsman.terminal.numbers import count
from newsman.terminal.output import show
from newsman.tools.push.client import Ingest, Target
from newsman.tools.push.core import content_type, one_line
from newsman.tools.push.documents import open_regular, send_document, walk
from newsman.tools.push.options import add_ingest_options, read_target
from newsman.tools.push.stopping import IngestRefused, IngestUnavailable, PushStopped, Stop
from newsman.tools.push.tally import PushTally

STDIN = Path("-")
JOIN_SECONDS = 0.2
INTERRUPTED = 130


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the files to send, and the number of requests at once."""
    parser.add_argument(
        "paths", nargs="+", metavar="FILE", help="a file, a folder with all below it, or - (stdin)"
    )
    add_ingest_options(parser)
    parser.add_argument(
        "--jobs", type=count, default=4, help="files under way at once (default 4); 1 keeps order"
    )
    parser.add_argument("--dry-run", action="store_true", help="only list what would be sent")


def run(arguments: argparse.Namespace) -> int:
    """0 when all was taken, 1 when something was rejected, 2 when nothing can be sent."""
    target = read_target(arguments, needs_key=not arguments.dry_run)
    paths = [Path(path) for path in arguments.paths]
    for path in paths:
        if path != STDIN and not path.exists():
            raise SettingsError(f"{one_line(str(path))}: there is no such file or folder")
    if arguments.dry_run:
        return _list(paths, target, arguments)
    return Pushing(target, paths, arguments.jobs, as_json=arguments.json).run()


class Pushing:
    """One run of the command."""

    def __init__(
        self, target: Target, paths: list[Path], jobs: int, *, as_json: bool = False
    ) -> None:
        self._as_json = as_json
        self._stop = Stop()
        self._tally = PushTally(is_shown=sys.stderr.isatty())
        self._ingest = Ingest(target, self._stop, self._tally.note)
        self._named = frozenset(paths)
        self._files = _expand(paths, self._tally)
        self._lock = threading.Lock()
        self._fatal: Exception | None = None
        self._jobs = jobs
        self._interrupts = 0

    def run(self) -> int:
        """Sends everything and prints the summary."""
        usual = signal.signal(signal.SIGINT, self._interrupt)
        try:
            return self._run()
        finally:
            signal.signal(signal.SIGINT, usual)

    def _run(self) -> int:
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(self._jobs)]
        for worker in workers:
            worker.start()
        interrupted = self._wait(workers)
        is_whole = not interrupted and self._fatal is None
        self._tally.finish(is_whole=is_whole, as_json=self._as_json)
        if interrupted:
            return INTERRUPTED
        if self._fatal is not None:
            print(f"stopped: {self._fatal}", file=sys.stderr)
            return 2
        return 1 if self._tally.rejected else 0

    def _wait(self, workers: list[threading.Thread]) -> bool:
        """Waits for the workers; true if the user ended it. Requests under way then are still
        answered."""
        while any(worker.is_alive() for worker in workers) and self._interrupts < 2:
            for worker in workers:
                worker.join(JOIN_SECONDS)
            self._tally.progress()
        return self._interrupts > 0

    # Not KeyboardInterrupt: raised within Thread.join() it makes a thread at work look ended.
    def _interrupt(self, *_: int | FrameType | None) -> None:
        self._interrupts += 1
        self._stop.set()

    def _work(self) -> None:
        try:
            while not self._stop.is_set and (path := self._next()) is not None:
                self._push(path)
        except PushStopped:
            pass
        except (IngestRefused, IngestUnavailable) as error:
            self._end(error)
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        finally:
            self._ingest.close()

    def _end(self, error: Exception | None) -> None:
        self._fatal = self._fatal or error
        self._stop.set()

    def _next(self) -> Path | None:
        with self._lock:
            return next(self._files, None)

    def _push(self, path: Path) -> None:
        name = _name(path)
        try:
            with _open(path, is_named=path in self._named) as stream:
                status = os.fstat(stream.fileno())
                size = status.st_size if stat.S_ISREG(status.st_mode) else None
                for sent in send_document(self._ingest, stream, content_type(path.name), size):
                    self._tally.add(name, sent)
                    if self._stop.is_set:
                        break
        except OSError as error:
            self._tally.reject(name, error.strerror or str(error))
        self._tally.file_done()


def _open(path: Path, *, is_named: bool) -> BinaryIO:
    if path == STDIN:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    # A pipe that the user names, as in `newsman push <(command)`, is read to its end.
    if is_named and path.is_fifo():
        return path.open("rb")
    return open_regular(path, follow=True)


def _expand(paths: list[Path], tally: PushTally) -> Iterator[Path]:
    def failed(folder: str, error: OSError) -> None:
        tally.reject(one_line(folder), error.strerror or str(error))

    for path in paths:
        if path == STDIN or not path.is_dir():
            yield path
            continue
        yield from walk(path, failed)


def _list(paths: list[Path], target: Target, arguments: argparse.Namespace) -> int:
    tally = PushTally(is_shown=False)
    files = size = 0
    for path in _expand(paths, tally):
        kind = f"format {target.format_name}" if target.format_name else content_type(path.name)
        try:
            each = 0 if path == STDIN else path.stat().st_size
        except OSError as error:
            tally.reject(_name(path), error.strerror or str(error))
            continue
        text = f"{_name(path)}  {kind}  {'?' if path == STDIN else each} bytes"
        show(arguments, {"file": _name(path), "kind": kind, "bytes": each}, text)
        files, size = files + 1, size + each
    for reason in tally.shown:
        print(reason, file=sys.stderr if arguments.json else sys.stdout)
    text = f"{files} files, {size} bytes would be sent to {target.url}"
    show(arguments, {"files": files, "bytes": size, "url": target.url}, text)
    return 1 if tally.rejected else 0


def _name(path: Path) -> str:
    return "standard input" if path == STDIN else one_line(str(path))
