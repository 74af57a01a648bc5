"""No address and no user agent is stored anywhere: not in Redis, not in Kafka, not in logs."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import redis
from tests.log import records_on

from newsman.ingest.views.readers import GRACE_SECONDS, ReaderHasher
from newsman.kafka.topics import ensure_topics
from newsman.redis.client import build_async_client
from newsman.redis.keys import ReaderKeys
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import article_id
from newsman_schemas.topics import TOPICS

from .conftest import stored_numbers

ADDRESS, SECOND_ADDRESS = "203.0.113.77", "198.51.100.23"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/143.1"
CRAWLER = "Mozilla/5.0 (compatible; Traceablebot/2.7; +https://bot.example)"
READER = "subscriber-4711@example.org"
SECRETS = [text.encode() for text in (ADDRESS, SECOND_ADDRESS, AGENT, CRAWLER, READER)]
ARTICLE = article_id("demo", "urn:privacy")


def everything_in_redis(client) -> list[bytes]:
    """Every key and value, as the server itself serialises them."""
    keys = list(client.scan_iter())
    return [*keys, *(client.dump(key) or b"" for key in keys), *_texts(client, keys)]


def _texts(client, keys) -> list[bytes]:
    # A dump may be compressed.
    read = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
    read[b"zset"] = lambda key: client.zrange(key, 0, -1)
    read[b"list"] = lambda key: client.lrange(key, 0, -1)
    return [repr(read[client.type(key)](key)).encode() for key in keys]


def everything_in_kafka(bootstrap: str, namespace: str) -> list[bytes]:
    found: list[bytes] = []
    for record in records_on(bootstrap, *(topic.full_name(namespace) for topic in TOPICS)):
        found += [record.key or b"", record.value or b"", repr(record.headers).encode()]
    return found


def test_nothing_that_is_kept_tells_who_read(
    own_broker, own_valkey, namespace, launch_on, tmp_path, eventually
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    launch = launch_on(own_broker.bootstrap, own_valkey.url, namespace)
    ingest = launch("ingest", NEWSMAN_LOG_LEVEL="DEBUG", FORWARDED_ALLOW_IPS="*").wait_ready()
    launch("popularity", NEWSMAN_LOG_LEVEL="DEBUG").wait_ready()
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS}
    key = {"Authorization": "Bearer demo-key"}
    with httpx.Client(base_url=ingest.url) as http:
        view = {"article": ARTICLE}
        assert http.post("/v1/views", json=view, headers=headers).status_code == 202
        assert http.post("/v1/views?hasty", json=view, headers=headers).status_code == 202
        crawled = {**headers, "User-Agent": CRAWLER}
        assert http.post("/v1/views", json=view, headers=crawled).status_code == 202
        named = {**view, "reader": READER, "agent": AGENT}
        assert http.post("/v1/views", json=named, headers=headers | key).status_code == 202
        bad = http.post("/v1/views", json={**named, "article": "?"}, headers=headers)
        assert bad.status_code == 400
        hit = {"path": ARTICLE, "ip": SECOND_ADDRESS, "user_agent": AGENT}
        counted = http.post("/api/v0/count", json={"hits": [hit]}, headers=headers | key)
        assert counted.status_code == 202
    client = redis.Redis.from_url(own_valkey.url)
    eventually(
        lambda: stored_numbers(client, namespace)["24h"] == {ARTICLE: (3, 3)},
        what="three readers are counted",
    )
    kept = everything_in_redis(client) + everything_in_kafka(own_broker.bootstrap, namespace)
    assert any(ARTICLE.encode() in text for text in kept)
    kept += [file.read_bytes() for file in own_valkey.folder.rglob("*") if file.is_file()]
    kept += [file.read_bytes() for file in tmp_path.glob("*.log")]
    for secret in SECRETS:
        assert not [text[:200] for text in kept if secret in text], secret
    client.close()


def in_the_files(valkey: Valkey, secret: bytes) -> bool:
    """Whether any part of the append-only file has it: what was rewritten, and what came since."""
    folder = valkey.folder / "appendonlydir"
    return any(secret in content(file) for file in folder.iterdir())


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # a rewriting has just ended
        return b""


@pytest.fixture
def hasher(own_valkey, namespace, eventually):
    """Derives readers at moments, each time in a process of its own that then waits for Redis."""
    client = redis.Redis.from_url(own_valkey.url)

    def is_idle() -> bool:
        told = client.info("persistence")
        return not (told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"])

    def derive(*moments: datetime) -> list[str]:
        async def ids() -> list[str]:
            connection = build_async_client(own_valkey.url)
            hasher = ReaderHasher(connection, namespace, None)
            found = [(await hasher.deriving(moment))(ADDRESS, AGENT) for moment in moments]
            await connection.aclose()
            return found

        found = asyncio.run(ids())
        eventually(is_idle, what="the append-only file is not being rewritten")
        return found

    yield derive
    client.close()


LAST_SECONDS = datetime(2026, 3, 2, 23, 59, 50, tzinfo=UTC)
HALF_AN_HOUR_LATER = LAST_SECONDS + timedelta(minutes=30)


@pytest.fixture
def salt_of(own_valkey, namespace):
    """The salt of a day as it is stored, or None."""
    with redis.Redis.from_url(own_valkey.url) as client:
        yield lambda day: client.get(ReaderKeys(namespace).salt(day))


def test_a_days_salt_is_destroyed_soon_after_the_day_even_in_the_append_only_file(
    own_valkey, namespace, eventually, hasher, salt_of
):
    client = redis.Redis.from_url(own_valkey.url)
    before = hasher(LAST_SECONDS)
    key, salt = ReaderKeys(namespace).salt("2026-03-02"), salt_of("2026-03-02")
    assert 0 < client.ttl(key) <= 10 + GRACE_SECONDS
    eventually(lambda: in_the_files(own_valkey, salt))
    client.pexpire(key, 1)
    eventually(lambda: client.get(key) is None)
    after = hasher(HALF_AN_HOUR_LATER, HALF_AN_HOUR_LATER)
    assert after[0] == after[1]
    assert after[0] != before[0]
    eventually(lambda: not in_the_files(own_valkey, salt), what="the old salt is gone")
    eventually(lambda: in_the_files(own_valkey, salt_of("2026-03-03")))
    client.close()


def test_a_salt_that_has_not_expired_yet_when_the_file_is_rewritten_is_destroyed_with_it(
    own_valkey, eventually, hasher, salt_of
):
    hasher(LAST_SECONDS)
    salt = salt_of("2026-03-02")
    eventually(lambda: in_the_files(own_valkey, salt))
    hasher(HALF_AN_HOUR_LATER)
    assert salt_of("2026-03-02") is None
    eventually(lambda: not in_the_files(own_valkey, salt), what="the old salt is gone")
