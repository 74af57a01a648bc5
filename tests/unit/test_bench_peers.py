"""How `make bench-peers` takes turns, prints its table and leaves out who is missing."""

import importlib
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def peers(monkeypatch):
    """Loads modules of the benchmark."""
    monkeypatch.syspath_prepend(str(BENCH))
    return lambda name: importlib.import_module(f"peers.{name}")


def test_sides_take_turns_after_a_pair_that_warms_up(peers):
    sides = peers("sides")
    used = {"ours": 0.0, "theirs": 0.0}
    ours, theirs = (sides.Side(name, lambda name=name: used[name]) for name in used)
    order = []

    def work(side, seconds):
        order.append(side.url)
        used[side.url] += 0.5 if side is ours else 0.1
        return sides.Done(1_000, 2.0 if side is ours else 1.0, p99_ms=30 if side is ours else 10)

    pairs = sides.take_turns("work", ours, theirs, work, seconds=3)

    assert order == ["theirs", "ours", "ours", "theirs"] * 2
    assert len(pairs) == 3
    assert sides.table(sides.rows("work", pairs)).splitlines()[2:] == [
        "| work | 500/s | 1,000/s | 0.50 | 500 µs, 100 µs |",
        "| work: p99 | 30 ms | 10 ms | 3.00 |  |",
    ]


def test_a_figure_that_is_nobody_s_rate_has_no_ratio(peers):
    sides = peers("sides")

    row = sides.Row("lost", 0, 6_000, None, "")

    assert str(row) == "| lost | 0 | 6,000 | – |  |"


def test_a_missing_peer_is_told_of_in_one_line_and_left_out(peers, monkeypatch, capsys):
    main, sides, taking = peers("__main__"), peers("sides"), peers("taking")
    row = sides.Row("work", 1, 2, 0.5, "/s")

    def missing(*_):
        taking.installed("no-such-program", "apt-get install it")
        yield row

    monkeypatch.setattr(main, "PARTS", {"gone": missing, "here": lambda *_: [row]})

    assert list(main.measured(["gone", "here"], None, None)) == [row]
    assert "skipped: no-such-program is missing: apt-get install it\n" in capsys.readouterr().err
