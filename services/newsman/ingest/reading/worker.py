"""A process that does work on what senders wrote, a task at a time, within its bounds.

Tasks come on standard input and answers go to standard output (`reading_frames.py`). The kernel
ends the process in the middle of a task that takes more processor time than it may, for a parser in
C would not come back to be told. A process that stands still uses none.
"""

import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsman.ingest.formats import eventgate as events
from newsman.ingest.formats import renditions
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.pushes import Push, prepare
from newsman.ingest.reading.frames import Answers, read_task

MEMORY_EXIT = 71
"""Status of a process that needed more memory than it may."""
KEPT_BYTES = 96 * 1024 * 1024
"""A process that keeps so much more than it started with ends after its answer."""
PR_SET_PDEATHSIG = 1
_SAMPLES = {
    "text/html": b"<title>A</title><article><h1>A</h1><p>" + b"word " * 20 + b"</p></article>",
    "application/rss+xml": b"<rss><item><title>A</title></item></rss>",
    "application/vnd.iptc.g2.newsitem+xml": b"<newsItem guid='a'/>",
    "application/nitf+xml": b"<nitf><body><body.head><hedline><hl1>A</hl1></hedline></body.head>"
    b"</body></nitf>",
    "application/vnd.iptc.ninjs+json": b'{"uri": "a", "headline": "A"}',
    "text/plain": b"A\n\n1 March 2026\n\nA line.",
}


def main() -> int:
    """Serves until standard input ends; its argument is the mebibytes of a task."""
    memory_mb = int(sys.argv[1])
    _end_with_parent()
    answers = _own_output()
    warm_up()
    gc.collect()
    gc.freeze()  # imported objects stay, so later collections need not scan them
    limit_memory(memory_mb)
    at_start = resident_bytes()
    answers.send(None)
    try:
        while task := read_task(sys.stdin.buffer):
            cpu_seconds, *work = task
            signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
            result = _result(*work)
            del task, work  # the body is not needed for the answer
            answers.send(result)
            signal.setitimer(signal.ITIMER_PROF, 0)
            del result
            if resident_bytes() - at_start > KEPT_BYTES:
                return 0
    except MemoryError:
        os._exit(MEMORY_EXIT)
    return 0


def _result(work: Callable[..., Any], args: Any, named: Any) -> tuple[Any, Exception | None]:
    """The work's result, or the exception that it raised."""
    try:
        return work(*args, **named), None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the parent raises it
        error.add_note(traceback.format_exc())
        return None, error


def limit_memory(memory_mb: int) -> None:
    """Lets this process add so much to its address space, and no more."""
    # Not `ru_maxrss`: a process inherits its parent's peak, and that would widen the limit.
    limit = _pages(0) * resource.getpagesize() + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def resident_bytes() -> int:
    """Memory that this process holds."""
    return _pages(1) * resource.getpagesize()


def _pages(field: int) -> int:
    return int(Path("/proc/self/statm").read_text().split()[field])


def _end_with_parent() -> None:
    # The parent ends it; a signal to the whole process group must not interrupt its work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _own_output() -> Answers:
    """Standard output for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return Answers(answers)


def warm_up() -> None:
    """Has everything imported and made once, so that no task pays for it."""
    defaults = Defaults("sample", "en", UTC, None, datetime.now(UTC))
    for kind, body in _SAMPLES.items():
        with contextlib.suppress(UnknownFormat, BadDocument):
            prepare(Push(body, kind, None, defaults, f"00-{'0' * 32}-{'0' * 16}-00"))
    events.read_events(b"{}", defaults.now)
    renditions.look_at_item(b"{}")


if __name__ == "__main__":
    sys.exit(main())
