"""Signed pushes: what is covered, how old they may be, and what can't count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.sources.signatures import (
    TOLERANCE_SECONDS,
    BodySignature,
    RequestSignature,
    UnusableSignature,
    read_signature,
)
from newsman.web.signed_requests import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    RequestHead,
    signature_of,
)

NOW = 1_772_452_800
SECRET = "a secret of the desk"
REQUEST_ID = "push-0001"


def head(signature="v2=" + "0" * 64, at=NOW, request_id=REQUEST_ID, *, target="/push", **more):
    headers = {SIGNATURE_HEADER: signature, TIMESTAMP_HEADER: str(at), ID_HEADER: request_id}
    headers |= {"content-type": "application/json", **more}
    return RequestHead("POST", target, tuple(headers.items()))


def signed(body, **options):
    """A head whose signature is right for the body."""
    unsigned = read_signature(head(**options), now=NOW)
    return head("v2=" + signature_of(unsigned.text(body), SECRET), **options)


def is_signed(request_head, body, secret=SECRET):
    signature = read_signature(request_head, now=NOW)
    return signature.is_of(secret, signature.text(body))


def test_a_request_without_a_signature_has_none():
    assert read_signature(RequestHead("POST", "/push", ()), now=NOW) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_signature_is_of_its_body_and_of_no_other(body, other):
    request_head = signed(body)
    assert is_signed(request_head, body)
    assert is_signed(request_head, other) == (body == other)


@pytest.mark.parametrize(
    "changed",
    [
        {"target": "/push?format=rss"},
        {"target": "/push/"},
        {"at": NOW + 1},
        {"request_id": "push-0002"},
        {"content-type": "text/plain"},
        {"content-encoding": "gzip"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_nothing_that_is_covered_can_be_changed(changed):
    (signature,) = (v for k, v in signed(b"news").headers if k == SIGNATURE_HEADER)
    assert is_signed(head(signature), b"news")
    assert not is_signed(head(signature, **changed), b"news")


def test_the_secret_must_be_the_same_and_the_case_of_digits_does_not_matter():
    request_head = signed(b"news")
    assert not is_signed(request_head, b"news", secret=SECRET + " ")
    (signature,) = (v for k, v in request_head.headers if k == SIGNATURE_HEADER)
    assert is_signed(head("v2=" + signature[3:].upper()), b"news")


@pytest.mark.parametrize("off", [0, TOLERANCE_SECONDS, -TOLERANCE_SECONDS])
def test_clocks_may_differ_by_the_tolerance(off):
    assert isinstance(read_signature(head(at=NOW + off), now=NOW), RequestSignature)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": NOW + TOLERANCE_SECONDS + 1}, "more than 300 s off"),
        ({"at": NOW - TOLERANCE_SECONDS - 1}, "more than 300 s off"),
        ({"at": ""}, "takes Unix seconds"),
        ({"at": "-5"}, "takes Unix seconds"),
        ({"at": f"{NOW}.5"}, "takes Unix seconds"),
        ({"at": "١٧٧٢٤٥٢٨٠٠"}, "takes Unix seconds"),
        ({"at": "²"}, "takes Unix seconds"),
        ({"at": "9" * 13}, "takes Unix seconds"),
        ({"request_id": ""}, "takes 8 to 128"),
        ({"request_id": "short"}, "takes 8 to 128"),
        ({"request_id": "a" * 129}, "takes 8 to 128"),
        ({"request_id": "with a space"}, "takes 8 to 128"),
        ({"request_id": "line-end-\n"}, "takes 8 to 128"),
        ({"signature": "v1=" + "0" * 64}, "begins with v2="),
        ({"signature": "0" * 64}, "begins with v2="),
        ({"signature": ""}, "begins with v2="),
        ({"signature": "v2=" + "0" * 63}, "64 hexadecimal digits"),
        ({"signature": "v2=" + "0" * 65}, "64 hexadecimal digits"),
        ({"signature": "v2="}, "64 hexadecimal digits"),
    ],
)
def test_what_can_not_count_is_refused_with_the_reason(options, message):
    with pytest.raises(UnusableSignature, match=message):
        read_signature(head(**options), now=NOW)


@pytest.mark.parametrize(
    "repeated", [SIGNATURE_HEADER, TIMESTAMP_HEADER, ID_HEADER, "content-type"]
)
def test_a_header_that_stands_twice_says_nothing(repeated):
    request_head = head()
    doubled = RequestHead("POST", "/push", (*request_head.headers, (repeated, "other")))
    with pytest.raises(UnusableSignature, match=repeated):
        read_signature(doubled, now=NOW)


def test_superdesks_signature_is_of_the_body_alone():
    # The example of RFC 2202, test case 2.
    request_head = RequestHead(
        "POST", "/", (("x-superdesk-signature", "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),)
    )
    signature = read_signature(request_head, now=NOW)
    assert isinstance(signature, BodySignature)
    body = b"what do ya want for nothing?"
    assert signature.text(body) == body
    assert signature.is_of("Jefe", body)
    assert not signature.is_of("jefe", body)


@pytest.mark.parametrize("sent", ["sha1=", "sha1=ab", "sha256=" + "0" * 40, "0" * 40])
def test_a_broken_signature_of_superdesk_is_refused(sent):
    with pytest.raises(UnusableSignature):
        read_signature(RequestHead("POST", "/", (("x-superdesk-signature", sent),)), now=NOW)


def test_a_request_signed_anew_later_has_the_same_fingerprint():
    first = read_signature(head(at=NOW), now=NOW)
    later = read_signature(head(at=NOW + 60), now=NOW + 60)
    assert first.fingerprint(b"news") == later.fingerprint(b"news")
    assert first.fingerprint(b"news") != first.fingerprint(b"other news")
    other = read_signature(head(request_id="push-0002"), now=NOW)
    assert first.fingerprint(b"news") != other.fingerprint(b"news")
