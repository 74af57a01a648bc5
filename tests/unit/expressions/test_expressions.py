"""No expression of the tree takes long over 64 kB: each is found, and tried on its worst."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def slow(cases: Sequence[dict]) -> list[str]:
    """Those that take too long, each with the string that showed it."""
    left = list(cases)
    found: list[str] = []
    while left:
        done = [line for line in printed("trial.py", json.dumps(left)) if "done" in line]
        found += [f"{line['done']}: {slow}" for line in done for slow in line["slow"]]
        left = left[len(done) :]
        if left:  # the process was ended in the midst of this one
            found.append(f"{left[0]['place']}: takes for ever: {left[0]['pattern']!r}")
            left = left[1:]
    return found


def printed(script: str, given: str = "") -> list:
    """The lines of JSON that a script prints."""
    command = [sys.executable, str(HERE / script)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def case(pattern: str, flags: int, *methods: str) -> dict:
    """An expression that no file holds."""
    named = {"place": "here:1", "is_bytes": False, "most_characters": None}
    return {"pattern": pattern, "flags": flags, "methods": methods, **named}


@pytest.fixture(scope="module")
def all_of_them() -> list[dict]:
    return printed("finding.py")[0]


def test_every_expression_is_found(all_of_them):
    assert len(all_of_them) > 170


@pytest.mark.parametrize("part", range(4))
def test_no_expression_takes_long_over_any_64_kb(all_of_them, part):
    assert slow(all_of_them[part::4]) == []


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+$", "match"),
        (r"(?:a|a)*b", "match"),
        (r"\s*$", "search"),
        (r"^(?:<!--.*?-->\s*)*<(item|entry)[\s>]", "match"),
        (r"<!--.*?-->", "findall"),
        (r"(?:[a-z]+-?)+!", "search"),
        (r"\w+@\w+", "search"),
        (r"(.*)(.*)x", "fullmatch"),
        (r"[“\"]\w[^”]*?[”]", "findall"),
    ],
)
def test_what_backtracks_is_caught(pattern, method):
    assert slow([case(pattern, re.DOTALL, method)])


@pytest.mark.parametrize("pattern", [r"(?<!a)a+b", r"<[^<>]*>", r"\d{4}-\d\d", r"^\s*x", r"[^\n]+"])
def test_what_is_linear_passes(pattern):
    assert slow([case(pattern, 0, "search", "match", "fullmatch", "sub", "findall")]) == []
