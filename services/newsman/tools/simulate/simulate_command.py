"""`newsman simulate`: a load as newsrooms and readers are one, and what became of all of it."""

import argparse
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from newsman.kafka.log import AWAY
from newsman.runtime.settings_error import SettingsError
from newsman.terminal.endings import FAILED
from newsman.terminal.output import show
from newsman.terminal.progress import progress
from newsman.tools.operate.installation import open_installation
from newsman.tools.push.options import URL, checked_url
from newsman.tools.push.stopping import Stop, stop_on_signals
from newsman.tools.simulate.ledger import SimulationLedger
from newsman.tools.simulate.readers import FeedReaders
from newsman.tools.simulate.sending import Desks, NewsroomSender, Pace, read_about, tell
from newsman.tools.simulate.stories import NewsDesk, Script, scripts
from newsman.tools.simulate.verification import LedgerFindings, Verification

FEEDS = "http://127.0.0.1:8081"
TICK_SECONDS = 1.0
LOOK_SECONDS = 1.0
READERS_END_SECONDS = 5.0


def run(arguments: argparse.Namespace) -> int:
    """Simulates, and compares where that was asked for; 1 where an exit does not agree."""
    desks = _desks(arguments)
    feeds = checked_url(arguments.feeds or _feeds_of_environment(), "--feeds")
    ledger = SimulationLedger(arguments.ledger)
    try:
        document = _simulated(arguments, desks, feeds, ledger)
        found = _verified(arguments, feeds, ledger) if arguments.verify else None
    finally:
        ledger.close()
    if found:
        document["verified"] = found.document()
    show(arguments, document, "".join(_text(document)))
    if not ledger.acknowledged:
        print(_nothing_taken(document, desks.url), file=sys.stderr)
    has_failed = bool(ledger.surprises) or not ledger.acknowledged
    return FAILED if has_failed or (found and found.problems) else 0


def _feeds_of_environment() -> str:
    variables = ("NEWSMAN_FEEDS_URL", "NEWSMAN_PUBLIC_URL")
    return next(filter(None, map(os.environ.get, variables)), FEEDS)


def _desks(arguments: argparse.Namespace) -> Desks:
    key = arguments.key or os.environ.get("NEWSMAN_PUSH_KEY", "")
    if not key and arguments.seconds:
        raise SettingsError("NEWSMAN_PUSH_KEY is not set; set it to the key of your source")
    url = checked_url(arguments.url or os.environ.get("NEWSMAN_PUSH_URL") or URL, "--url")
    return Desks(url, key, os.environ.get("NEWSMAN_PUSH_SECRET", ""))


def _simulated(
    arguments: argparse.Namespace, desks: Desks, feeds: str, ledger: SimulationLedger
) -> dict[str, Any]:
    stop = stop_on_signals()
    audience = FeedReaders(feeds, ledger, stop)
    sender = partial(NewsroomSender, desks, ledger, arguments.patience)
    senders = [sender() for _ in range(arguments.senders + 1)]
    began = time.monotonic()
    if arguments.seconds:
        works = list(_works(arguments, senders, ledger, stop))
        readers = [partial(audience.read, number) for number in range(arguments.readers)]
        _last(works, readers, stop, arguments.seconds)
    retried = sum((sender.retried for sender in senders), Counter[str]())
    return {
        "seconds": round(time.monotonic() - began, 1),
        "acknowledged": len(ledger.acknowledged),
        "views": ledger.views.total(),
        "refused": {str(status): n for status, n in sorted(ledger.refused.items())},
        "retries": retried.total(),
        "retried": dict(retried.most_common()),
        "unknown": len(ledger.unknown),
        "read": {str(status): n for status, n in sorted(audience.answers.items())},
        "stream_bytes": audience.stream_bytes,
        "surprises": ledger.surprises,
    }


def _works(
    arguments: argparse.Namespace,
    senders: list[NewsroomSender],
    ledger: SimulationLedger,
    stop: Stop,
) -> Iterator[Callable[[], None]]:
    if arguments.articles:
        pace = Pace(arguments.articles, stop)
        for number, sender in enumerate(senders[1:]):
            yield partial(tell, _stories(arguments, number), sender, pace)
    if arguments.views:
        yield partial(read_about, ledger, senders[0], arguments.views, stop)


def _stories(arguments: argparse.Namespace, number: int) -> Iterator[Script]:
    # A run has names of its own, so that one beside it or after it tells other stories.
    name = f"{time.time_ns():x}-{number}"
    desk = NewsDesk(name, arguments.seed + number, lambda: datetime.now(UTC))
    return scripts(desk, arguments.faults)


def _last(
    works: Sequence[Callable[[], None]],
    readers: Sequence[Callable[[], None]],
    stop: Stop,
    seconds: float,
) -> None:
    """Runs everything for so long; whoever pushes ends after the answer, readers where they are."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    audience = [threading.Thread(target=reader, daemon=True) for reader in readers]
    for thread in (*threads, *audience):
        thread.start()
    until = time.monotonic() + seconds
    with progress("seconds", round(seconds)) as advance:
        while not stop.wait(min(TICK_SECONDS, max(0.0, until - time.monotonic()))):
            advance(round(TICK_SECONDS))
            if time.monotonic() >= until:
                break
    stop.set()
    for thread in threads:
        thread.join()
    ends_at = time.monotonic() + READERS_END_SECONDS
    for thread in audience:
        thread.join(max(0.0, ends_at - time.monotonic()))


def _verified(
    arguments: argparse.Namespace, feeds: str, ledger: SimulationLedger
) -> LedgerFindings:
    """The first comparison without a problem, or the last within the time."""
    until = time.monotonic() + arguments.settle
    with open_installation() as there:
        verification = Verification(there, ledger, feeds)
        while True:
            found = _look(verification)
            left = until - time.monotonic()
            if not found.problems or left <= 0:
                return found
            print(f"{len(found.problems)} do not agree yet, {left:.0f} s left", file=sys.stderr)
            time.sleep(LOOK_SECONDS)


def _look(verification: Verification) -> LedgerFindings:
    """A comparison; an installation of which something is away does not agree."""
    from redis.exceptions import RedisError

    try:
        return verification.look()
    except (*AWAY, RedisError) as error:
        return LedgerFindings(problems=[f"cannot be compared: {error}"])


def _nothing_taken(document: Mapping[str, Any], url: str) -> str:
    """Why: what the senders were told most, or nothing where nothing was sent."""
    reasons = [*document["surprises"], *document["retried"]]
    return f"{url} acknowledged nothing" + (f": {reasons[0]}" if reasons else ", nothing was sent")


def _text(document: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{document['acknowledged']} versions and {document['views']} views were acknowledged in "
        f"{document['seconds']} s, {sum(document['refused'].values())} pushes refused as they "
        f"should be, {document['retries']} sent again\n"
    )
    if document["read"]:
        statuses = ", ".join(f"{number} of {status}" for status, number in document["read"].items())
        yield f"readers were answered: {statuses}\n"
    yield from (f"unexpected: {each}\n" for each in document["surprises"])
    found = document.get("verified")
    if found:
        fates = ", ".join(f"{number} {name}" for name, number in found["fates"].items())
        yield f"{found['stories']} stories: {fates or 'none'}; {found['views']} views\n"
        yield from (f"does not agree: {each}\n" for each in found["problems"])
        yield (
            "every exit agrees\n"
            if found["agrees"]
            else (f"{found['problems_in_all']} disagreements\n")
        )
