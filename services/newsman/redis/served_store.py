"""Reading the generation of the article store that serves, across a switch to another."""

from collections.abc import Callable
from typing import Any

import redis.asyncio

from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker

Commands = list[tuple[Any, ...]]


class ServedStore:
    """Asks what readers are served from; whoever keeps keys of their own misses the switch."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._namespace = namespace
        self._generation = ""
        self._keys = ArticleKeys(namespace)

    async def ask(self, commands: Callable[[ArticleKeys], Commands]) -> list[Any]:
        """The answers to commands on the keys that serve, in one round trip but after a switch."""
        while True:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.get(self._keys.marker)
                for command in commands(self._keys):
                    pipe.execute_command(*command)
                raw, *answers = await pipe.execute()
            marker = read_marker(raw)
            if marker is None or marker.serving == self._generation:
                return answers
            self._generation = marker.serving
            self._keys = ArticleKeys(self._namespace, marker.serving)
