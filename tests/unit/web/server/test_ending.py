"""A server sleeps between its ticks, and ends as soon as it is told to."""

import asyncio
import signal
import threading

import pytest
import uvloop

from newsman.web.addresses import Networks
from newsman.web.limits import OPS_LIMITS
from newsman.web.server import serve
from newsman.web.server.serve import Server, build_server

FOR_EVER, SOON, LIMIT_SECONDS = 3_600.0, 0.01, 10.0


async def application(*_):
    raise AssertionError("nobody asks")


def counted() -> tuple[Server, list[object]]:
    """A server, and the headers that it had at each of its ticks."""
    server = build_server(
        application, host="127.0.0.1", port=0, limits=OPS_LIMITS, trusted=Networks("")
    )
    ticks, tick = [], server.on_tick

    async def noted(counter: int) -> bool:
        is_over = await tick(counter)
        ticks.append(server.server_state.default_headers)
        return is_over

    server.on_tick = noted
    return server, ticks


async def ends(server: Server, tell) -> None:
    """Runs the server's loop, and returns once it has ended by what it was told."""
    looping = asyncio.create_task(server.main_loop())
    await asyncio.sleep(0)
    tell()
    await asyncio.wait_for(looping, LIMIT_SECONDS)


def from_a_thread(server: Server) -> None:
    thread = threading.Thread(target=setattr, args=(server, "should_exit", True))
    thread.start()
    thread.join()


def by_a_signal(server: Server) -> None:
    with server.capture_signals():
        signal.raise_signal(signal.SIGTERM)
        server._captured_signals.clear()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("tell", [from_a_thread, by_a_signal])
def test_what_tells_it_to_end_wakes_it(monkeypatch, run, tell):
    monkeypatch.setattr(serve, "TICK_SECONDS", FOR_EVER)
    server, ticks = counted()
    run(ends(server, lambda: tell(server)))
    assert len(ticks) == 2


def test_it_ends_if_it_was_told_to_before_it_looped(monkeypatch):
    monkeypatch.setattr(serve, "TICK_SECONDS", FOR_EVER)
    server, ticks = counted()
    server.should_exit = True
    asyncio.run(asyncio.wait_for(server.main_loop(), LIMIT_SECONDS))
    server.should_exit = True  # and nobody listens any more
    assert len(ticks) == 1


def test_every_tick_tells_the_time_anew(monkeypatch):
    monkeypatch.setattr(serve, "TICK_SECONDS", SOON)
    server, ticks = counted()

    async def some_ticks() -> None:
        looping = asyncio.create_task(server.main_loop())
        async with asyncio.timeout(LIMIT_SECONDS):
            while len(ticks) < 3:
                await asyncio.sleep(0)
        server.should_exit = True
        await looping

    asyncio.run(some_ticks())
    assert all(dict(headers)[b"date"] for headers in ticks)
    assert len({id(headers) for headers in ticks}) == len(ticks)
