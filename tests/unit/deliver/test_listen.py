"""The listener: verifies, shows, and takes a duplicate politely."""

import base64
import json
import socket

import pytest
from starlette.testclient import TestClient

from newsman.cli import main
from newsman.deliver.listen import MAX_BODY_BYTES, SHOWN, Inbox, build_app
from newsman.deliver.signing import signed_headers

KEY = b"k" * 32
NOW = 1_772_452_800


def body(headline="The night ferry returns", action="published") -> bytes:
    article = {"headline": headline}
    data = {"id": "a" * 16, "revision": 1, "article": article}
    return json.dumps({"type": f"article.{action}", "data": data}).encode()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def client(lines):
    with TestClient(build_app(KEY, Inbox(), say=lines.append, clock=lambda: NOW)) as client:
        yield client


def post(client, content: bytes, *, message_id="msg_1", key=KEY, at=NOW):
    return client.post("/", content=content, headers=signed_headers([key], message_id, at, content))


def test_a_genuine_webhook_is_taken_printed_and_listed(client, lines):
    assert post(client, body()).status_code == 204
    assert lines == ["article.published  The night ferry returns  msg_1"]
    received = client.get("/").json()["received"]
    assert [(item["id"], item["headline"]) for item in received] == [
        ("msg_1", "The night ferry returns")
    ]


def test_a_second_one_of_the_same_id_is_answered_200_and_marked(client, lines):
    post(client, body())
    again = post(client, body())
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert lines[1].startswith("duplicate")
    assert len(client.get("/").json()["received"]) == 1


@pytest.mark.parametrize(
    ("key", "at"), [(b"x" * 32, NOW), (KEY, NOW - 301), (KEY, NOW + 301)], ids=str
)
def test_a_webhook_that_is_not_genuine_is_answered_401(client, key, at):
    assert post(client, body(), key=key, at=at).status_code == 401
    assert client.get("/").json()["received"] == []


@pytest.mark.parametrize("content", [b"no json", b"[]", b'{"type": "x"}', b"\xff"])
def test_a_genuine_body_that_is_no_webhook_is_answered_400(client, content):
    assert post(client, content).status_code == 400


def test_a_body_without_end_is_answered_413(client):
    assert post(client, b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


def test_the_list_shows_the_last_fifty_newest_first(client):
    for number in range(SHOWN + 5):
        post(client, body(f"Story {number}"), message_id=f"msg_{number}")
    headlines = [item["headline"] for item in client.get("/").json()["received"]]
    assert headlines == [f"Story {number}" for number in range(SHOWN + 4, 4, -1)]


def test_it_says_that_it_is_ready(client):
    assert client.get("/readyz").status_code == 200


def test_a_port_that_is_taken_is_told_in_a_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
        assert main(["webhooks", "--secret", secret, "--port", str(port)]) == 2
    assert f"127.0.0.1:{port} can't be listened on" in capsys.readouterr().err
