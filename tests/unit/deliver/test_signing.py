"""Signatures against the published vectors of Standard Webhooks, and what must be refused."""

import base64
import json

import pytest

from newsman.deliver.signing import (
    NotGenuine,
    new_secret,
    parse_secret,
    sign,
    signed_headers,
    verify,
)

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
KEY = parse_secret(SECRET)
BODY = b'{"type":"article.published"}'
NOW = 1_772_452_800


def headers(**changes: str | None) -> dict[str, str]:
    signed = signed_headers([KEY], "msg_1", NOW, BODY)
    changed = {**signed, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {name: value for name, value in changed.items() if value is not None}


def test_the_signature_is_that_of_the_specifications_example():
    key = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_published_vector_verifies_or_is_refused_as_it_says(shared_data):
    vectors = json.loads((shared_data / "standard-webhooks" / "vectors.json").read_text())
    key = parse_secret(vectors["secret"])
    assert {vector["valid"] for vector in vectors["vectors"]} == {True, False}
    for vector in vectors["vectors"]:
        sent = {
            "webhook-id": vector["id"],
            "webhook-timestamp": str(vector["timestamp"]),
            "webhook-signature": vector["signature"],
        }
        body = vector["body"].encode()
        if vector["valid"]:
            assert verify(key, sent, body, now_seconds=vector["timestamp"]) == vector["id"]
        else:
            with pytest.raises(NotGenuine):
                verify(key, sent, body, now_seconds=vector["timestamp"])


def test_what_we_sign_verifies():
    assert verify(KEY, headers(), BODY, now_seconds=NOW) == "msg_1"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_clock_five_minutes_off_is_tolerated(seconds):
    assert verify(KEY, headers(), BODY, now_seconds=NOW + seconds) == "msg_1"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (headers(webhook_id=None), "webhook-id is missing"),
        (headers(webhook_timestamp=None), "webhook-timestamp is missing"),
        (headers(webhook_signature=None), "webhook-signature is missing"),
        (headers(webhook_timestamp="today"), "no number"),
        (headers(webhook_timestamp="-1"), "no number"),
        (headers(webhook_timestamp="٣"), "no number"),
        (headers(webhook_timestamp=str(NOW + 1)), "no signature matches"),
        (headers(webhook_id="msg_2"), "no signature matches"),
        (headers(webhook_signature="v1,"), "no signature matches"),
        (headers(webhook_signature="é"), "no signature matches"),
    ],
)
def test_a_webhook_with_wrong_headers_is_refused_with_the_reason(sent, reason):
    with pytest.raises(NotGenuine, match=reason):
        verify(KEY, sent, BODY, now_seconds=NOW)


@pytest.mark.parametrize(("seconds", "reason"), [(301, "older"), (-301, "ahead")])
def test_a_timestamp_more_than_five_minutes_off_is_refused(seconds, reason):
    with pytest.raises(NotGenuine, match=reason):
        verify(KEY, headers(), BODY, now_seconds=NOW + seconds)


def test_a_body_changed_by_one_byte_is_refused():
    with pytest.raises(NotGenuine, match="no signature matches"):
        verify(KEY, headers(), BODY.replace(b"p", b"P", 1), now_seconds=NOW)


def test_one_of_several_signatures_is_enough_while_a_secret_is_replaced():
    both = "v1,bm90IG91cnM= " + headers()["webhook-signature"]
    assert verify(KEY, headers(webhook_signature=both), BODY, now_seconds=NOW) == "msg_1"


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "starts with whsec_"),
        ("whsec_", "24 to 64 bytes, not 0"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "not 23"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "not 65"),
        ("whsec_not base64 at all", "no base64"),
    ],
)
def test_a_secret_that_is_none_is_refused_with_the_reason(secret, reason):
    with pytest.raises(ValueError, match=reason):
        parse_secret(secret)


def test_while_a_secret_is_rotated_both_verify_and_the_newest_signs_first():
    newest, older = (parse_secret(new_secret()) for _ in range(2))
    sent = signed_headers([newest, older], "msg_1", NOW, BODY)
    for key in (newest, older):
        assert verify(key, sent, BODY, now_seconds=NOW) == "msg_1"
    first, second = sent["webhook-signature"].split(" ")
    assert first == sign(newest, "msg_1", NOW, BODY)
    assert second == sign(older, "msg_1", NOW, BODY)


def test_a_new_secret_is_another_each_time_and_has_32_bytes():
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(parse_secret(first)) == 32
