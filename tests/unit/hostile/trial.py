"""A process that reads hostile documents of one kind, and says what each costs.

Prints a line of JSON before each and one after it; SIGPROF ends it where one takes for ever.
"""

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from shapes import Shape, documents, envelopes

from newsman.ingest.formats.eventgate import read_events
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.formats.renditions import look_at_item
from newsman.ingest.pushes import Push, prepare
from newsman.ingest.reading.worker import warm_up
from newsman.ingest.routes.bodies import TooLarge
from newsman.ingest.views.goatcounter_hits import read_hits
from newsman.ingest.views.pushed_views import read_item, split_views

SIZE, FACTOR = 25_000, 4
GROWTH, FLOOR_SECONDS, MOST_SECONDS = 6.0, 0.2, 1.0
"""What is four times as long may take six times as long and a little more."""
CHEAP_SECONDS = 0.001
"""Were it to grow with the square, a megabyte would take less than two seconds."""
KILL_SECONDS = 4.0
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DEFAULTS = Defaults("demo", "en", UTC, None, NOW)
TRACE = f"00-{'0' * 32}-{'0' * 16}-00"


def _views(body: bytes) -> None:
    views = split_views(body, most=10_000)
    for index in range(len(views.items)):
        read_item(views, index, now=NOW)


JSON_READERS: dict[str, Callable[[bytes], object]] = {
    "views": _views,
    "goatcounter": lambda body: read_hits(body, "demo", now=NOW),
    "eventgate": lambda body: read_events(body, NOW),
    "superdesk": look_at_item,
}


def main() -> None:
    kind, skipped = sys.argv[1], int(sys.argv[2])
    warm_up()
    for number, (name, media_type, shape) in enumerate(_documents(kind)):
        if number < skipped:
            continue
        print(json.dumps({"begun": name, "number": number}), flush=True)
        reader = JSON_READERS.get(kind, _reader(media_type))
        problem = _judged(shape, reader)
        if problem:
            print(json.dumps({"slow": f"{kind}: {name}: {problem}"}), flush=True)
    print(json.dumps({"end": kind}), flush=True)


def _documents(kind: str) -> list[tuple[str, str, Shape]]:
    if kind == "envelopes":
        return list(envelopes())
    return list(documents("application/json" if kind in JSON_READERS else kind))


def _reader(media_type: str) -> Callable[[bytes], object]:
    return lambda body: prepare(Push(body, media_type, None, DEFAULTS, TRACE))


def _judged(shape: Shape, read: Callable[[bytes], object]) -> str | None:
    small = _seconds(shape(SIZE), read)
    if small < CHEAP_SECONDS:
        return None
    large = _seconds(shape(SIZE * FACTOR), read)
    if large > MOST_SECONDS or large > GROWTH * small + FLOOR_SECONDS:
        return f"{small:.3f} s, four times as long {large:.3f} s"
    return None


def _seconds(body: bytes, read: Callable[[bytes], object]) -> float:
    signal.setitimer(signal.ITIMER_PROF, KILL_SECONDS)
    began = time.process_time()
    with contextlib.suppress(BadDocument, UnknownFormat, TooLarge):
        read(body)
    took = time.process_time() - began
    signal.setitimer(signal.ITIMER_PROF, 0)
    return took


if __name__ == "__main__":
    main()
