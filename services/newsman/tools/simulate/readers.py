"""Readers: they open pages and feeds, and some hold the live stream."""

import random
import threading
from collections import Counter
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from newsman.tools.push.connections import open_pool, read_body, request
from newsman.tools.push.stopping import Stop
from newsman.tools.simulate.ledger import SimulationLedger
from newsman.tools.simulate.sending import BROWSER

PAGES = ("/", "/latest.rss", "/latest.json", "/popular", "/v1/articles", "/sections/sport.atom")
PAUSE_SECONDS = 1.0
STREAM_SHARE = 5
"""Of so many readers one holds the live stream."""
CHUNK_BYTES = 64 * 1024
MOST_PAGE_BYTES = 64 * 1024 * 1024
HEADERS = {"User-Agent": BROWSER}


class FeedReaders:
    """Readers of feeds, each with a connection of its own; answers are counted by status."""

    def __init__(self, url: str, ledger: SimulationLedger, stop: Stop) -> None:
        self._parts = urlsplit(url)
        self._ledger = ledger
        self._stop = stop
        self._lock = threading.Lock()
        self.answers: Counter[int] = Counter()
        """By status; 0 where the connection was lost."""
        self.stream_bytes = 0

    def read(self, number: int) -> None:
        """One reader, until the end is asked for."""
        if number % STREAM_SHARE == STREAM_SHARE - 1:
            self._follow_the_stream()
        else:
            self._read_pages(random.Random(number))

    def _read_pages(self, chance: random.Random) -> None:
        pool = open_pool(self._parts)
        while not self._stop.wait(PAUSE_SECONDS * 2 * chance.random()):
            articles = self._ledger.readable()[-50:]
            paths = [*PAGES, *(f"/articles/{each}" for each in articles[:1])]
            if articles:
                paths.append(f"/articles/{chance.choice(articles)}")
            try:
                answer = request(pool, "GET", chance.choice(paths), HEADERS)
                read_body(answer, MOST_PAGE_BYTES)
                self._count(answer.status)
            except (OSError, HTTPError):
                self._count(0)
        pool.close()

    def _follow_the_stream(self) -> None:
        pool = open_pool(self._parts)
        while not self._stop.is_set:
            try:
                answer = request(pool, "GET", "/v1/stream", HEADERS)
                self._count(answer.status)
                for chunk in answer.stream(CHUNK_BYTES, decode_content=False):
                    with self._lock:
                        self.stream_bytes += len(chunk)
                    if self._stop.is_set:
                        break
                answer.close()
            except (OSError, HTTPError):
                self._count(0)
            self._stop.wait(PAUSE_SECONDS)
        pool.close()

    def _count(self, status: int) -> None:
        with self._lock:
            self.answers[status] += 1
