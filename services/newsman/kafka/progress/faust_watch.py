"""Watching a Faust app's partitions: what stands still, what is read to the end."""

import asyncio
import logging
import time

import faust
from aiokafka.errors import KafkaError
from faust.types import TP
from prometheus_client import Gauge

from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.runtime.crash import bugs_crash

log = logging.getLogger(__name__)

LOOK_INTERVAL_SECONDS = 2.0
ENDS_TIMEOUT_SECONDS = 10.0
LONGEST_TURN_SECONDS = 1.0
SETTLING_SECONDS = 4.0
"""Longer than two fetches, each of which the broker holds for 1.5 s at the most."""


class PartitionStalled(Exception):
    """A partition stands still although it holds work; a new process takes over."""


async def watch_progress(app: faust.App, progress: ConsumerProgress[TP], waiting: Gauge) -> None:
    """Ends the process when nothing of a partition is finished for too long while it holds work.

    `waiting` says of each partition how many messages wait.
    """
    ends: dict[TP, int] = {}
    with bugs_crash():
        while not app.should_stop:
            await asyncio.sleep(LOOK_INTERVAL_SECONDS)
            ends = await _ends(app, ends)
            if app.should_stop:
                return
            progress.look(ends, now=time.monotonic())
            waiting.clear()
            for part, end in ends.items():
                waiting.labels(str(part.partition)).set(end - (progress.finished(part) or 0))
            stalled = progress.stalled()
            if stalled is not None:
                raise PartitionStalled(str(stalled))


async def _ends(app: faust.App, last_ends: dict[TP, int]) -> dict[TP, int]:
    """The ends of the assigned partitions; as known before when the broker does not say."""
    assigned = () if app.should_stop else tuple(app.consumer.assignment())
    if not assigned:
        return {}
    try:
        async with asyncio.timeout(ENDS_TIMEOUT_SECONDS):
            return {**await app.consumer.highwaters(*assigned)}
    except RuntimeError:
        # The thread that asks has ended with the app, while the broker did not answer it.
        if not app.should_stop:
            raise
        return {}
    except (KafkaError, TimeoutError) as problem:
        log.warning("the broker does not say where partitions end: %r", problem)
        return {part: last_ends[part] for part in assigned if part in last_ends}


def read_to_the_end(app: faust.App, progress: ConsumerProgress[TP]) -> set[TP]:
    """Those of this process's partitions of which everything is finished that the last fetch
    found on the broker, which is half a second ago at the most."""
    reached = set()
    for part in app.consumer.assignment():
        # Asking the broker would wait behind the fetch that is under way.
        end, finished = app.consumer.highwater(part), progress.finished(part)
        if end is not None and finished is not None and finished >= end:
            reached.add(part)
    return reached


class Pauses:
    """The pauses of a loop that turns many times a second.

    What was known of the broker before a freeze is old, also where it was only read after it.
    """

    def __init__(self) -> None:
        self._turned_at = float("inf")
        self._resumed_at = float("-inf")

    def is_settled(self, now: float) -> bool:
        """Notes a turn; True when there was no pause for long enough (monotonic seconds)."""
        if now - self._turned_at > LONGEST_TURN_SECONDS:
            self._resumed_at = now
        self._turned_at = now
        return now - self._resumed_at >= SETTLING_SECONDS
