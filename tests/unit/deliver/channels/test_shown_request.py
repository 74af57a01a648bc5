"""Requests as they are shown: how they begin, and nothing that is secret."""

import pytest

from newsman.deliver.channels.channel import Answer
from newsman.deliver.channels.shown_request import MOST_BODY_BYTES, shown_request
from newsman.deliver.sending.attempts import dump_exchange, load_exchange
from newsman.deliver.signing import new_secret, parse_secret, signed_headers


def test_of_signatures_the_kind_alone_is_shown():
    keys = [parse_secret(new_secret()) for _ in range(2)]
    shown = shown_request(signed_headers(keys, "msg_1", 1_772_452_800, b"{}"), b"{}")
    assert shown.headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1772452800",
        "webhook-signature": "v1,… v1,…",
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("X-Hub-Signature", "sha256=abc123", {"x-hub-signature": "sha256=…"}),
        ("x-superdesk-signature", "sha1=abc123", {"x-superdesk-signature": "sha1=…"}),
        ("webhook-signature", "abc123", {"webhook-signature": "…"}),
        ("Content-Type", "application/json", {"content-type": "application/json"}),
        ("Authorization", "Bearer abc123", {}),
        ("Cookie", "abc123", {}),
        ("X-Api-Key", "abc123", {}),
        ("List-Unsubscribe", "<https://out.example/unsubscribe/abc123>", {}),
    ],
)
def test_no_header_is_shown_that_may_hold_a_secret(name, value, expected):
    assert shown_request({name: value}, b"").headers == expected


@pytest.mark.parametrize(
    ("body", "beginning"),
    [
        (b"{}", "{}"),
        (b"x" * 5_000, "x" * MOST_BODY_BYTES),
        (b"a" + "ü".encode() * 3_000, "a" + "ü" * 2_047),
        (b"\xff\x00z", "\x00z"),
    ],
)
def test_an_exchange_is_read_as_it_was_kept(body, beginning):
    request = shown_request({"content-type": "text/plain"}, body)
    answer = Answer(200, body='"é"' * 4_096, request=request)
    kept = load_exchange(dump_exchange(answer))
    assert (kept.headers, kept.body) == ({"content-type": "text/plain"}, beginning)
    assert kept.answer == '"é"' * 1_024


def test_where_nothing_was_sent_or_answered_nothing_is_kept():
    assert dump_exchange(Answer(None, detail="no answer came")) == b""
    assert load_exchange(dump_exchange(Answer(500, body="no"))).answer == "no"
