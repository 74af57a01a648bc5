"""The sources file changes while several processes of ingest run."""

import hashlib
import hmac
import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

ARTICLE = b'{"uri": "urn:story:1", "headline": "Ferry returns to the fjord"}'
PROBES = 12
"""Pushes on connections of their own, so that both processes are asked."""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("sources") / "who.toml"


@pytest.fixture(scope="module")
def source(path):
    def run(*words: str) -> str:
        """What `newsman source` prints; the last word of its first line is the key."""
        env = {**os.environ, "NEWSMAN_SOURCES_FILE": str(path)}
        command = [sys.executable, "-m", "newsman.cli", "source", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    return run


@pytest.fixture(scope="module")
def ingest(source, path, start_module_service):
    source("add", "keeper")
    options = {"NEWSMAN_SOURCES_FILE": str(path), "NEWSMAN_INGEST_WORKERS": "2"}
    return start_module_service("ingest", **options).wait_ready()


@pytest.fixture
def first(ingest, source, eventually, request):
    """The key of a source of the test's own, taken by both processes."""
    key = key_in(source("add", request.node.name[-20:].strip("_")))
    eventually(lambda: statuses(ingest, key) == {202}, timeout=6, what="the key is taken")
    return key


def write(path: Path, text: str) -> None:
    """Replaces the file as editors do, at once: nobody reads half of it."""
    draft = path.with_suffix(".new")
    draft.touch(0o600)
    draft.write_text(text)
    draft.replace(path)


def key_in(said: str) -> str:
    return said.splitlines()[0].split()[-1]


def statuses(ingest, key: str) -> set[int]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return {post(ingest, "/v1/articles", ARTICLE, headers) for _ in range(PROBES)}


def post(ingest, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", int(ingest.env["NEWSMAN_PORT"]), timeout=10)
    connection.request("POST", path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.alone
def test_a_key_is_rotated_under_way_and_the_old_one_ends_within_two_seconds(
    ingest, source, first, eventually, request
):
    name = request.node.name[-20:].strip("_")
    second = key_in(source("rotate", name))
    eventually(lambda: statuses(ingest, second) == {202}, timeout=4, what="both take the new key")
    assert statuses(ingest, first) == {202}
    digest = hashlib.sha256(first.encode()).hexdigest()
    source("revoke", name, "--key", digest[:12])
    began = time.monotonic()
    eventually(lambda: statuses(ingest, first) == {401}, timeout=4, what="the old key ends")
    assert time.monotonic() - began < 3
    assert statuses(ingest, second) == {202}


def test_a_file_with_a_mistake_changes_nothing_and_is_named(
    ingest, source, path, first, eventually
):
    good = path.read_text()
    write(path, good + "\n[sources.broken\n")
    eventually(lambda: "the sources stay as they were" in ingest.log())
    assert statuses(ingest, first) == {202}
    path.unlink()
    eventually(lambda: ingest.log().count("the sources stay as they were") > 2)
    assert statuses(ingest, first) == {202}
    write(path, good)
    second = key_in(source("add", "second"))
    eventually(lambda: statuses(ingest, second) == {202})


def test_a_signing_secret_is_taken_back(ingest, source, first, eventually):
    secret = key_in(source("add", "wire", "--hmac"))

    def push() -> int:
        body = b'{"guid": "urn:1", "type": "text", "headline": "x"}'
        digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        headers = {"x-superdesk-signature": f"sha1={digest}", "content-type": "application/json"}
        return post(ingest, "/push", body, headers)

    eventually(lambda: {push() for _ in range(PROBES)} == {200})
    source("revoke", "wire")
    eventually(lambda: {push() for _ in range(PROBES)} == {403})
    assert statuses(ingest, first) == {202}
