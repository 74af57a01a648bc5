"""The scripts of the queues, called by their digests, many in one round trip."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import NoScriptError

from newsman.redis.command_batcher import script
from newsman.redis.servers.waves import Command

Call = tuple[Sequence[str], Sequence[Any]]
"""The keys and arguments of one call."""


class Script:
    """A script that lies beside this file, behind the functions of others that it calls."""

    def __init__(self, name: str, *functions: str) -> None:
        room = files("newsman.deliver.queue")
        parts = (*functions, name)
        self.batched = script("".join((room / f"{part}.lua").read_text() for part in parts))

    def command(self, call: Call) -> Command:
        """The command that makes a call."""
        keys, arguments = call
        return ("EVALSHA", self.batched.digest, len(keys), *keys, *arguments)

    def call(self, client: "redis.Redis", calls: Sequence[Call]) -> list[Any]:
        """The answers to all calls."""
        answers: list[Any] = [_UNKNOWN] * len(calls)
        while without := _unknown(answers):
            with client.pipeline(transaction=False) as pipe:
                self._add(pipe, [calls[number] for number in without])
                _fill(answers, without, pipe.execute(raise_on_error=False))
            if _unknown(answers):
                client.script_load(self.batched.text)
        return _answered(answers)

    def _add(self, pipe: Any, calls: Sequence[Call]) -> None:
        for call in calls:
            # A cluster's pipelines refuse `evalsha`, since each of its nodes knows scripts or not.
            pipe.execute_command(*self.command(call))


_UNKNOWN = NoScriptError("the script was not called yet")


def _unknown(answers: Sequence[Any]) -> list[int]:
    """The calls that a server did not know the script of."""
    return [number for number, each in enumerate(answers) if isinstance(each, NoScriptError)]


def _fill(answers: list[Any], numbers: Sequence[int], replies: Sequence[Any]) -> None:
    for number, reply in zip(numbers, replies, strict=True):
        answers[number] = reply


def _answered(answers: list[Any]) -> list[Any]:
    """The answers; raises the first error among them."""
    for each in answers:
        if isinstance(each, Exception):
            raise each
    return answers
