"""`make demo` as a newcomer runs it: its own folder and ports, real everything."""

import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
JARS = REPOSITORY / ".newsman" / "kafka-jars"
PORT_OFFSET = "20000"
MEMORY_MIB = 2_000
NUMBERS = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("demo") / "home"
    home.mkdir()
    (home / "kafka-jars").symlink_to(JARS)
    return {**os.environ, "NEWSMAN_HOME": str(home), "NEWSMAN_PORT_OFFSET": PORT_OFFSET}


def make(target: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def runs(environment, kafka_bootstrap) -> dict[str, str]:
    """What the first and the second run say; the stack is stopped afterwards."""
    try:
        first = make("demo", environment)
        assert first.returncode == 0, first.stdout + first.stderr
        second = make("demo", environment)
        assert second.returncode == 0, second.stdout + second.stderr
        refused = make("clean", environment)
        status = make("status", environment)
    finally:
        stopped = make("stop", environment)
    after = make("status", environment)
    return {
        "first": first.stdout,
        "second": second.stdout,
        "status": status.stdout,
        "refused": refused.stderr,
        "stopped": stopped.stdout,
        "after": after.stdout,
    }


def story(output: str) -> list[str]:
    """The report without what differs from run to run: times, sizes, ports."""
    report = output.partition("One article's way")[2]
    lines = [line for line in report.splitlines() if "logs " not in line]
    return [" ".join(NUMBERS.sub("0", line).split()) for line in lines]


def test_the_demo_tells_the_way_of_an_article_the_feed_the_ranking_and_where_to_look(runs):
    for part in ("received", "enriched", "published", "The latest feed", "Most Popular", "memory"):
        assert part in runs["first"]
    assert "12 articles are published" in runs["first"]


def test_a_second_demo_changes_nothing(runs):
    ranking = re.compile(r"^  \d\. .*views$", re.MULTILINE)
    assert ranking.findall(runs["first"]) == ranking.findall(runs["second"])
    trail = re.compile(r"^  (?:received|enriched|published|superseded).*$", re.MULTILINE)
    assert trail.findall(runs["first"]) == trail.findall(runs["second"])


def test_everything_together_takes_less_memory_than_it_may(runs):
    (total,) = re.findall(r"^in all +(\d+) MiB$", runs["status"], re.MULTILINE)
    assert 200 < int(total) < MEMORY_MIB


def test_data_of_a_running_stack_is_not_removed(runs):
    assert "stop it first" in runs["refused"]
    assert JARS.exists()


def test_stop_leaves_nothing_running(runs):
    assert "nothing runs any more" in runs["stopped"]
    assert "does not run" in runs["after"]


def test_the_readmes_transcript_is_what_the_demo_prints(runs):
    readme = (REPOSITORY / "README.md").read_text()
    (transcript,) = re.findall(
        r"<!-- transcript of make demo -->\n```\n(.*?)\n```", readme, re.DOTALL
    )
    assert story(transcript) == story(runs["first"])
    progress = re.compile(r"^\[ *[\d.]+ s\] (.*)$", re.MULTILINE)
    said, printed = progress.findall(transcript), progress.findall(runs["first"])
    # Services become ready in any order.
    assert sorted(said) == sorted(printed)
