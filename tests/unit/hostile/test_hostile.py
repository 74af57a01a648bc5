"""Documents that are made to cost are read in a time that grows with their length."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TRIAL = Path(__file__).with_name("trial.py")
KINDS = (
    *("rss", "atom", "rdf", "newsml-g2", "newsml1", "nitf", "html", "text", "sniffed"),
    *("multipart", "envelopes", "views", "goatcounter", "eventgate", "superdesk"),
    *("application/json", "application/vnd.iptc.ninjs+json", "application/feed+json"),
)


@pytest.fixture(scope="module")
def tried() -> Iterator[Callable[[str, int], list[dict]]]:
    """What a process says of the documents of a kind, but for so many of them."""
    command = [sys.executable, str(TRIAL)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:

        def tried(kind: str, skipped: int) -> list[dict]:
            print(json.dumps([kind, skipped]), file=process.stdin)
            said: list[dict] = []
            while not said or "status" not in said[-1]:
                said.append(json.loads(process.stdout.readline()))
            return said

        yield tried


def slow(kind: str, tried: Callable[[str, int], list[dict]]) -> list[str]:
    """The documents that take too long, each with its seconds."""
    skipped, found = 0, []
    while True:
        *said, ended = tried(kind, skipped)
        found += [line["slow"] for line in said if "slow" in line]
        if ended["status"] == 0:
            return found
        assert ended["status"] == -signal.SIGPROF
        last = next(line for line in reversed(said) if "begun" in line)
        found.append(f"{kind}: {last['begun']}: takes for ever")
        skipped = last["number"] + 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_to_cost_is_read_in_a_time_that_grows_with_its_length(kind, tried):
    assert slow(kind, tried) == []
