"""A worker on Newsman's Faust streams whose place in the group is taken away again and again.

Its membership is given up twice in a row, the second time shortly after the partitions came back,
as happens after a freeze. Joining and reading committed offsets take longer than they do, so that
the first resumption ends while the second join is under way, and records come in while the second
one sets the positions back. Work that is started meanwhile lasts until all of that has settled, so
that the queues are full when it ends; then there is time to commit, before the next two. Each
finished event is a line in a file.

    disturbed_worker.py BOOTSTRAP TOPIC GROUP in_order|in_groups EFFECTS REBALANCES SEED INSTANCE
"""

import asyncio
import logging
import os
import random
import sys
import time
from contextlib import suppress
from functools import wraps

from aiokafka.consumer import group_coordinator
from prometheus_client import Gauge

from newsman.kafka.grouped import in_groups
from newsman.kafka.progress.faust_watch import watch_progress
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.streams import build_stream_app, bytes_topic, in_order, run_worker

QUIET_SECONDS = (2.0, 2.5)
SECOND_RESET_SECONDS = 0.06
HOLD_SECONDS = 0.1
LONGER_JOIN_SECONDS = (0.3, 0.4)
LONGER_READ_SECONDS = (0.02, 0.06)
SETTLING_SECONDS = 0.5
"""After the partitions came back; reading what is committed of them takes half of that."""
WORK_SECONDS = 0.005
LOOK_SECONDS = 0.02
AT_ONCE = 8
LIMIT_SECONDS = 10.0


class Disturber:
    """Gives the membership up so many times, each time twice."""

    def __init__(self, times, rng):
        self._left = times
        self._rng = rng
        self._is_second_due = False
        self._busy_until = 0.0
        self._was_revoked = asyncio.Event()

    def install(self):
        coordinator = group_coordinator.GroupCoordinator
        rebalance = group_coordinator.CoordinatorGroupRebalance
        self._delay(rebalance, "perform_group_join", LONGER_JOIN_SECONDS)
        self._delay(coordinator, "fetch_committed_offsets", LONGER_READ_SECONDS)
        joined = coordinator._on_join_complete

        @wraps(joined)
        async def on_join_complete(member, *args):
            # While the partitions are handed over, which is part of joining.
            self._disturb_soon(member)
            await joined(member, *args)

        coordinator._on_join_complete = on_join_complete

    async def revoked(self, *_, **__):
        self._was_revoked.set()

    async def hold(self, *_, **__):
        """Lets a resumption begin when the partitions are away again, as a busy loop may do."""
        if not self._is_second_due:
            return
        self._was_revoked.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(HOLD_SECONDS):
                await self._was_revoked.wait()

    def is_busy(self):
        """True from the first loss of the membership until its return has settled."""
        return time.monotonic() < self._busy_until

    def is_done(self):
        return self._left <= 0 and not self.is_busy()

    def _delay(self, owner, name, seconds):
        original = getattr(owner, name)

        @wraps(original)
        async def later(*args):
            if not self.is_done():
                await asyncio.sleep(self._rng.uniform(*seconds))
            return await original(*args)

        setattr(owner, name, later)

    def _disturb_soon(self, member):
        if self.is_done():
            return
        later = asyncio.get_running_loop().call_later
        if self._is_second_due:
            later(self._rng.uniform(0, SECOND_RESET_SECONDS), self._reset_again, member)
            return
        self._busy_until = time.monotonic() + SETTLING_SECONDS
        if self._left > 0:
            later(self._rng.uniform(*QUIET_SECONDS), self._reset, member)

    def _reset(self, member):
        self._busy_until = float("inf")
        self._is_second_due = True
        member.reset_generation()

    def _reset_again(self, member):
        self._is_second_due = False
        self._left -= 1
        member.reset_generation()


def main(bootstrap, topic, group, kind, effects, rebalances, seed, instance):
    rng = random.Random(int(seed))
    disturber = Disturber(int(rebalances), rng)
    disturber.install()
    progress = ConsumerProgress(limit_seconds=LIMIT_SECONDS)
    app = build_stream_app(bootstrap=bootstrap, group=group, instance=instance, progress=progress)
    app.on_partitions_revoked.connect(disturber.revoked)
    app.on_rebalance_complete.connect(disturber.hold)
    file = os.open(effects, os.O_WRONLY | os.O_APPEND)

    async def start(_):
        while disturber.is_busy():
            await asyncio.sleep(LOOK_SECONDS)
        if not disturber.is_done():
            await asyncio.sleep(rng.uniform(0, WORK_SECONDS))

    async def finish_all(events, _):
        for event in events:
            os.write(file, b"%d %d\n" % (event.message.partition, event.message.offset))
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def finish_one(event, result):
        return await finish_all([event], result)

    @app.agent(bytes_topic(app, topic), name="worker")
    async def work(stream):
        if kind == "in_order":
            await in_order(stream, start, finish_one, limit=AT_ONCE, progress=progress)
        else:
            await in_groups(stream, start, finish_all, progress=progress)

    @app.task
    async def watch():
        await watch_progress(app, progress, Gauge("waiting", "Messages that wait.", ["partition"]))

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(run_worker(app))


if __name__ == "__main__":
    main(*sys.argv[1:])
