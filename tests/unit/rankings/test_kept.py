"""Rankings that many ask for are made once a second."""

import asyncio

import pytest

from newsman.rankings import kept
from newsman.rankings.kept import KeptRankings
from newsman.rankings.ranking import RankingRequest

HOUR, DAY = RankingRequest("views", "1h"), RankingRequest("views", "24h")


class Slow:
    """Rankings that are made when they are let go, or fail."""

    def __init__(self):
        self.made = []
        self.gate = asyncio.Event()
        self.error = None

    async def rows(self, request, *, now):
        self.made.append(request)
        await self.gate.wait()
        if self.error:
            raise self.error
        return [len(self.made)]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def run(body):
    async def inside():
        slow, clock = Slow(), Clock()
        await body(KeptRankings(slow, clock=clock), slow, clock)

    asyncio.run(inside())


def test_those_who_ask_together_wait_for_one():
    async def body(rankings, slow, _):
        waiting = [asyncio.ensure_future(rankings.rows(HOUR)) for _ in range(3)]
        await asyncio.sleep(0)
        slow.gate.set()
        assert await asyncio.gather(*waiting) == [[1], [1], [1]]
        assert slow.made == [HOUR]

    run(body)


def test_rows_are_kept_for_a_second_each_request_its_own():
    async def body(rankings, slow, clock):
        slow.gate.set()
        assert await rankings.rows(HOUR) == [1]
        clock.now += 0.9
        assert await rankings.rows(HOUR) == [1]
        assert await rankings.rows(DAY) == [2]
        clock.now += 0.1
        assert await rankings.rows(HOUR) == [3]
        assert await rankings.rows(DAY) == [2]

    run(body)


def test_a_failure_is_told_to_who_asked_and_not_kept():
    async def body(rankings, slow, _):
        slow.gate.set()
        slow.error = ConnectionError("gone")
        with pytest.raises(ConnectionError):
            await rankings.rows(HOUR)
        slow.error = None
        assert await rankings.rows(HOUR) == [2]

    run(body)


def test_who_goes_away_takes_the_answer_from_nobody():
    async def body(rankings, slow, _):
        first, second = (asyncio.ensure_future(rankings.rows(HOUR)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        slow.gate.set()
        assert await second == [1]

    run(body)


def test_no_more_are_kept_than_may_be(monkeypatch):
    monkeypatch.setattr(kept, "KEPT", 2)

    async def body(rankings, slow, _):
        slow.gate.set()
        weeks = [RankingRequest("views", "7d", limit=limit) for limit in range(1, 4)]
        assert [await rankings.rows(week) for week in weeks] == [[1], [2], [3]]
        assert await rankings.rows(weeks[2]) == [3]
        assert await rankings.rows(weeks[0]) == [4]

    run(body)
