"""Deliveries per second of each subscriber."""

from newsman.deliver.sending.rates import Rates


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def of(per_second: float, clock: Clock | None = None) -> Rates:
    return Rates(lambda _: per_second, clock or Clock())


def test_a_subscriber_has_a_second_of_its_rate_and_then_what_time_brings():
    clock = Clock()
    rates = of(10, clock)
    assert rates.allowed("desk") == 10
    rates.use("desk", 10)
    assert rates.allowed("desk") == 0
    clock.now += 0.5
    assert rates.allowed("desk") == 5
    clock.now += 60
    assert rates.allowed("desk") == 10


def test_one_subscriber_does_not_use_up_what_another_has():
    rates = Rates({"desk": 10, "archive": 3}.__getitem__, Clock())
    rates.use("desk", 10)
    assert rates.allowed("archive") == 3


def test_processes_share_the_rate():
    rates = of(100)
    rates.processes = 4
    assert rates.allowed("desk") == 25


def test_even_a_small_share_lets_something_through():
    clock = Clock()
    rates = of(1, clock)
    rates.processes = 10
    assert rates.allowed("desk") == 1
    rates.use("desk", 1)
    assert rates.seconds_left("desk") == 10
    clock.now += 9
    assert rates.allowed("desk") == 0
    clock.now += 1.5
    assert rates.seconds_left("desk") == 0
    assert rates.allowed("desk") == 1


def test_who_asked_for_nothing_lately_is_forgotten_and_begins_full():
    clock = Clock()
    rates = of(10, clock)
    rates.use("desk", 10)
    clock.now += 61
    rates.forget_idle()
    assert rates.allowed("desk") == 10
