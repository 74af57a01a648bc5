"""The scripts of the queues, called by their digests, many in one round trip."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import NoScriptError

Call = tuple[Sequence[str], Sequence[Any]]
"""The keys and arguments of one call."""


class Script:
    """A script that lies beside this file, behind the functions of others that it calls."""

    def __init__(self, name: str, *functions: str) -> None:
        room = files("newsman.deliver.queue")
        self._text = "".join((room / f"{part}.lua").read_text() for part in (*functions, name))
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def call(self, client: "redis.Redis", calls: Sequence[Call]) -> list[Any]:
        """The answers to all calls."""
        while True:
            with client.pipeline(transaction=False) as pipe:
                self._add(pipe, calls)
                try:
                    return list(pipe.execute())
                except NoScriptError:
                    client.script_load(self._text)

    async def call_async(self, client: "redis.asyncio.Redis", calls: Sequence[Call]) -> list[Any]:
        """The answers to all calls."""
        while True:
            async with client.pipeline(transaction=False) as pipe:
                self._add(pipe, calls)
                try:
                    return list(await pipe.execute())
                except NoScriptError:
                    await client.script_load(self._text)

    def _add(self, pipe: Any, calls: Sequence[Call]) -> None:
        for keys, arguments in calls:
            pipe.evalsha(self._sha, len(keys), *keys, *arguments)
