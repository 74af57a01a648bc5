"""Documents that are made to cost are read in a time that grows with their length."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TRIAL = Path(__file__).with_name("trial.py")
KINDS = (
    *("rss", "atom", "rdf", "newsml-g2", "newsml1", "nitf", "html", "text", "sniffed"),
    *("multipart", "envelopes", "views", "goatcounter", "eventgate", "superdesk"),
    *("application/json", "application/vnd.iptc.ninjs+json", "application/feed+json"),
)


def slow(kind: str) -> list[str]:
    """The documents that take too long, each with its seconds."""
    skipped, found = 0, []
    while True:
        said = _tried(kind, skipped)
        found += [line["slow"] for line in said if "slow" in line]
        if "end" in said[-1]:
            return found
        # The process was ended in the midst of one.
        last = next(line for line in reversed(said) if "begun" in line)
        found.append(f"{kind}: {last['begun']}: takes for ever")
        skipped = last["number"] + 1


def _tried(kind: str, skipped: int) -> list[dict]:
    command = [sys.executable, str(TRIAL), kind, str(skipped)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_to_cost_is_read_in_a_time_that_grows_with_its_length(kind):
    assert slow(kind) == []
