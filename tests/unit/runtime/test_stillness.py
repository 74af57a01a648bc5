"""Standing still is counted in ticks, less the time that the machine kept for others."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.runtime import stillness
from newsman.runtime.health import Pulse, first_problem, never
from newsman.runtime.stillness import Stillness, run_delay


class Watched:
    """Signs of life and seconds without a processor, as a test has them."""

    def __init__(self) -> None:
        self.signs = 0
        self.delay = 0.0
        self.stillness = Stillness(lambda: self.signs, lambda: self.delay)


def test_each_tick_without_a_sign_is_a_second_and_a_sign_begins_anew():
    watched = Watched()
    assert [watched.stillness.tick() for _ in range(3)] == [1, 2, 3]
    watched.signs += 1
    assert [watched.stillness.tick() for _ in range(3)] == [0, 1, 2]


def test_time_without_a_processor_is_nobodys_fault():
    watched = Watched()
    watched.stillness.tick()
    watched.delay += 1.5
    assert watched.stillness.tick() == pytest.approx(0.5)


def test_delay_before_the_last_sign_excuses_nothing_after_it():
    watched = Watched()
    watched.delay += 100
    watched.signs += 1
    watched.stillness.tick()
    assert [watched.stillness.tick() for _ in range(2)] == [1, 2]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=40))
def test_it_never_tells_more_than_the_ticks_since_the_last_sign(turns):
    watched, ticks = Watched(), 0
    for is_alive, delay in turns:
        watched.signs += is_alive
        watched.delay += delay
        ticks = 0 if is_alive else ticks + 1
        assert watched.stillness.tick() <= ticks


def test_the_kernels_count_is_in_seconds_and_nothing_where_there_is_none(monkeypatch, tmp_path):
    assert 0 <= run_delay(threading.get_native_id()) < 3_600
    assert run_delay(2**31 - 1) == 0
    statistics = tmp_path / "schedstat"
    statistics.write_text("5000000000 2500000000 7\n")
    monkeypatch.setattr(stillness, "Path", lambda _: statistics)
    assert run_delay(1) == 2.5


@pytest.fixture
def clock():
    """A list whose first item is the time."""
    return [100.0]


@pytest.fixture
def pulse(clock) -> Pulse:
    return Pulse(limit_seconds=10, clock=lambda: clock[0])


def test_a_pulse_is_a_problem_only_beyond_its_limit(pulse, clock):
    clock[0] += 10
    assert pulse.problem() is None
    clock[0] += 0.6
    assert pulse.problem() == "the main loop has stood still for 11 s"
    pulse.beat()
    assert pulse.problem() is None


def test_beats_grow_with_each_turn_and_while_a_wait_is_excused(pulse):
    before = pulse.beats
    assert pulse.beats == before
    pulse.beat()
    assert pulse.beats == before + 1
    with pulse.excused(), pulse.excused():
        assert pulse.beats < pulse.beats
    after = pulse.beats
    assert pulse.beats == after


def test_an_excused_wait_ends_with_a_beat_even_if_it_fails(pulse, clock):
    with pytest.raises(OSError, match="gone"), pulse.excused():
        clock[0] += 60
        raise OSError("gone")
    assert pulse.problem() is None
    still = pulse.beats
    assert pulse.beats == still


def test_the_first_problem_is_told_and_the_rest_is_not_asked():
    asked = []

    def check(name, problem):
        def ask():
            asked.append(name)
            return problem

        return ask

    several = first_problem(check("a", None), check("b", "b is away"), check("c", "c is away"))
    assert several() == "b is away"
    assert asked == ["a", "b"]
    assert first_problem(never, never)() is None
    assert first_problem()() is None
