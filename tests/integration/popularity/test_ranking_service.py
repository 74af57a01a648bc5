"""The service ranks, publishes what changes, obeys editors, holds what looks artificial."""

import json
import os
import subprocess
import sys
import time

import httpx
import pytest
from tests.integration.feeds.conftest import Desk
from tests.log import records_on

from newsman.kafka.clients import build_producer
from newsman.kafka.records import decode, encode
from newsman.redis.keys import RankingKeys
from newsman_schemas.popularity import RankingChanged, RankingChangedV1, RankingEdited
from newsman_schemas.topics import RANKING_CHANGED, RANKING_CHANGED_V1, RANKING_EDITED

from .conftest import View
from .truth import produce

KEY = {"Authorization": "Bearer demo-key"}


@pytest.fixture
def desk(redis_client, topics) -> Desk:
    return Desk(redis_client, topics)


@pytest.fixture
def popularity(start_service):
    return start_service("popularity", NEWSMAN_SURGE_VIEWS="200").wait_ready()


@pytest.fixture
def read(kafka_bootstrap, topics):
    """Puts views on the log: so many of an article, each by a reader of its own, read and
    received at a time, or received now."""

    def read(article: str, times: int, *, minutes_ago: float = 0, received_now=False) -> None:
        now = int(time.time())
        at = now - int(minutes_ago * 60)
        logged = now if received_now else at
        views = [View(article, f"r{article}{n}{at}", at, logged) for n in range(times)]
        produce(kafka_bootstrap, topics, views)

    return read


@pytest.fixture
def changes(kafka_bootstrap, topics):
    """Every ranking that was published so far, of one order and window, or of the first version."""

    def changes(order="views", window="1h", scope="all", topic=RANKING_CHANGED):
        records = records_on(kafka_bootstrap, topic.full_name(topics))
        found = [decode(topic.event, record.value) for record in records]
        if topic is RANKING_CHANGED_V1:
            return [event for event in found if event.window == window]
        asked = (order, window, scope)
        return [event for event in found if (event.order, event.window, event.scope) == asked]

    return changes


def newest(events: list[RankingChanged]) -> list[str]:
    return [row.article_id for row in events[-1].items] if events else []


@pytest.fixture
def operator(popularity):
    """Runs `newsman popularity ACTION …`."""

    def operator(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "newsman.cli", "popularity", *words]
        env = {**os.environ, **popularity.env}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    return operator


def test_a_ranking_is_published_when_it_changes_with_the_old_rank_and_the_new(
    popularity, desk, read, changes, eventually
):
    a, b = desk.publish("a", section="Sport"), desk.publish("b", section="Sport")
    read(a, 5)
    eventually(lambda: newest(changes()) == [a])
    read(b, 9)
    eventually(lambda: newest(changes()) == [b, a])
    last = changes()[-1]
    assert [(row.rank, row.was, row.views) for row in last.items] == [(1, None, 9), (2, 1, 5)]
    eventually(lambda: newest(changes(scope="section:sport", window="24h")) == [b, a])
    assert newest(changes("decayed", "24h")) == [b, a]
    eventually(lambda: newest(changes("readers", "30d")) == [b, a])
    older = changes(topic=RANKING_CHANGED_V1)[-1]
    assert isinstance(older, RankingChangedV1)
    assert [row.article_id for row in older.items] == [b, a]
    published = len(changes())
    read(b, 2)
    desk.take_away("b", section="Sport")
    eventually(lambda: newest(changes()) == [a])
    assert changes()[-1].gone == (b,)
    # Two more views of the first changed nothing, so nothing was published for them.
    assert len(changes()) == published + 1


def test_editors_are_obeyed_and_after_a_flush_too(
    popularity, desk, read, changes, eventually, operator, start_service, redis_client, topics
):
    ingest = start_service("ingest").wait_ready()
    a, b, c = (desk.publish(name) for name in "abc")
    read(a, 9)
    read(b, 5)
    read(c, 3)
    eventually(lambda: newest(changes()) == [a, b, c])
    assert operator("pin", c, "--rank", "1", "--by", "Kari").returncode == 0
    eventually(lambda: newest(changes()) == [c, a, b])
    ban = {"article": a, "action": "ban", "by": "Ola", "reason": "in dispute"}
    assert httpx.post(f"{ingest.url}/v1/ranking-edits", json=ban).status_code == 401
    stranger = {"Authorization": "Bearer other-key"}
    refused = httpx.post(f"{ingest.url}/v1/ranking-edits", json=ban, headers=stranger)
    assert refused.status_code == 401
    told = httpx.post(f"{ingest.url}/v1/ranking-edits", json=ban, headers=KEY)
    assert told.status_code == 202
    eventually(lambda: newest(changes()) == [c, b])
    log = operator("edits")
    assert "pin 1 in all" in log.stdout
    assert "by Kari" in log.stdout
    assert "by Ola (demo): in dispute" in log.stdout
    redis_client.delete(RankingKeys(topics).edits)
    eventually(lambda: redis_client.hexists(RankingKeys(topics).edits, a), what="edits are back")
    assert newest(changes()) == [c, b]


def test_pins_that_were_kept_under_other_rules_hold_under_these_after_a_restart(
    desk, read, changes, eventually, start_service, redis_client, topics, kafka_bootstrap
):
    a, b = (desk.publish(name, language="pt-BR") for name in "ab")
    pin = RankingEdited(
        event_id="e",
        occurred_at=0,
        article_id=b,
        action="pin",
        rank=1,
        scope="language:pt_BR",
        by="K",
    )
    producer = build_producer(kafka_bootstrap, client_id="test")
    record = encode(pin)
    producer.send(RANKING_EDITED.full_name(topics), key=record.key, value=record.value).get(30)
    producer.close()
    older = {"pins": [["language:pt_BR", 1]], "banned": False, "held": False, "admitted": False}
    redis_client.hset(RankingKeys(topics).edits, mapping={b: json.dumps(older), "position": 1})
    start_service("popularity").wait_ready()
    read(a, 9)
    read(b, 5)
    eventually(lambda: newest(changes(scope="language:pt-br", window="24h")) == [b, a])
    eventually(lambda: newest(changes(scope="language:pt", window="24h")) == [a, b])


def held(popularity) -> float:
    text = httpx.get(f"{popularity.url}/metrics").text
    (line,) = [r for r in text.splitlines() if r.startswith("newsman_popularity_held_articles ")]
    return float(line.split()[1])


def test_a_surge_that_looks_artificial_is_held_until_an_operator_lets_it_in(
    popularity, desk, read, changes, eventually, operator
):
    honest, bought = desk.publish("honest"), desk.publish("bought")
    read(honest, 5)
    read(bought, 250, minutes_ago=5)
    eventually(lambda: newest(changes()) == [honest] and held(popularity) == 1)
    said = operator("edits").stdout
    assert "250 of 250 views came in one minute" in said
    assert "ends by itself at about" in said
    explained = operator("explain", bought).stdout
    assert "a rule: held since" in explained
    assert "newsman popularity admit" in explained
    assert operator("admit", bought, "--by", "Kari").returncode == 0
    eventually(lambda: newest(changes()) == [bought, honest])
    assert operator("hold", bought).returncode == 0
    eventually(lambda: newest(changes()) == [honest])


def test_a_hold_ends_by_itself_when_its_minute_has_passed_and_is_nowhere_on_the_log(
    popularity, desk, read, changes, eventually, operator, redis_client, topics
):
    honest, bought = desk.publish("honest"), desk.publish("bought")
    read(honest, 5)
    read(bought, 250, minutes_ago=14)
    eventually(lambda: newest(changes()) == [honest] and held(popularity) == 1)
    assert operator("edits").stdout.count(bought) == 1
    eventually(lambda: newest(changes()) == [bought, honest], timeout=200)
    eventually(lambda: held(popularity) == 0)
    assert bought not in operator("edits").stdout
    assert not redis_client.exists(RankingKeys(topics).holds)


def test_views_that_are_dated_back_hold_nobody_out(
    popularity, desk, read, changes, eventually, operator
):
    rival, other = desk.publish("rival"), desk.publish("other")
    read(other, 5)
    read(rival, 400, minutes_ago=5, received_now=True)
    eventually(lambda: newest(changes()) == [rival, other])
    read(other, 401)
    eventually(lambda: newest(changes()) == [other, rival])
    assert held(popularity) == 0
    assert "held" not in operator("explain", rival).stdout


def test_what_is_no_article_is_never_held(
    popularity, desk, read, changes, eventually, redis_client, topics
):
    bought = desk.publish("bought")
    for number in range(60):
        read(f"nothing{number:09}".translate(str.maketrans("0189", "abcd")), 260, minutes_ago=5)
    read(bought, 250, minutes_ago=5)
    eventually(lambda: held(popularity) == 1, timeout=30)
    holds = json.loads(redis_client.get(RankingKeys(topics).holds))
    assert set(holds) == {bought}


def test_an_article_is_explained_from_the_log_and_redis_says_the_same(
    popularity, desk, kafka_bootstrap, topics, read, changes, eventually, operator
):
    article, now = desk.publish("explained"), int(time.time())
    read(article, 7)
    again = [View(article, "twice", now - 2 * n, now) for n in range(3)]
    produce(kafka_bootstrap, topics, [*again, View(article, "late", now - 8 * 86_400, now)])
    produce(kafka_bootstrap, topics, [View(article, "early", now + 600, now)])
    eventually(lambda: changes() and operator("explain", article).returncode == 0)
    said = operator("explain", article).stdout
    assert "8 counted, 2 duplicate, 1 future, 1 late" in said
    assert "1h  8 views by 8 readers  rank 1" in said
    assert "Redis says the same" in said
    an_hour_ago = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(now - 3_600))
    assert "1h  0 views by 0 readers" in operator("explain", article, "--as-of", an_hour_ago).stdout
