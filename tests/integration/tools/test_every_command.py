"""Every subcommand ends in one line where something around it is away, wrong or closed."""

import io
import json
import logging
import os
import sys
from collections.abc import Callable

import pytest
from tests.ports import free_port

from newsman import cli
from newsman.kafka.topics import ensure_topics
from newsman.services import SERVICES

ID = "aaaaaaaaaaaaaaaa"
SUBSCRIPTION = "sub_aaaaaaaaaaaaaaaaaaaaaaaaaa"
CALLS = {
    "enrich diff": ["--model", "xx=none"],
    **{f"popularity {name}": [ID] for name in ("unpin", "ban", "unban", "hold", "admit")},
    "popularity pin": [ID],
    "popularity edits": [],
    "popularity explain": ["NOSUCH"],
    "subscriber add": ["harbour"],
    "subscriber list": [],
    **{f"subscriber {name}": ["nosuch"] for name in ("rotate", "revoke", "remove")},
    "subscription add": ["--url", "https://harbour.example/"],
    "subscription list": [],
    **{
        f"subscription {name}": [SUBSCRIPTION]
        for name in ("change", "show", "pause", "resume", "rotate", "test", "delete")
    },
    "subscription deliveries": [],
    "subscription resend": [SUBSCRIPTION, "msg_nosuch"],
    "subscription bounce": [],
    "subscription replay": [SUBSCRIPTION, "--from", "now"],
    "push": ["story.txt", "--retry-for", "0"],
    "watch": ["hot", "--once", "--settle", "0", "--retry-for", "0"],
    "poll": ["http://127.0.0.1:9/feed", "--once", "--retry-for", "0"],
    "source add": ["desk"],
    "source list": [],
    "source rotate": ["nosuch"],
    "source revoke": ["nosuch"],
    "source problems": [],
    "override": ["NOSUCH"],
    "enrich review": [],
    "names add": ["Oslo", "--type", "place"],
    "names list": [],
    "names show": ["nosuch"],
    "names remove": ["nosuch"],
    "names import": ["nosuch.csv"],
    "reenrich": ["NOSUCH"],
    "sections train": ["--from", "nosuch.json"],
    "sections guess": ["--model", "nosuch.json"],
    "topics": ["--wait", "0.5"],
    "rebuild": ["feeds"],
    "rejected list": [],
    "rejected show": ["7"],
    "rejected replay": ["7"],
    "rejected edit": ["7"],
    "rejected drop": ["7"],
    "contracts": ["check"],
    "ledger": [ID],
    "webhooks": ["--secret", "none"],
    "status": ["--seconds", "0"],
    "lag": [],
    "trace": ["NOSUCH"],
    "tail": ["article-published", "--since", "1h", "--until-end"],
    "doctor": [],
    "config check": [],
    "config example": [],
    "config print": ["--redact"],
    "backup": ["backup"],
    "restore": ["nosuch"],
    "size": [],
    "simulate": ["--seconds", "0", "--verify", "--settle", "0"],
    "provenance keygen": ["no-such-folder/key.pem", "--keys", "keys.json"],
    "provenance keys": ["--keys", "nosuch.json"],
    "provenance revoke": ["nosuch", "--keys", "nosuch.json"],
    "verify": ["nosuch.json", "--keys", "nosuch.json"],
    "completion": ["bash"],
    "local": ["status"],
}
"""A call of each subcommand, with ids and files that are not there."""
RUNNING = {"observe"}
"""Run until they are ended, as services do."""
STATUSES = {0, 1, 2, 3, 4, 75, 141}
MAY_SAY_NOTHING = {"watch", "poll"}
"""They log what went wrong."""
Call = Callable[[str], int]


def words_of(call: str) -> list[str]:
    return [*call.split(), *CALLS[call]]


def subcommands() -> set[str]:
    leaves = [leaf for name in cli.COMMANDS for leaf in cli.leaves(cli.build_command_parser(name))]
    return {leaf.prog.removeprefix("newsman ") for leaf in leaves} - {*SERVICES, *RUNNING}


def test_every_subcommand_is_called_here():
    assert set(CALLS) == subcommands()


@pytest.fixture(autouse=True)
def own_logging():
    """Takes away the handlers that a call before left: their streams are closed with its test."""
    for handler in [*logging.root.handlers]:
        if type(handler) is logging.StreamHandler:
            logging.root.removeHandler(handler)


@pytest.fixture
def place(monkeypatch, tmp_path):
    """A folder to call from, with settings that lead nowhere; a port where nobody listens."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "story.txt").write_text("Ferry returns\n\nIt is back.\n")
    (tmp_path / "hot").mkdir()
    nobody = f"127.0.0.1:{free_port()}"
    for name, value in {
        "KAFKA_BOOTSTRAP": nobody,
        "REDIS_URL": f"redis://{nobody}/0",
        "SOURCES_FILE": "sources.toml",
        "DELIVER_URL": f"http://{nobody}",
        "PUSH_URL": f"http://{nobody}",
        "PUSH_KEY": "key",
        "SUBSCRIBER_TOKEN": "nmsub_token",
        "OPS_URLS": f"feeds=http://{nobody}",
        "HOME": str(tmp_path / "home"),
        "ASSETS_URL": (tmp_path / "assets").as_uri(),
    }.items():
        monkeypatch.setenv(f"NEWSMAN_{name}", value)
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"From: a@b.example\n\nback\n")))
    return tmp_path


@pytest.mark.parametrize("call", CALLS)
def test_a_command_whose_servers_are_away_says_so_in_a_line(call, place, capfd):
    status = cli.main(words_of(call))
    said = capfd.readouterr()
    assert status in STATUSES, said
    assert "Traceback" not in said.err
    if status and call not in MAY_SAY_NOTHING:
        assert said.err.strip() or said.out.strip()


@pytest.fixture(scope="module")
def shared(kafka_bootstrap, redis_url):
    """An empty installation for all calls: they name things that are not there."""
    namespace = f"every{os.getpid()}"
    ensure_topics(kafka_bootstrap, namespace, replication=1)
    return {
        "NEWSMAN_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "NEWSMAN_REDIS_URL": redis_url,
        "NEWSMAN_NAMESPACE": namespace,
    }


@pytest.mark.parametrize("call", CALLS)
def test_a_command_whose_reader_has_gone_ends_quietly(call, place, shared, monkeypatch, capfd):
    for name, value in shared.items():
        monkeypatch.setenv(name, value)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        status = cli.main([*words_of(call), "--json"])
        monkeypatch.undo()
        assert status in STATUSES
    assert "Traceback" not in capfd.readouterr().err


ANSWERING = (
    "popularity edits",
    "subscriber list",
    "source problems",
    "topics",
    "rejected list",
    "rejected drop --all",
    "contracts check",
    "status --seconds 0",
    "lag",
    "doctor",
    "config check",
    "config print feeds",
    "size",
    "completion zsh",
)


@pytest.mark.parametrize("call", ANSWERING)
def test_a_command_prints_json_and_nothing_else_where_it_is_asked_for(
    call, place, shared, monkeypatch, capfd
):
    for name, value in shared.items():
        monkeypatch.setenv(name, value)
    cli.main([*call.split(), "--json"])
    for line in capfd.readouterr().out.splitlines():
        assert isinstance(json.loads(line), dict)
