"""Commands of many coroutines in one round trip."""

import asyncio
import hashlib
import math
from typing import Any

import redis.asyncio
from hiredis import pack_command
from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisSlow

from newsman.redis.client import ANSWER_TIMEOUT_SECONDS
from newsman.redis.servers.waves import BatchedScript, Command, in_waves
from newsman.runtime.background import BackgroundTasks

Waiting = tuple[tuple[Command, ...], "asyncio.Future[list[Any]]"]
"""Commands that follow one another, and where their answers go."""


def script(text: str) -> BatchedScript:
    """The script under its digest (EVALSHA)."""
    return BatchedScript(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def call(script: BatchedScript, keys: list[str], *arguments: Any) -> Command:
    """The command that runs a script."""
    return ("EVALSHA", script.digest, len(keys), *keys, *arguments)


class CommandBatcher:
    """Sends what was asked for while the last round trip was under way, in the order of asking."""

    def __init__(
        self, client: "redis.asyncio.Redis", scripts: tuple[BatchedScript, ...] = ()
    ) -> None:
        self._redis = client
        self._scripts = scripts
        self._waiting: list[Waiting] = []
        self._background = BackgroundTasks()
        self._is_sending = False

    async def run(self, *commands: Command) -> list[Any]:
        """The answers to the commands, which follow one another directly.

        On a cluster they do so where their keys lie together or THEN stands between them.
        Raises what Redis answered with, or that it is away; then any of them may have happened.
        """
        answers: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, answers))
        if not self._is_sending:
            self._is_sending = True
            self._background.start(self._send(), name="redis-commands")
        replies = await answers
        if not any(isinstance(answer, ResponseError) for answer in replies):
            return replies
        if any(isinstance(answer, NoScriptError) for answer in replies):
            # Redis has restarted. Commands that did run may run a second time.
            loading: list[Command] = [("SCRIPT", "LOAD", script.text) for script in self._scripts]
            return (await self.run(*loading, *commands))[len(loading) :]
        raise next(answer for answer in replies if isinstance(answer, ResponseError))

    async def _send(self) -> None:
        try:
            # Tasks that are ready in this turn of the loop still join the batch.
            await asyncio.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._answer(batch)
        finally:
            self._is_sending = False

    async def _answer(self, batch: list[Waiting]) -> None:
        try:
            if isinstance(self._redis, RedisCluster):
                replies = await in_waves(self._redis, [asked for asked, _ in batch], self._scripts)
            else:
                replies = await self._in_one(batch)
        except (RedisError, OSError) as problem:
            _refuse(batch, problem)
            return
        for (_, answers), own in zip(batch, replies, strict=True):
            if not answers.done():
                answers.set_result(own)

    async def _in_one(self, batch: list[Waiting]) -> list[list[Any]]:
        asked = [[command for command in commands if command] for commands, _ in batch]
        replies = iter(await self._round_trip([one for commands in asked for one in commands]))
        return [[next(replies) for _ in commands] for commands in asked]

    async def _round_trip(self, commands: list[Command]) -> list[Any]:
        # A pipeline of redis-py takes five times as long: it wraps every answer in a time-out.
        packed = b"".join([pack_command(command) for command in commands])
        pool: Any = self._redis.connection_pool
        connection = await pool.get_connection()
        try:
            await connection.send_packed_command(packed)
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                return [await _read_reply(connection) for _ in commands]
        except TimeoutError as problem:
            raise RedisSlow("Redis did not answer in time") from problem
        finally:
            await pool.release(connection)


async def _read_reply(connection: Any) -> Any:
    # After an error without an answer (closed, cancelled, timed out) the connection closes itself.
    try:
        return await connection.read_response(disable_decoding=True, timeout=math.inf)
    except ResponseError as problem:
        return problem


def _refuse(batch: list[Waiting], problem: Exception) -> None:
    for _, answers in batch:
        if not answers.done():
            answers.set_exception(problem)
