"""Commands of many askers on a cluster, in as few round trips as their order allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import NoScriptError, RedisError, ResponseError

from newsman.redis.servers.cluster import PASSING

Command = tuple[Any, ...]
"""A Redis command, in one word, and its arguments."""
THEN: Command = ()
"""Between commands: those before have happened when those behind it do, on other nodes too."""


@dataclass(frozen=True)
class BatchedScript:
    """A Lua script and what Redis calls it."""

    text: str
    digest: str


async def in_waves(
    client: RedisCluster, asked: Sequence[Sequence[Command]], scripts: Sequence[BatchedScript]
) -> list[list[Any]]:
    """The answers to the commands of each asker; errors that a node answers are among them.

    Raises RedisError where a node did not answer; then any of the commands may have happened.
    """
    answers: list[list[Any]] = [[] for _ in asked]
    for wave in zip_longest(*(_phases(commands) for commands in asked), fillvalue=()):
        together = [command for commands in wave for command in commands]
        replies = iter(await _round_trip(client, together, scripts))
        for own, commands in zip(answers, wave, strict=True):
            own += [next(replies) for _ in commands]
    return answers


def _phases(commands: Sequence[Command]) -> list[list[Command]]:
    phases: list[list[Command]] = [[]]
    for command in commands:
        if command == THEN:
            phases.append([])
        else:
            phases[-1].append(command)
    return phases


async def _round_trip(
    client: RedisCluster, commands: Sequence[Command], scripts: Sequence[BatchedScript]
) -> list[Any]:
    replies = await _ask(client, commands)
    while without := [n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)]:
        # A node that became a master lately knows no scripts; the others have done their part.
        for script in scripts:
            await client.script_load(script.text)
        again = await _ask(client, [commands[number] for number in without])
        for number, reply in zip(without, again, strict=True):
            replies[number] = reply
    return replies


async def _ask(client: RedisCluster, commands: Sequence[Command]) -> list[Any]:
    if not commands:
        return []
    async with client.pipeline() as pipe:
        for command in commands:
            # Answers as Redis gives them: redis-py would make more of those to some commands.
            pipe.execute_command(*command)
        replies: list[Any] = await pipe.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, PASSING):
            raise RedisAway(f"the cluster is not whole: {reply}") from reply
        if isinstance(reply, RedisError) and not isinstance(reply, ResponseError):
            raise reply
    return replies
