"""Reading the generation of the article store that serves, across a switch to another."""

from collections.abc import Callable
from typing import Any

import redis.asyncio

from newsman.redis.command_batcher import CommandBatcher
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker

Commands = list[tuple[Any, ...]]


class ServedStore:
    """Asks what readers are served from; whoever keeps keys of their own misses the switch."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        batcher: CommandBatcher | None = None,
    ) -> None:
        """With a batcher it asks in one round trip with whoever else asks that."""
        self._redis = client
        self._batcher = batcher
        self._namespace = namespace
        self._generation = ""
        self._keys = ArticleKeys(namespace)

    async def ask(self, commands: Callable[[ArticleKeys], Commands]) -> list[Any]:
        """The answers to commands on the keys that serve, in one round trip but after a switch."""
        while True:
            marked = [("GET", self._keys.marker), *commands(self._keys)]
            raw, *answers = await self._answers(marked)
            marker = read_marker(raw)
            if marker is None or marker.serving == self._generation:
                return answers
            self._generation = marker.serving
            self._keys = ArticleKeys(self._namespace, marker.serving)

    async def _answers(self, commands: Commands) -> list[Any]:
        if self._batcher is not None:
            return await self._batcher.run(*commands)
        async with self._redis.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            answers: list[Any] = await pipe.execute()
        return answers
