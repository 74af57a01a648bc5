"""What a newsroom fails to send is kept for the operator, within limits of number and size."""

import asyncio

import pytest

from newsman.ingest.log.parking import (
    BYTES_PER_MINUTE,
    MAX_BODY_BYTES,
    MAX_KINDS,
    PER_MINUTE,
    WARNED_SECONDS,
    Parking,
)
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.rejected.how_read import HowRead
from newsman.runtime.background import BackgroundTasks


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Log:
    """Keeps what was sent, or is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.sent = []
        self.is_away = is_away

    async def send(self, topic, records):
        if self.is_away:
            raise KafkaUnavailable("it is away")
        self.sent += [(topic, record) for record in records]


@pytest.fixture
def clock():
    return Clock()


def park_all(log, clock, bodies, *, advance: float = 0.0):
    """Parks (source, body) pairs, some time apart, and lets what is under way end."""

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for source, body in bodies:
            parking.park(source, "invalid", "no headline", body)
            clock.now += advance
        await background.finish(limit_seconds=5)

    asyncio.run(run())


def test_the_bytes_stay_as_they_are_and_the_headers_say_whose_and_why(clock):
    log = Log()
    park_all(log, clock, [("desk", b"\xff{not json")])
    ((topic, record),) = log.sent
    headers = dict(record.headers)
    assert (topic, record.key, record.value) == ("t.rejected.v1", b"desk", b"\xff{not json")
    assert headers["newsman-reason"] == b"invalid"
    assert headers["newsman-detail"] == b"desk: no headline"


def test_a_source_that_fails_all_the_time_fills_its_minute_only(clock):
    log = Log()
    flood = [("desk", b"x")] * (2 * PER_MINUTE) + [("other", b"y")]
    park_all(log, clock, flood)
    values = [record.value for _, record in log.sent]
    assert (values.count(b"x"), values.count(b"y")) == (PER_MINUTE, 1)


def test_after_a_minute_there_is_room_again(clock):
    log = Log()
    park_all(log, clock, [("desk", b"x")] * (2 * PER_MINUTE), advance=1.0)
    assert len(log.sent) == 2 * PER_MINUTE


def test_what_found_no_room_is_counted_with_the_next(clock):
    log = Log()
    flood = [("desk", b"x")] * (PER_MINUTE + 5) + [("other", b"y")]

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for source, body in flood:
            parking.park(source, "invalid", "no headline", body)
        clock.now += 61
        parking.park("desk", "invalid", "no headline", b"z")
        await background.finish(limit_seconds=5)

    asyncio.run(run())
    times = [dict(record.headers)["newsman-times"] for _, record in log.sent]
    assert times == [b"1"] * (PER_MINUTE + 1) + [b"6"]


def test_warnings_are_kept_now_and_then_and_all_are_counted(clock):
    log = Log()

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for place in ("/date", "/date", "/other", "/date"):
            parking.warn("desk", "no date", b"x", HowRead(place=place))
        clock.now += WARNED_SECONDS
        parking.warn("desk", "no date", b"x", HowRead(place="/date"))
        await background.finish(limit_seconds=5)

    asyncio.run(run())
    kept = [dict(record.headers) for _, record in log.sent]
    assert [(each["newsman-place"], each["newsman-times"]) for each in kept] == [
        (b"/date", b"1"),
        (b"/other", b"1"),
        (b"/date", b"3"),
    ]
    assert {each["newsman-reason"] for each in kept} == {b"warning"}


def count_of(record) -> tuple[bytes, bytes]:
    headers = dict(record.headers)
    return headers.get("newsman-place", b""), headers["newsman-times"]


def test_counts_that_no_next_problem_takes_along_are_told_alone(clock):
    log = Log()

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for _ in range(PER_MINUTE + 7):
            parking.park("desk", "invalid", "no headline", b"x", HowRead(place="/headline"))
        await background.finish(limit_seconds=5)
        await parking.tell_counts()
        await parking.tell_counts()

    asyncio.run(run())
    *kept, (_, last) = log.sent
    assert len(kept) == PER_MINUTE
    assert (last.value, count_of(last)) == (b"", (b"/headline", b"7"))
    assert sum(int(count_of(record)[1]) for _, record in log.sent) == PER_MINUTE + 7


def test_what_kafka_did_not_take_is_counted_once_it_is_back(clock):
    log = Log(is_away=True)

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for _ in range(PER_MINUTE + 7):
            parking.park("desk", "invalid", "no headline", b"x")
        await background.finish(limit_seconds=5)
        await parking.tell_counts()
        log.is_away = False
        await parking.tell_counts()

    asyncio.run(run())
    assert [count_of(record) for _, record in log.sent] == [(b"", b"67")]


def test_more_kinds_than_are_counted_apart_lose_their_places_and_no_count(clock):
    log = Log()

    async def run():
        background = BackgroundTasks()
        parking = Parking(log, "t.rejected.v1", background, clock=clock)
        for number in range(3 * MAX_KINDS):
            parking.warn("desk", "no date", b"x", HowRead(place=f"/{number % (2 * MAX_KINDS)}"))
        await background.finish(limit_seconds=5)
        await parking.tell_counts()

    asyncio.run(run())
    counts = [int(count_of(record)[1]) for _, record in log.sent]
    assert sum(counts) == 3 * MAX_KINDS
    assert len(counts) <= PER_MINUTE + MAX_KINDS + 1


def test_a_minute_has_room_for_so_many_bytes(clock):
    log = Log()
    whole = b"a" * MAX_BODY_BYTES
    park_all(log, clock, [("desk", whole)] * PER_MINUTE + [("other", whole)])
    assert len(log.sent) == BYTES_PER_MINUTE // MAX_BODY_BYTES + 1


def test_what_is_too_large_is_not_kept_and_takes_no_room(clock):
    log = Log()
    whole, beyond = b"a" * MAX_BODY_BYTES, b"a" * (MAX_BODY_BYTES + 1)
    park_all(log, clock, [("desk", beyond)] * PER_MINUTE + [("desk", whole)])
    assert [len(record.value) for _, record in log.sent] == [MAX_BODY_BYTES]


def test_a_log_that_is_away_costs_nobody_an_answer(clock, caplog):
    park_all(Log(is_away=True), clock, [("desk", b"x")])
    assert "not parked" in caplog.text
