"""`newsman simulate` beside a whole Newsman: all exits agree with the ledger; a lie is found."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def simulate(newsroom, tmp_path):
    """Runs the command with a ledger; its status and its document."""
    env = {
        **os.environ,
        "NEWSMAN_KAFKA_BOOTSTRAP": newsroom.bootstrap,
        "NEWSMAN_REDIS_URL": newsroom.redis_url,
        "NEWSMAN_NAMESPACE": newsroom.namespace,
        "NEWSMAN_PUSH_URL": newsroom.url("ingest"),
        "NEWSMAN_PUBLIC_URL": newsroom.url("feeds"),
        "NEWSMAN_PUSH_KEY": "demo-key",
    }
    ledger = tmp_path / "ledger"

    def run(*words: str) -> tuple[int, dict]:
        command = [sys.executable, "-m", "newsman.cli", "simulate", "--ledger", str(ledger)]
        done = subprocess.run(
            [*command, "--verify", "--json", *words], env=env, capture_output=True, text=True
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    run.ledger = ledger
    return run


def test_every_exit_agrees_with_the_ledger_and_a_lie_is_found(simulate):
    load = "--articles 40/s --views 60/s --readers 3 --seconds 3".split()
    status, document = simulate(*load)
    assert status == 0, document
    verified = document["verified"]
    assert verified["agrees"]
    assert {"published", "superseded", "killed"} <= set(verified["fates"])
    assert document["views"] == verified["views"] > 0
    assert document["refused"]
    assert document["read"]["200"] > 0

    with simulate.ledger.open("a") as ledger:
        for kind, fields in {
            "acknowledged": {"tells": [{"uri": "urn:never:sent", "version": 1, "headline": "X"}]},
            "views": {"articles": ["aaaaaaaaaaaaaaaa"]},
        }.items():
            ledger.write(json.dumps({"kind": kind, **fields}) + "\n")
    status, document = simulate("--seconds", "0", "--settle", "0")
    assert status == 1
    assert document["verified"]["problems"] == [
        "lost: urn:never:sent version 1",
        "not on article-received: urn:never:sent",
        "aaaaaaaaaaaaaaaa has 1 views, and 0 are counted",
    ]
    assert document["verified"]["fates"]["lost"] == 1
