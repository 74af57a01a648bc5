"""`newsman poll`: feeds that others publish, to ingest."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from newsman.runtime.logs import configure_logging
from newsman.runtime.settings_error import SettingsError
from newsman.tools.push.client import Ingest
from newsman.tools.push.options import checked_url, read_target
from newsman.tools.push.poll.poll_state import PollState
from newsman.tools.push.poll.poller import Poller, Visit
from newsman.tools.push.stopping import IngestRefused, PushStopped, Stop, stop_on_signals

FEEDS_AT_ONCE = 8
TICK_SECONDS = 0.3
SHORTEST_EVERY_SECONDS = 1.0
FEED_FORMATS = ("rss", "atom", "jsonfeed")


def run(arguments: argparse.Namespace) -> int:
    """0 at an orderly end, 1 when a feed failed (--once) or all are gone, 2 when refused."""
    target = read_target(arguments)
    if target.format_name not in (None, *FEED_FORMATS):
        raise SettingsError(f"--format: a feed is {', '.join(FEED_FORMATS)}")
    urls = list(dict.fromkeys(checked_url(url, "URL") for url in arguments.urls))
    if arguments.every < SHORTEST_EVERY_SECONDS:
        raise SettingsError(f"--every: at least {SHORTEST_EVERY_SECONDS:.0f} second")
    configure_logging("INFO", "json" if arguments.json else "text")
    home = Path(os.environ.get("NEWSMAN_HOME") or ".newsman")
    state = PollState(arguments.state or home / "poll.json", target.url)
    state.open()
    stop = stop_on_signals()
    poller = Poller(Ingest(target, stop), state, arguments.every)
    pool = ThreadPoolExecutor(min(FEEDS_AT_ONCE, len(urls)))
    try:
        rounds = PollRounds(poller, pool, stop)
        return rounds.once(urls) if arguments.once else rounds.forever(urls)
    except IngestRefused as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2
    finally:
        # The flag ends waits for ingest; visits that have not started are skipped.
        stop.set()
        pool.shutdown(cancel_futures=True)
        state.close()


class PollRounds:
    """Visits each feed when it is due, a few at the same time."""

    def __init__(self, poller: Poller, pool: ThreadPoolExecutor, stop: Stop) -> None:
        self._poller = poller
        self._pool = pool
        self._stop = stop
        self._under_way: dict[str, Future[Visit]] = {}

    def once(self, urls: Sequence[str]) -> int:
        """0 when every feed went well."""
        results: list[bool] = []
        self._begin(urls)
        while self._under_way and not self._stop.is_set:
            results += [visit.went_well for _, visit in self._finished()]
            time.sleep(TICK_SECONDS / 10)
        return 0 if all(results) and len(results) == len(urls) else 1

    def forever(self, urls: Sequence[str]) -> int:
        """Until a signal, 0; or until every feed is gone, 1."""
        due = dict.fromkeys(urls, 0.0)
        while due and not self._stop.is_set:
            now = time.monotonic()
            self._begin([u for u, at in due.items() if at <= now and u not in self._under_way])
            for url, visit in self._finished():
                if visit.wait_seconds is None:
                    del due[url]
                else:
                    due[url] = time.monotonic() + visit.wait_seconds
            self._stop.wait(TICK_SECONDS)
        return 0 if due else 1

    def _begin(self, urls: Sequence[str]) -> None:
        for url in urls:
            self._under_way[url] = self._pool.submit(self._poller.visit, url)

    def _finished(self) -> list[tuple[str, Visit]]:
        done = [url for url, future in self._under_way.items() if future.done()]
        visits = []
        for url in done:
            try:
                visits.append((url, self._under_way.pop(url).result()))
            except PushStopped:
                continue
        return visits
