"""Processes are recognised by more than their pid, and ended."""

import os
import subprocess
import sys

import pytest

from newsman.tools.local.layout import Layout
from newsman.tools.local.processes import (
    Running,
    end,
    environment,
    identify,
    is_running,
    load,
    memory_mb,
    save,
)


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


@pytest.mark.parametrize("content", ["", "{", "7", "[7]", '[{"pid": 1}]', "\x00", "null"])
def test_of_a_damaged_list_nothing_is_known(content, tmp_path):
    state = tmp_path / "state.json"
    state.write_text(content)
    assert load(state) == load(state / "below-a-file") == []


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


def test_a_service_of_the_stack_reaches_no_other_installation(monkeypatch, tmp_path):
    for name in ("KAFKA_SECURITY", "KAFKA_CA_FILE", "REDIS_URL_FILE", "WEBHOOK_SECRET_FILE"):
        monkeypatch.setenv(f"NEWSMAN_{name}", "elsewhere")
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "elsewhere:9092")
    monkeypatch.setenv("NEWSMAN_SITE_NAME", "elsewhere")
    layout = Layout(tmp_path)
    layout.webhook_secret.write_text("whsec_x")
    env = environment(layout, "feeds")
    assert [name for name, value in env.items() if "elsewhere" in value] == ["NEWSMAN_SITE_NAME"]
    assert env["NEWSMAN_KAFKA_BOOTSTRAP"] == layout.bootstrap
