"""Effects are repeated while Redis is away, and only then."""

import asyncio

import pytest
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ResponseError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from newsman.redis import patience
from newsman.redis.patience import retry_async_while_redis_is_down, retry_while_redis_is_down


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0)


class Effect:
    """Fails as it is told before it answers 7."""

    def __init__(self, *problems):
        self.problems = list(problems)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.problems:
            raise self.problems.pop(0)
        return 7

    async def later(self):
        return self()


DISK_FULL = "MISCONF Errors writing to the AOF file: No space left on device"
AWAY = [
    RedisAway("gone"),
    RedisSlow("slow"),
    BusyLoadingError("loading"),
    ResponseError(DISK_FULL),
    ResponseError(f"Command # 1 (SET a b) of pipeline caused error: {DISK_FULL}"),
    ResponseError(f"Command # 1 (SET a b) of pipeline caused error: {(DISK_FULL,)}"),
    ResponseError("NOREPLICAS Not enough good replicas to write."),
    OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
]


def test_an_effect_is_repeated_until_redis_has_answered_and_each_wait_is_told(caplog):
    effect, waits = Effect(*AWAY), []
    assert retry_while_redis_is_down(effect, lambda: waits.append(effect.calls)) == 7
    assert waits == [1, 2, 3, 4, 5, 6, 7, 8]
    assert caplog.text.count("Redis is away, trying again: gone") == 1


def test_an_effect_of_the_event_loop_is_repeated_too():
    effect = Effect(*AWAY)
    assert asyncio.run(retry_async_while_redis_is_down(effect.later)) == 7
    assert effect.calls == 9


def test_an_answer_that_is_an_error_is_raised_at_once():
    for problem in (ResponseError("wrong type"), ValueError("a bug")):
        effect = Effect(problem)
        with pytest.raises(type(problem)):
            retry_while_redis_is_down(effect)
        with pytest.raises(type(problem)):
            asyncio.run(retry_async_while_redis_is_down(Effect(problem).later))
        assert effect.calls == 1
