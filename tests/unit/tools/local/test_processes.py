"""Processes are recognised by more than their pid, and ended."""

import os
import subprocess
import sys

from newsman.tools.local.processes import Running, end, identify, is_running, load, memory_mb, save


def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone():
    own = identify("me", os.getpid())
    assert is_running(own)
    stranger = Running("me", os.getpid(), "12345")
    assert not is_running(stranger)
    end(stranger, limit_seconds=0.1)
    assert memory_mb(os.getpid()) > 1


def test_what_runs_is_remembered_across_processes(tmp_path):
    state = tmp_path / "state.json"
    assert load(state) == []
    save(state, [Running("kafka", 1, "2"), Running("valkey", 3, "4")])
    assert load(state) == [Running("kafka", 1, "2"), Running("valkey", 3, "4")]


def test_a_process_that_does_not_listen_to_sigterm_is_killed():
    deaf = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print(1, flush=True); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    process.stdout.readline()
    end(identify("deaf", process.pid), limit_seconds=0.3)
    assert process.wait(5) == -9
    process.stdout.close()
