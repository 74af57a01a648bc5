"""Help is told at once: it imports no library that a command needs for its work."""

import subprocess
import sys

import pytest

from newsman.cli import COMMANDS

COSTLY = (
    "pydantic",
    "pydantic_settings",
    "kafka",
    "aiokafka",
    "faust",
    "redis",
    "starlette",
    "uvicorn",
    "aiohttp",
    "numpy",
    "spacy",
    "asyncio",
    "newsman_schemas",
)
IMPORTED = """
import sys
from newsman.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(end.code, *(name for name in {costly} if name in sys.modules), file=sys.stderr)
"""


def call(*words: str) -> subprocess.CompletedProcess[str]:
    """`newsman WORDS`; the costly modules that it imported are on standard error."""
    program = IMPORTED.format(costly=COSTLY)
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_names_every_command_and_imports_nothing_costly():
    told = call("--help")
    assert told.stderr == "0\n"
    assert all(name in told.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_imports_nothing_costly(name):
    told = call(name, "--help")
    assert told.stderr == "0\n"
    assert told.stdout.startswith(f"usage: newsman {name}")


def test_a_wrong_option_is_told_without_importing_anything_costly():
    told = call("topics", "--no-such-option")
    assert told.stderr.splitlines()[-1] == "2"
    assert "--no-such-option" in told.stderr


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["popularity", "pin", "--help"], "--rank"),
        (["enrich", "diff", "--help"], "--sections"),
        (["rejected", "replay", "--help"], "--topic"),
        (["reenrich", "--help"], "--dry-run"),
        (["source", "add", "--help"], "--superdesk"),
        (["rebuild", "--help"], "popularity"),
    ],
)
def test_options_that_stand_apart_are_those_of_the_command(words, option):
    assert option in call(*words).stdout
