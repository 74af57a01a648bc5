"""The faults: what is done to the stack while it is under load."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import redis
from fault_stack import PUBLIC, SERVICES, FaultStack, frozen

AWAY_SECONDS = 3.0
GROUPS = tuple(name for name in SERVICES if name not in PUBLIC)
PAIRS = (("enrich", "publish"), ("popularity", "deliver"), ("enrich", "feeds"))


@dataclass(frozen=True)
class Fault:
    """A name, and what is done; the stack is whole again when that returns."""

    name: str
    strike: Callable[[FaultStack], None]


def faults(freeze_seconds: float) -> Iterator[Fault]:
    """All of them; `freeze_seconds` is how long a frozen process stands."""
    yield Fault("nothing", lambda _: time.sleep(AWAY_SECONDS))
    for name in SERVICES:
        yield Fault(f"kill -9 of {name}", lambda stack, name=name: stack[name].kill())
    for name in SERVICES:
        yield Fault(f"{name} frozen", _freezing((name,), freeze_seconds))
    for pair in PAIRS:
        yield Fault(f"{' and '.join(pair)} frozen", _freezing(pair, freeze_seconds))
    for name in GROUPS:
        yield Fault(f"one of two of {name} frozen", _zombie(name, freeze_seconds))
    yield Fault("broker killed", _kill_broker)
    yield Fault("broker frozen", lambda stack: _freeze_broker(stack, freeze_seconds))
    yield Fault("Valkey killed", _kill_valkey)
    yield Fault("FLUSHALL", _flush)
    yield Fault("a second member of each joins and leaves", _join_and_leave)
    yield Fault("SIGTERM of all", lambda stack: stack.restart_all())


def _freezing(names: tuple[str, ...], seconds: float) -> Callable[[FaultStack], None]:
    return lambda stack: frozen([stack[name] for name in names], seconds)


def _zombie(name: str, seconds: float) -> Callable[[FaultStack], None]:
    """One of two members stands for longer than its session, and goes on where it was."""

    def strike(stack: FaultStack) -> None:
        second = stack.join(name)
        frozen([second], seconds)
        time.sleep(AWAY_SECONDS)
        stack.leave(second)

    return strike


def _kill_broker(stack: FaultStack) -> None:
    stack.broker.kill()
    time.sleep(AWAY_SECONDS)
    stack.broker.start()
    stack.broker.wait_ready()


def _freeze_broker(stack: FaultStack, seconds: float) -> None:
    stack.broker.pause()
    time.sleep(seconds)
    stack.broker.resume()


def _kill_valkey(stack: FaultStack) -> None:
    stack.valkey.kill()
    time.sleep(AWAY_SECONDS)
    stack.valkey.start()
    stack.valkey.wait_ready()


def _flush(stack: FaultStack) -> None:
    with redis.Redis.from_url(stack.valkey.url) as client:
        client.flushall()


def _join_and_leave(stack: FaultStack) -> None:
    seconds = [stack.join(name) for name in GROUPS]
    time.sleep(AWAY_SECONDS)
    for second in seconds:
        stack.leave(second)
