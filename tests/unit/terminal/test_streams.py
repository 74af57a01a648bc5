"""Output wherever a command was called from: an old encoding, closed streams, a list of rows."""

import argparse
import io
import json
import os
import subprocess
import sys

import pytest

from newsman.terminal import output
from newsman.terminal.streams import prepare_streams

ROWS = [{"what": "views × 65.8 µs", "place": "Tromsø"}, {"what": "‘ferry’ → 北京"}]
AS_JSON = argparse.Namespace(json=True)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_whatever_the_encoding_rows_are_lines_of_json(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    output.show(AS_JSON, ROWS)
    output.show(AS_JSON, [])
    sys.stdout.flush()
    assert [json.loads(line) for line in raw.getvalue().decode(encoding).splitlines()] == ROWS


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_signs_that_an_encoding_lacks_are_escaped(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    prepare_streams()
    output.show(argparse.Namespace(), {}, "→ newsman topics")
    sys.stdout.flush()
    shown = raw.getvalue().decode(encoding)
    assert shown == ("→" if encoding == "utf-8" else "\\u2192") + " newsman topics\n"


@pytest.mark.parametrize(
    "words", [["size"], ["size", "--json"], ["config", "example"], ["completion", "zsh"]]
)
def test_a_command_without_a_terminal_and_a_locale_ends_well(words):
    command = [sys.executable, "-m", "newsman.cli", *words]
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "COLUMNS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


def test_closed_streams_are_no_fault():
    command = f"{sys.executable} -m newsman.cli size <&- >&- 2>&-"
    done = subprocess.run(command, shell=True, timeout=60, check=False)
    assert done.returncode == 0
