"""The faults of tests/compose: a seed chooses them, and each container gets each of them."""

import os
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tests.compose.fault_plan import CONTAINERS, SERVICES, VOLUMES, Fault, planned

OTHER_CLOCK = Path(__file__).parents[1] / "e2e" / "other_clock"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("seconds", [120, 600])
def test_every_container_has_every_fault_in_two_minutes_as_in_ten(seed, seconds):
    faults = planned(seed, seconds)
    for kind in ("kill", "restart", "pause", "disconnect"):
        assert {fault.container for fault in faults if fault.kind == kind} == set(CONTAINERS)
    assert {fault.container for fault in faults if fault.kind == "clock"} == set(SERVICES)
    assert {fault.detail for fault in faults if fault.kind == "disk full"} == set(VOLUMES)
    assert any(fault.kind == "long pause" and fault.lasts_seconds > 45 for fault in faults)
    assert max(fault.ends_seconds for fault in faults) <= seconds


def test_a_seed_repeats_a_run_and_another_is_another():
    assert planned(7, 120) == planned(7, 120)
    assert planned(7, 120) != planned(8, 120)


def test_no_container_has_two_faults_at_once_and_no_more_than_three_come_together():
    faults = planned(3, 600)
    for name in CONTAINERS:
        own = [fault for fault in faults if fault.container == name]
        assert all(before.ends_seconds <= after.at_seconds + 0.1 for before, after in pairwise(own))
    assert max(len(together(faults, fault.at_seconds)) for fault in faults) <= 3


def together(faults: list[Fault], at_seconds: float) -> list[Fault]:
    return [f for f in faults if f.at_seconds <= at_seconds < f.at_seconds + f.lasts_seconds]


def test_a_clock_moves_while_the_process_runs(tmp_path):
    ahead = tmp_path / "ahead"
    ahead.write_bytes(struct.pack("d", 0.0))
    code = (
        "import time, datetime as dt\n"
        "while input():\n"
        "    print(time.time(), time.time_ns() / 1e9, dt.datetime.now(dt.UTC).timestamp())"
    )
    env = os.environ | {"PYTHONPATH": str(OTHER_CLOCK), "CLOCK_FILE": str(ahead)}
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        times = []
        for seconds in (0.0, 7_200.0, -240.0):
            with ahead.open("r+b") as file:
                file.write(struct.pack("d", seconds))
            process.stdin.write("now\n")
            process.stdin.flush()
            times.append([float(word) for word in process.stdout.readline().split()])
        process.stdin.write("\n")
    right, late, early = (min(each) for each in times)
    assert 7_190 < late - right < 7_260
    assert -250 < early - right < -180
    assert all(max(each) - min(each) < 1 for each in times)
