"""When the process that publishes rankings looks at them."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.integration.feeds.conftest import Desk

from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.ranking.ranker import Ranker
from newsman.rankings.core import Edit
from newsman.rankings.ranking import RankingRound, Rankings
from newsman.redis.client import build_async_client
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import View, batch_of

NOW = 1_772_452_830


@pytest.fixture
def rounds(redis_url, namespace, monkeypatch):
    """Rounds between which something happens; how many rankings each looked at."""

    def rounds(*between):
        async def run():
            client = build_async_client(redis_url)
            rankings = Rankings(client, namespace, ARTICLE_VIEWED.partitions)
            looked, placed, published = [0], RankingRound.placed, []

            async def counting(at_once, asked, *, now):
                looked[-1] += 1
                return await placed(at_once, asked, now=now)

            monkeypatch.setattr(RankingRound, "placed", counting)

            async def publish(event):
                published.append(event)

            names = {"namespace": namespace, "instance": "one"}
            ranker = Ranker(client, rankings, publish, size=20, **names)
            now = datetime.fromtimestamp(NOW, UTC)
            await ranker.round(await rankings.state(), now=now)
            for happens in between:
                await happens(rankings)
                looked.append(0)
                await ranker.round(await rankings.state(), now=now)
            await client.aclose()
            return looked, published

        return asyncio.run(run())

    return rounds


def test_rankings_are_looked_at_when_something_they_are_made_of_has_changed(
    rounds, redis_client, namespace
):
    desk, store = (
        Desk(redis_client, namespace),
        CountStore(redis_client, namespace, window_seconds=0),
    )
    article = desk.publish("a", section="Sport")
    place = {"clock_seconds": NOW, "real_seconds": NOW}

    def view(offset: int):
        batch = batch_of([View(article, "r", NOW, NOW)])
        store.count(0, batch, expected=offset or None, next_offset=offset + 1, **place)

    async def nothing(rankings):
        pass

    async def read(rankings):
        view(1)

    async def advance(rankings):
        store.advance(0, expected=2, clock_seconds=NOW + 60)

    async def kill(rankings):
        desk.take_away("a", section="Sport")

    async def ban(rankings):
        await rankings.edits.write({article: Edit(banned=True)}, 1)

    view(0)
    looked, published = rounds(nothing, read, nothing, advance, kill, ban, nothing)
    assert [bool(number) for number in looked] == [
        True,
        False,
        True,
        False,
        True,
        True,
        True,
        False,
    ]
    assert not published[-1].items
