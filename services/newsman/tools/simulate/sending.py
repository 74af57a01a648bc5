"""Senders: connections that push at a steady rate until they are answered, and note the answers."""

import hashlib
import hmac
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from newsman.tools.push.connections import failure_text, open_pool, read_body, request
from newsman.tools.push.stopping import Stop
from newsman.tools.simulate.ledger import SimulationLedger
from newsman.tools.simulate.options import GIVE_UP_SECONDS
from newsman.tools.simulate.stories import JSON, SUPERDESK, Script, SimulatedPush

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PATIENCE_SECONDS, MOST_PATIENCE_SECONDS = 0.3, 5.0
"""Before another attempt, on average; the longer one where the answer asks for as much."""
MOST_ANSWER_BYTES = 64 * 1024 * 1024
OPEN_STORIES = 8
"""Stories that one sender tells at a time, a push of one and then of another."""
VIEW_PUSHES_PER_SECOND = 10.0
TRY_LATER = frozenset({408, 429, 500, 502, 503, 504})


class Pace:
    """Turns at a steady rate, shared by threads; a turn that is late is taken at once."""

    def __init__(self, per_second: float, stop: Stop) -> None:
        self._per_second = per_second
        self._stop = stop
        self._lock = threading.Lock()
        self._due_at = time.monotonic()

    def wait(self, turns: int = 1) -> bool:
        """Waits for the next turn and takes so many; False once the end is asked for."""
        with self._lock:
            due_at = max(self._due_at, time.monotonic() - 1.0)
            self._due_at = due_at + turns / self._per_second
        return not self._stop.wait(max(0.0, due_at - time.monotonic())) and not self._stop.is_set


@dataclass(frozen=True)
class Desks:
    """Where pushes go, and as whom: a key, and a secret for Superdesk's if there is one."""

    url: str
    key: str
    secret: str = ""

    def headers(self, push: SimulatedPush) -> dict[str, str]:
        """The headers of a push."""
        headers = {"Content-Type": push.content_type, "User-Agent": BROWSER}
        if push.path == SUPERDESK and self.secret:
            digest = hmac.new(self.secret.encode(), push.body, hashlib.sha1).hexdigest()
            return {**headers, "X-Superdesk-Signature": f"sha1={digest}"}
        return {**headers, "Authorization": f"Bearer {self.key}"}


class NewsroomSender:
    """One connection to ingest."""

    def __init__(
        self, desks: Desks, ledger: SimulationLedger, give_up_seconds: float = GIVE_UP_SECONDS
    ) -> None:
        self._desks = desks
        self._give_up_seconds = give_up_seconds
        self._parts = urlsplit(desks.url)
        self._ledger = ledger
        self._pool: HTTPConnectionPool | None = None
        self.retried: Counter[str] = Counter()
        """Attempts that were made again, by the status of the answer or the failure."""

    def push(self, push: SimulatedPush) -> None:
        """Sends it until it is answered, and notes the answer; twice if it is to be repeated."""
        for _ in range(1 + push.is_repeated):
            headers = self._desks.headers(push)
            self._ledger.note_push(push, *self.send(push.path, push.body, headers))

    def push_views(self, articles: list[str]) -> None:
        """Views of these articles, each by a reader of its own."""
        names = [uuid.uuid4().hex for _ in articles]
        views = [
            {"article": article, "reader": name, "id": name}
            for article, name in zip(articles, names, strict=True)
        ]
        push = SimulatedPush(json.dumps(views).encode(), path="/v1/views", content_type=JSON)
        status, _ = self.send(push.path, push.body, self._desks.headers(push))
        self._ledger.note_views(articles, status)

    def send(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        """The answer's status and JSON; 0 where none came for too long."""
        until = time.monotonic() + self._give_up_seconds
        while True:
            status, said, wait_seconds = self._attempt(path, body, headers)
            if status and status not in TRY_LATER:
                return status, said
            if time.monotonic() > until:
                return 0, said
            self.retried[str(status or said)] += 1
            time.sleep(wait_seconds * (0.5 + random.random()))

    def close(self) -> None:
        """Closes the connection."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _attempt(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Any, float]:
        """Status, JSON, and after how many seconds it may be sent again; 0 and what failed."""
        if self._pool is None:
            self._pool = open_pool(self._parts)
        try:
            answer = request(self._pool, "POST", path, headers, body)
            wait_seconds = _wait_seconds(answer.headers.get("Retry-After", ""))
            return answer.status, _json(read_body(answer, MOST_ANSWER_BYTES)), wait_seconds
        except (OSError, HTTPError) as error:
            self.close()
            return 0, failure_text(error), PATIENCE_SECONDS


def tell(stories: Iterator[Script], sender: NewsroomSender, pace: Pace) -> None:
    """Tells stories side by side until the end; some stay untold, as they do at any time."""
    chance = random.Random(0)
    begun: list[Script] = []
    while True:
        if len(begun) < OPEN_STORIES:
            begun.append(list(next(stories)))
        script = chance.choice(begun)
        if not pace.wait(max(1, len(script[0].tells))):
            break
        sender.push(script.pop(0))
        begun = [each for each in begun if each]
    sender.close()


def read_about(
    ledger: SimulationLedger, sender: NewsroomSender, per_second: float, stop: Stop
) -> None:
    """Views of articles that are public, the first of them more often, until the end."""
    pushes = min(VIEW_PUSHES_PER_SECOND, per_second)
    pace, chance, owed = Pace(pushes, stop), random.Random(0), 0.0
    while pace.wait():
        owed += per_second / pushes
        articles = ledger.readable()
        if articles and owed >= 1:
            weights = [1 / (place + 1) for place in range(len(articles))]
            sender.push_views(chance.choices(articles, weights, k=int(owed)))
            owed %= 1
    sender.close()


def _wait_seconds(retry_after: str) -> float:
    """Seconds that a server asks for (RFC 9110, section 10.2.3), within our own bounds."""
    asked = float(retry_after) if retry_after.isdecimal() else 0.0
    return min(max(asked, PATIENCE_SECONDS), MOST_PATIENCE_SECONDS)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return body.decode("utf-8", "replace")
