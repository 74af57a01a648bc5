"""The store made again from the log is the same to the byte; meanwhile the old one serves."""

import os
import random
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import redis
from kafka import TopicPartition

from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import encode
from newsman.provenance.keys import make_key
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import Marker, read_marker
from newsman_schemas.articles import ArticleEnriched, Entity, PubStatus, article_id, former_ids
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_ENRICHED

from .conftest import MINUTE, NOON, killed, pushed

EVENTS = int(os.environ.get("NEWSMAN_TEST_REBUILD_EVENTS", "2000"))
FEW_EVENTS = 300
PLACES = ("Oslo", "Ghent", "Lisbon", "Narvik")
FAR = NOON + timedelta(days=4_000)
SECONDS = max(60, EVENTS / 40)

pytestmark = pytest.mark.timeout(int(120 + EVENTS / 10))


def history(events: int, seed: int = 5) -> list[ArticleEnriched]:
    """New stories, updates, late versions, kills, embargoes, chains and repeats."""
    rng = random.Random(seed)
    found: list[ArticleEnriched] = []
    while len(found) < events:
        n = rng.randrange(max(events // 2, 1))
        uri, version = f"urn:story:{n}", rng.randrange(1, 6)
        fields = {
            "section": f"Section {n % 7}",
            "body_text": f"What happened at lock {n}, take {version}. " * 40,
            "body_html": f"<p>What happened at lock {n}, take {version}.</p>" * 40,
            "entities": tuple(_place(name) for name in rng.sample(PLACES, 2)),
        }
        kind = rng.random()
        if kind < 0.08:
            event = killed(uri, version, **fields)
        elif kind < 0.14:
            event = pushed(uri, version, **fields, pubstatus=PubStatus.WITHHELD)
        elif kind < 0.2:
            until = rng.choice([NOON, FAR])
            event = pushed(uri, version, **fields, embargoed_until=until)
        elif kind < 0.24:
            event = pushed(uri, version, **fields, expires_at=FAR)
        elif kind < 0.34:
            parent = f"urn:story:{rng.randrange(max(events // 2, 1))}"
            event = pushed(uri, version, **fields, evolved_from=parent)
        elif kind < 0.4 and found:
            event = rng.choice(found)
        else:
            event = pushed(uri, version, **fields)
        found.append(event)
    return found


def briefs() -> list[ArticleEnriched]:
    """Twenty articles that time alone will release, and then take away."""
    soon = datetime.now(UTC) + timedelta(seconds=3)
    times = {"embargoed_until": soon, "expires_at": soon + timedelta(seconds=1)}
    return [pushed(f"urn:brief:{n}", **times) for n in range(20)]


def _place(name: str) -> Entity:
    return Entity(
        name=name, slug=name.lower(), type="place", mentions=1, confidence=1, method="test"
    )


def send(bootstrap: str, namespace: str, events: list[ArticleEnriched]) -> None:
    producer = build_producer(bootstrap, client_id="test", linger_ms=10)
    for event in events:
        record = encode(event)
        producer.send(
            ARTICLE_ENRICHED.full_name(namespace),
            key=record.key, value=record.value, headers=record.headers,
        )  # fmt: skip
    producer.flush()
    producer.close()


def is_through(bootstrap: str, namespace: str) -> bool:
    """Whether the gate has committed all that is in its log."""
    consumer = build_consumer(bootstrap=bootstrap, group=f"{namespace}.publish", client_id="test")
    try:
        topic = ARTICLE_ENRICHED.full_name(namespace)
        parts = [TopicPartition(topic, n) for n in range(ARTICLE_ENRICHED.partitions)]
        ends = consumer.end_offsets(parts)
        return all((consumer.committed(part) or 0) >= ends[part] for part in parts)
    finally:
        consumer.close(autocommit=False)


def generation(client: redis.Redis, namespace: str) -> str:
    marker = read_marker(client.get(ArticleKeys(namespace).marker))
    assert marker is not None
    return marker.serving


def dump(client: redis.Redis, namespace: str) -> dict[str, object]:
    """Every byte of the generation that serves."""
    keys = ArticleKeys(namespace, generation(client, namespace))
    prefix = keys.names.removesuffix("store:names")
    read = {
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"set": client.smembers,
    }
    found: dict[str, object] = {}
    for kind in ("article", "index", "gone"):
        for key in client.scan_iter(keys.all_of(kind), count=1_000):
            found[key.decode().removeprefix(prefix)] = read[client.type(key)](key)
    for key in (keys.names, *(keys.due(n) for n in range(ARTICLE_ENRICHED.partitions))):
        found[key.removeprefix(prefix)] = read[client.type(key)](key) if client.exists(key) else ()
    return found


def assert_same(one: dict[str, object], other: dict[str, object]) -> None:
    differing = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    shown = [f"{key}:\n  {one.get(key)}\n  {other.get(key)}" for key in differing[:3]]
    assert not differing, "\n".join([str(len(differing)), *shown])


@pytest.fixture
def events(request) -> int:
    """How long the history is that the store holds."""
    return getattr(request, "param", FEW_EVENTS)


@pytest.fixture
def keys_file(tmp_path) -> Path:
    """Public keys, beside `first.pem`, which signs."""
    make_key(tmp_path / "first.pem", tmp_path / "keys.json", now=NOON, overlap=MINUTE)
    return tmp_path / "keys.json"


@pytest.fixture
def stack(events, start_service, own_valkey, kafka_bootstrap, topics, eventually, keys_file):
    """publish and feeds with a store that a long history has gone through, all of it signed."""
    url = {
        "NEWSMAN_REDIS_URL": own_valkey.url,
        "NEWSMAN_SIGNING_KEY_FILE": str(keys_file.with_name("first.pem")),
        "NEWSMAN_SIGNING_KEYS_FILE": str(keys_file),
    }
    services = {name: start_service(name, **url) for name in ("publish", "feeds")}
    client = redis.Redis.from_url(own_valkey.url)
    # feeds is ready once the store is whole, which it is not while publish starts.
    services["feeds"].wait_ready()
    send(kafka_bootstrap, topics, history(events))
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=SECONDS)
    send(kafka_bootstrap, topics, briefs())
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=SECONDS)
    eventually(lambda: not anything_due(client, topics), timeout=SECONDS)
    yield services, client
    client.close()


def anything_due(client: redis.Redis, namespace: str) -> bool:
    keys = ArticleKeys(namespace, generation(client, namespace))
    partitions = range(ARTICLE_ENRICHED.partitions)
    end = (FAR - MINUTE).timestamp()
    return any(client.zcount(keys.due(partition), 0, end) for partition in partitions)


def command(service, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsman.cli", "rebuild", *words],
        env={**os.environ, **service.env}, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip


def feeds_of(url: str) -> dict[str, bytes]:
    paths = ["/latest.rss", "/latest.atom", "/latest.json", "/sections/section-1.rss"]
    paths += ["/entities/ghent.json", "/v1/articles?limit=100"]
    return {path: httpx.get(url + path).raise_for_status().content for path in paths}


@pytest.mark.parametrize("events", [EVENTS], indirect=True)
def test_the_rebuilt_store_is_byte_equal_and_feeds_serve_all_the_while(
    stack, topics, kafka_bootstrap, eventually
):
    services, client = stack
    before, feeds = dump(client, topics), feeds_of(services["feeds"].url)
    assert not [key for key in before if key.endswith(":pending")]
    assert sum(key.startswith("article:") for key in before) > EVENTS / 4
    victim = next(client.scan_iter(ArticleKeys(topics).all_of("article")))
    client.delete(victim)
    client.delete(ArticleKeys(topics).index("latest"))

    answers: list[int] = []
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            answer = httpx.get(f"{services['feeds'].url}/sections/section-1.rss")
            answers.append(answer.status_code if b"<item>" in answer.content else 0)

    asking = threading.Thread(target=ask)
    asking.start()
    done = command(services["publish"], "store")
    stop.set()
    asking.join()
    assert done.returncode == 0, done.stderr
    assert "s left" in done.stdout
    assert f"rebuilt from {EVENTS + 20} events" in done.stdout
    assert set(answers) == {200}
    assert generation(client, topics) == "1"
    assert_same(dump(client, topics), before)
    assert feeds_of(services["feeds"].url) == feeds
    # Of the old generation nothing is left, and the gate goes on in the new one.
    assert not list(client.scan_iter(f"{topics}:article:*"))
    assert all(service.process.poll() is None for service in services.values())
    send(kafka_bootstrap, topics, [pushed("urn:after", headline="After the rebuild")])
    found = f"{services['feeds'].url}/v1/articles/{article_id('desk', 'urn:after')}"
    eventually(lambda: httpx.get(found).status_code == 200)


def test_ids_of_the_earlier_rule_are_kept(stack, topics, kafka_bootstrap, eventually):
    services, client = stack
    uris = [f"http://news.example/{n}/" for n in range(20)]
    before = [by_the_earlier_rule(pushed(uri)) for uri in uris]
    send(kafka_bootstrap, topics, before)
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=SECONDS)
    killing = [by_todays_rule(killed(uri, 2, minute=9)) for uri in uris[:10]]
    later = [by_todays_rule(pushed(uri, 2, minute=9, headline="Corrected")) for uri in uris[10:]]
    send(kafka_bootstrap, topics, killing + later)
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=SECONDS)

    def answers() -> list[tuple[int, str]]:
        names = [event.article.id for event in (*before, *killing, *later)]
        asked = [httpx.get(f"{services['feeds'].url}/v1/articles/{name}") for name in names]
        return [(a.status_code, a.headers.get("location", "")) for a in asked]

    told = answers()
    assert [status for status, _ in told] == [410] * 10 + [200] * 10 + [301] * 20
    assert command(services["publish"], "store").returncode == 0
    assert answers() == told
    client.flushdb()  # and from the log alone
    services["publish"].process.wait(SECONDS)
    services["publish"].start()
    services["feeds"].wait_ready()
    eventually(lambda: answers() == told, timeout=SECONDS)


def by_the_earlier_rule(event: ArticleEnriched) -> ArticleEnriched:
    ident = digest("desk", event.article.uri, characters=16)
    return event.model_copy(update={"article": event.article.model_copy(update={"id": ident})})


def by_todays_rule(event: ArticleEnriched) -> ArticleEnriched:
    return event.model_copy(update={"former_ids": former_ids("desk", event.article.uri)})


def test_what_comes_during_a_rebuild_is_neither_lost_nor_told_twice(
    stack, topics, kafka_bootstrap, eventually
):
    services, client = stack
    late = history(FEW_EVENTS, seed=6)
    sending = threading.Thread(target=send, args=(kafka_bootstrap, topics, late))
    sending.start()
    done = command(services["publish"], "store")
    sending.join()
    assert done.returncode == 0, done.stderr
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=SECONDS)
    eventually(
        lambda: not [key for key in dump(client, topics) if key.endswith(":pending")],
        what="everything was sent",
    )
    after = dump(client, topics)
    done = command(services["publish"], "store")
    assert done.returncode == 0, done.stderr
    assert generation(client, topics) == "2"
    assert_same(dump(client, topics), after)


def test_a_flushed_redis_is_noticed_and_rebuilt_and_no_empty_feed_is_served(
    stack, topics, eventually, keys_file
):
    services, client = stack
    before = dump(client, topics)
    assert any(key.endswith(":statements") for key in before)
    # With another key every statement would be another one, so they come from the log.
    now = datetime.now(UTC)
    make_key(keys_file.with_name("next.pem"), keys_file, now=now, overlap=MINUTE)
    services["publish"].env["NEWSMAN_SIGNING_KEY_FILE"] = str(keys_file.with_name("next.pem"))
    client.flushall()
    answer = httpx.get(f"{services['feeds'].url}/latest.rss")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    eventually(lambda: services["publish"].process.poll() is not None, timeout=30)
    services["publish"].start()

    def is_back() -> bool:
        answer = httpx.get(f"{services['feeds'].url}/latest.rss")
        assert answer.status_code in (200, 503)
        assert answer.status_code == 503 or b"<item>" in answer.content
        return answer.status_code == 200

    eventually(is_back, timeout=SECONDS)
    assert_same(dump(client, topics), before)


def test_one_rebuild_runs_at_a_time_and_one_that_died_while_it_took_over_is_given_up(
    stack, topics, kafka_bootstrap, eventually
):
    services, client = stack
    keys = ArticleKeys(topics)
    client.set(keys.lock, "somebody else", ex=60)
    done = command(services["publish"], "store")
    assert (done.returncode, done.stdout) == (1, "")
    assert "another rebuild" in done.stderr

    client.set(keys.marker, str(Marker("", "1")))
    send(kafka_bootstrap, topics, [pushed("urn:after", headline="After all")])
    client.delete(keys.lock)
    found = f"{services['feeds'].url}/v1/articles/{article_id('desk', 'urn:after')}"
    eventually(lambda: httpx.get(found).status_code == 200)
    assert client.get(keys.marker).decode() == str(Marker(""))
