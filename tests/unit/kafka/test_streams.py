"""Events enter a stream's work without gaps, each once, and only from a place that is held."""

import asyncio
from types import SimpleNamespace

import pytest

from newsman.kafka.grouped import in_groups
from newsman.kafka.progress.reckoning import ConsumerProgress, EventGap
from newsman.kafka.streams import in_order, unacknowledged

PART = ("log", 0)


class Ended(Exception):
    """The process would have ended."""


@pytest.fixture
def ends(monkeypatch):
    """A process that would end raises instead."""

    def crash():
        raise Ended

    monkeypatch.setattr("newsman.runtime.crash.crash", crash)


class Stream:
    """A stream of some offsets of one partition, and nothing after them."""

    def __init__(self, *offsets, log_begins=0, before=lambda offset: None):
        self._offsets = offsets
        self._log_begins = log_begins
        self._before = before
        self.acknowledged = []
        self.app = SimpleNamespace(consumer=self)

    async def earliest_offsets(self, part):
        return {part: self._log_begins}

    async def events(self):
        for offset in self._offsets:
            self._before(offset)
            yield SimpleNamespace(message=SimpleNamespace(tp=PART, offset=offset))
            await asyncio.sleep(0)

    async def ack(self, event):
        self.acknowledged.append(event.message.offset)


def begun(at=0):
    progress = ConsumerProgress(limit_seconds=60)
    progress.assign(PART, at)
    return progress


def entered(stream, progress):
    async def read():
        return [one.event.message.offset async for one in unacknowledged(stream, progress)]

    return asyncio.run(read())


def test_events_enter_each_once():
    assert entered(Stream(7, 8, 5, 7, 9, 8, 10), begun(at=7)) == [7, 8, 9, 10]


def test_an_event_behind_a_gap_does_not_enter():
    with pytest.raises(EventGap):
        entered(Stream(7, 8, 10), begun(at=7))


def test_where_the_log_begins_later_than_was_committed_events_enter_from_there(caplog):
    progress = begun(at=7)
    assert entered(Stream(40, 41, log_begins=40), progress) == [40, 41]
    assert "what lay between 7 and there was never read" in caplog.text


def test_a_gap_behind_the_beginning_of_the_log_is_one():
    with pytest.raises(EventGap):
        entered(Stream(42, log_begins=40), begun(at=7))


def test_what_was_read_without_a_place_is_left_out():
    progress = begun(at=7)

    def change(offset):
        if offset == 9:
            progress.forget_all()
        if offset == 11:
            progress.assign(PART, 11)

    assert entered(Stream(7, 8, 9, 10, 11, 12, before=change), progress) == [7, 8, 11, 12]


async def work_in_order(stream, start, finish, progress):
    async def start_one(event):
        return (await start([event]))[0]

    async def finish_one(event, result):
        return await finish([event], [result])

    await in_order(stream, start_one, finish_one, limit=9, progress=progress)


async def work_in_groups(stream, start, finish, progress):
    await in_groups(stream, start, finish, progress=progress)


@pytest.fixture(params=[work_in_order, work_in_groups], ids=["in_order", "in_groups"])
def work(request):
    return request.param


@pytest.mark.usefixtures("ends")
def test_a_gap_ends_the_process_before_anything_behind_it_is_started(work):
    progress, started = begun(), []

    async def start(events):
        started.extend(event.message.offset for event in events)
        return events

    async def finish(_events, _results):
        return sent()

    async def run():
        async with asyncio.timeout(10):
            await work(Stream(0, 1, 2, 4, 5), start, finish, progress)

    with pytest.raises(Ended):
        asyncio.run(run())
    assert set(started) <= {0, 1, 2}
    assert progress.finished(PART) <= 3


def test_what_was_begun_under_a_lost_place_ends_and_does_not_count(work):
    """Its events may be on their way already; who has the partition now reads them again."""
    progress, done, stream = begun(), [], Endless(0)
    place = progress.place(PART)

    async def start(events):
        progress.assign(PART, 0)
        return events

    async def finish(events, _results):
        done.extend(event.message.offset for event in events)
        return sent()

    async def run():
        running = asyncio.ensure_future(work(stream, start, finish, progress))
        async with asyncio.timeout(10):
            while not stream.acknowledged:
                await asyncio.sleep(0)
        running.cancel()

    asyncio.run(run())
    assert done == [0]
    assert (place.is_held, progress.finished(PART)) == (False, 0)


class Endless(Stream):
    """A stream that waits for more."""

    async def events(self):
        async for event in super().events():
            yield event
        await asyncio.Event().wait()


def sent():
    acknowledgement = asyncio.get_running_loop().create_future()
    acknowledgement.set_result(None)
    return acknowledgement
