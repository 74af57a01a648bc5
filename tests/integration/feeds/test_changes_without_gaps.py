"""Whoever follows what changed by its cursor has in the end exactly what there is, whatever is
published meanwhile, whichever process answers, and though one of them is killed."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

STORIES = 40
STEPS, STEPS_A_TURN = 300, 6
SECTIONS = ("Sport", "Arts")
PATH = "/feed?section=sport&format=json"


class Newsroom:
    """Publishes, corrects, moves and kills at random; knows what there is to be seen."""

    def __init__(self, desk, publish, seed: int) -> None:
        self.sport: dict[str, str] = {}
        self.turns = threading.Semaphore(0)
        """Neither side may be done before the other has done much."""
        self._desk = desk
        self._publish = publish
        self._random = random.Random(seed)
        self._revisions: dict[str, int] = {}

    def work(self) -> None:
        for step in range(STEPS):
            self.turns.acquire()
            self._step(step)

    def _step(self, step: int) -> None:
        name = f"story {self._random.randrange(STORIES)}"
        revision = self._revisions[name] = self._revisions.get(name, 0) + 1
        urn = f"urn:newsman:article:{self._desk.article(name).id}"
        if revision > 1 and self._random.random() < 0.2:
            self._desk.take_away(name)
            self._publish(name, revision=revision, action="killed")
            self.sport.pop(urn, None)
            return
        fields = {"section": self._random.choice(SECTIONS), "headline": f"{name}, step {step}"}
        self._desk.publish(name, revision=revision, **fields)
        self._publish(name, revision=revision, **fields)
        self.sport.pop(urn, None)
        if fields["section"] == "Sport":
            self.sport[urn] = fields["headline"]


class Follower:
    """A feed reader that remembers entries and its cursor, and asks any of several processes."""

    def __init__(self, *urls: str, limit: int, begins_with: str = "") -> None:
        self.entries: dict[str, str] = {}
        self._urls = urls
        self._limit = limit
        self._turn = 0
        self._since = "0"
        if begins_with:
            feed = self._get(begins_with)
            self._since = feed["_since"]
            self._take(feed)

    def follow(self) -> bool:
        """Asks once; whether there may be more."""
        feed = self._get(f"{PATH}&limit={self._limit}&since={self._since}")
        self._take(feed)
        moved, self._since = self._since != feed["_since"], feed["_since"]
        return moved

    def _take(self, feed: dict) -> None:
        for gone in feed["_tombstones"]:
            self.entries.pop(gone["id"], None)
        self.entries |= {item["id"]: item["title"] for item in feed["items"]}

    def _get(self, path: str) -> dict:
        while True:
            self._turn += 1
            try:
                answer = httpx.get(self._urls[self._turn % len(self._urls)] + path, timeout=20)
            except httpx.TransportError:
                continue  # another process answers
            if answer.status_code == 200:
                return answer.json()
            assert answer.status_code == 503, answer.text


@pytest.fixture
def work_beside():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_nobody_misses_a_change_or_keeps_what_went(
    desk, publish, start_service, eventually, work_beside
):
    first, second = (start_service("feeds") for _ in range(2))
    for service in (first, second):
        service.wait_ready()
    newsroom = Newsroom(desk, publish, seed=20260302)
    followers = [
        Follower(first.url, limit=3),
        Follower(first.url, second.url, limit=1),
        Follower(second.url, first.url, limit=100),
    ]
    work = work_beside.submit(newsroom.work)
    turns = 0
    while not work.done():
        for follower in followers:
            follower.follow()
        turns += 1
        newsroom.turns.release(STEPS_A_TURN)
        if turns == 20:
            second.kill()
            second.start()
        if turns in (10, 40):
            followers.append(Follower(first.url, limit=2, begins_with=f"{PATH}&limit=100"))
    work.result()
    assert newsroom.sport
    assert len(followers) == 5
    second.wait_ready()
    for follower in followers:
        eventually(lambda f=follower: not f.follow() and f.entries == newsroom.sport)
