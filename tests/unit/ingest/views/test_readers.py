"""The old salt goes out of the append-only file, however the server takes being asked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ResponseError

from newsman.ingest.views.readers import ReaderHasher

MORNING = datetime(2026, 3, 3, 0, 15, tzinfo=UTC)
BUSY = "Background append only file rewriting already in progress"


class FakeRedis:
    """Keeps keys; says no to as many rewritings as there are refusals."""

    def __init__(self, *refusals: str) -> None:
        self.keys: dict[str, bytes] = {"t:reader:salt:2026-03-02": b"yesterday's"}
        self.asked = 0
        self._refusals = list(refusals)

    async def set(self, key: str, value: bytes, *, nx: bool, ex: int | None) -> bool:
        is_new = key not in self.keys
        self.keys.setdefault(key, value)
        return is_new

    async def get(self, key: str) -> bytes | None:
        return self.keys.get(key)

    async def delete(self, key: str) -> None:
        self.keys.pop(key, None)

    async def bgrewriteaof(self) -> None:
        assert "t:reader:salt:2026-03-02" not in self.keys
        self.asked += 1
        if self._refusals:
            raise ResponseError(self._refusals.pop(0))


def asked_at(client: FakeRedis, *minutes: float) -> int:
    """How often the server was asked when readers came so many minutes after the salt's end."""
    hasher = ReaderHasher(client, "t", None)

    async def derive() -> None:
        for later in minutes:
            (await hasher.deriving(MORNING + timedelta(minutes=later)))("203.0.113.7", "Firefox")

    asyncio.run(derive())
    return client.asked


def test_the_salt_is_deleted_and_the_file_rewritten_once_in_the_quarter_after_midnight():
    assert asked_at(FakeRedis(), -1, -0.1) == 0
    assert asked_at(FakeRedis(), 0, 0.1, 5, 600) == 1


def test_while_the_file_as_it_was_is_being_rewritten_it_asks_again_every_minute():
    client = FakeRedis(BUSY, BUSY)
    assert asked_at(client, 0, 0.5, 1, 1.5, 2, 2.5, 3, 600) == 3


@pytest.mark.parametrize("refusal", ["unknown command", "NOPERM this user has no permissions"])
def test_a_server_that_never_does_it_is_asked_once_a_day(refusal, caplog):
    assert asked_at(FakeRedis(refusal, refusal), 0, 1, 2, 600) == 1
    assert "was not rewritten" in caplog.text


def test_another_process_that_asks_today_is_enough():
    client = FakeRedis()
    assert asked_at(client, 0) == asked_at(client, 1, 2) == 1
