"""The receivers that docs/deliveries.md shows take what deliver signs, and nothing else."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import wait_until
from tests.ports import free_port

from newsman.deliver.signing import new_secret, parse_secret, signed_headers

PAGE = Path(__file__).resolve().parents[3] / "docs" / "deliveries.md"
SHOWN = dict(re.findall(r"^```(python|js)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))
PROGRAMS = {"python": sys.executable, "js": "node"}
BODY = json.dumps({"type": "article.killed", "data": {"id": "a"}}).encode()
OURS, OTHER = new_secret(), new_secret()


@pytest.fixture(params=PROGRAMS)
def receiver(request, tmp_path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A receiver as it stands in the documentation: its port, and its process."""
    program = PROGRAMS[request.param]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")
    file, port = tmp_path / f"receiver.{request.param}", free_port()
    file.write_text(SHOWN[request.param])
    command, env = [program, str(file), str(port)], {**os.environ, "SECRET": OURS}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: is_open(port), what="the receiver listens")
            yield port, process
        finally:
            process.kill()


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def status_of(port: int, headers: dict[str, str], body: bytes = BODY) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request("POST", "/", body, headers)
        return connection.getresponse().status


def signed(secret: str, at: float, body: bytes = BODY) -> dict[str, str]:
    return signed_headers([parse_secret(secret)], "msg_1", int(at), body)


def test_a_receiver_of_the_documentation_takes_what_was_signed_and_nothing_else(receiver):
    port, process = receiver
    now = time.time()
    genuine = signed(OURS, now)
    rotated = signed(OTHER, now)["webhook-signature"] + " " + genuine["webhook-signature"]
    assert status_of(port, genuine) == 204
    assert status_of(port, {**genuine, "webhook-signature": rotated}) == 204
    assert status_of(port, signed(OTHER, now)) == 400
    assert status_of(port, genuine, BODY + b" ") == 400
    assert status_of(port, {**genuine, "webhook-id": "msg_2"}) == 400
    assert status_of(port, signed(OURS, now - 3_600)) == 400
    process.kill()
    assert process.stdout.read().split() == ["article.killed", "article.killed"]
