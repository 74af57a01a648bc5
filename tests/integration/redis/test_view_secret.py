"""The secret of view tokens: one for all processes, whoever asks first."""

import asyncio

import pytest
from redis.exceptions import RedisError

from newsman.redis.client import build_async_client
from newsman.redis.keys import ReaderKeys
from newsman.redis.view_secret import FRESH_SECONDS, SECRET_BYTES, SECRETS_KEPT, ViewSecret

NOWHERE = "redis://127.0.0.1:1/0"


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_all_processes_have_the_same_secret_whoever_comes_first(ask, namespace):
    async def run(client):
        together = [ViewSecret(client, namespace, None).tokens() for _ in range(5)]
        return [tokens.secrets for tokens in await asyncio.gather(*together)]

    told = ask(run)
    assert len(set(told)) == 1
    assert [len(secret) for secret in told[0]] == [SECRET_BYTES]


def test_a_secret_that_redis_has_is_used_and_never_written_over(
    ask, redis_client, namespace, clock
):
    key = ReaderKeys(namespace).page_secret
    redis_client.set(key, b"\x00\xffno text")
    tokens = ask(lambda client: ViewSecret(client, namespace, None, clock=clock).tokens())
    assert tokens.secrets == (b"\x00\xffno text",)
    assert redis_client.get(key) == b"\x00\xffno text"


def test_a_secret_of_the_settings_needs_no_redis_and_never_changes(clock):
    async def run():
        async with build_async_client(NOWHERE) as client:
            secret = ViewSecret(client, "ns", "clé", clock=clock)
            before = await secret.tokens()
            clock.seconds += 10 * FRESH_SECONDS
            return before, await secret.tokens()

    before, after = asyncio.run(run())
    assert before.secrets == after.secrets == ("clé".encode(),)


def test_it_is_asked_for_again_only_when_it_is_no_longer_fresh(ask, redis_client, namespace, clock):
    key = ReaderKeys(namespace).page_secret

    async def run(client):
        redis_client.set(key, b"one")
        secret = ViewSecret(client, namespace, None, clock=clock)
        told = [(await secret.tokens()).secrets]
        redis_client.set(key, b"two")
        clock.seconds += FRESH_SECONDS - 0.001
        told.append((await secret.tokens()).secrets)
        clock.seconds += 0.001
        told.append((await secret.tokens()).secrets)
        return told

    assert ask(run) == [(b"one",), (b"one",), (b"two", b"one")]


def test_tokens_of_the_secret_before_hold_and_those_of_older_ones_do_not(
    ask, redis_client, namespace, clock
):
    key = ReaderKeys(namespace).page_secret

    async def run(client):
        secret = ViewSecret(client, namespace, None, clock=clock)
        for number in range(SECRETS_KEPT + 3):
            redis_client.set(key, f"secret {number}")
            await secret.tokens()
            clock.seconds += FRESH_SECONDS
        return await secret.tokens()

    newest = SECRETS_KEPT + 2
    assert ask(run).secrets == (f"secret {newest}".encode(), f"secret {newest - 1}".encode())


def test_a_secret_that_stays_is_kept_once(ask, redis_client, namespace, clock):
    async def run(client):
        secret = ViewSecret(client, namespace, None, clock=clock)
        before = await secret.tokens()
        clock.seconds += FRESH_SECONDS
        return before.secrets, (await secret.tokens()).secrets

    before, after = ask(run)
    assert after == before


def test_after_a_flush_a_new_secret_comes_and_tokens_under_the_old_one_still_hold(
    ask, redis_client, namespace, clock
):
    async def run(client):
        secret = ViewSecret(client, namespace, None, clock=clock)
        (before,) = (await secret.tokens()).secrets
        redis_client.delete(ReaderKeys(namespace).page_secret)
        clock.seconds += FRESH_SECONDS
        return before, (await secret.tokens()).secrets

    before, (newest, kept) = ask(run)
    assert kept == before
    assert newest != before
    assert newest == redis_client.get(ReaderKeys(namespace).page_secret)


def test_a_redis_that_is_away_is_an_error_until_a_secret_was_read():
    async def run():
        async with build_async_client(NOWHERE) as client:
            await ViewSecret(client, "ns", None).tokens()

    with pytest.raises(RedisError):
        asyncio.run(run())


class AwayAfterTheFirst:
    """A client whose Redis goes away once it has answered."""

    def __init__(self) -> None:
        self.stored: bytes | None = None
        self.asked = 0

    async def set(self, _key, value, *, nx):
        self.asked += 1
        if self.asked > 1:
            raise RedisError("gone")
        self.stored = self.stored or value

    async def get(self, _key):
        return self.stored


def test_a_redis_that_goes_away_later_leaves_the_secret_that_was_read(clock, caplog):
    client = AwayAfterTheFirst()

    async def run():
        secret = ViewSecret(client, "ns", None, clock=clock)
        before = await secret.tokens()
        clock.seconds += FRESH_SECONDS
        after = await secret.tokens()
        # It is not asked at every view while it is away.
        await secret.tokens()
        return before, after

    before, after = asyncio.run(run())
    assert before.secrets == after.secrets
    assert client.asked == 2
    assert "was not read again: gone" in caplog.text
