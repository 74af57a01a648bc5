"""Signatures, rates, limits and the sources file that says who has which."""

import hashlib
import hmac
from datetime import UTC

import pytest

from newsman.ingest.rates import PushRates, TooOften
from newsman.ingest.signatures import read_signature
from newsman.ingest.sources import Sources, read_sources
from newsman.settings import SettingsError

BODY = b'{"guid": "urn:story:1"}'
NOW = 1_772_366_400


def superdesk(secret: str, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return {"x-superdesk-signature": f"sha1={digest}"}


def timed(secret: str, at: int, body: bytes = BODY) -> dict[str, str]:
    signed = f"{at}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"x-newsman-signature": f"sha256={digest}", "x-newsman-timestamp": str(at)}


def sources(tmp_path, text: str) -> Sources:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    return Sources(path)


TWO = """
[sources.a]
secrets = ["secret of a", "older secret"]
[sources.b]
secrets = ["secret of b"]
"""


@pytest.mark.parametrize(
    ("secret", "name"), [("secret of a", "a"), ("older secret", "a"), ("secret of b", "b")]
)
def test_the_signer_is_found_by_the_signature(tmp_path, secret, name):
    signature = read_signature(superdesk(secret), now=NOW)
    assert sources(tmp_path, TWO).find_signed(signature, BODY).id == name


def test_another_body_or_secret_is_nobodys(tmp_path):
    known = sources(tmp_path, TWO)
    assert known.find_signed(read_signature(superdesk("secret of a"), now=NOW), BODY + b" ") is None
    assert known.find_signed(read_signature(superdesk("a secret of c"), now=NOW), BODY) is None


@pytest.mark.parametrize(
    ("key", "body", "digest"),
    [
        # RFC 2202 section 3, cases 1 and 2.
        ("\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ("Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    ],
)
def test_a_signature_is_the_hmac_that_the_rfc_computes(key, body, digest):
    signature = read_signature({"x-superdesk-signature": f"sha1={digest}"}, now=NOW)
    assert signature.is_of(key, body)
    assert not signature.is_of(key, body + b"\n")


@pytest.mark.parametrize("off", [0, 299, -299])
def test_a_timed_signature_counts_for_five_minutes(tmp_path, off):
    signature = read_signature(timed("secret of b", NOW + off), now=NOW)
    assert sources(tmp_path, TWO).find_signed(signature, BODY).id == "b"


@pytest.mark.parametrize("off", [301, -301, 10**9])
def test_an_old_or_early_timed_signature_does_not_count(off):
    assert read_signature(timed("secret of b", NOW + off), now=NOW) is None


def test_a_timed_signature_covers_its_time(tmp_path):
    headers = {**timed("secret of b", NOW), "x-newsman-timestamp": str(NOW + 1)}
    signature = read_signature(headers, now=NOW)
    assert sources(tmp_path, TWO).find_signed(signature, BODY) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-superdesk-signature": ""},
        {"x-superdesk-signature": "sha1="},
        {"x-superdesk-signature": "sha256=" + "0" * 64},
        {"x-superdesk-signature": "sha1=" + "é" * 10},
        {"x-newsman-signature": "sha256=" + "0" * 64},
        {"x-newsman-signature": "sha256=" + "0" * 64, "x-newsman-timestamp": "yesterday"},
        {"x-newsman-signature": "sha256=" + "0" * 64, "x-newsman-timestamp": "²"},
    ],
)
def test_what_is_no_signature_is_none(headers):
    assert read_signature(headers, now=NOW) is None


def test_a_signature_of_odd_characters_is_nobodys(tmp_path):
    signature = read_signature({"x-superdesk-signature": "sha1=" + "é" * 40}, now=NOW)
    assert sources(tmp_path, TWO).find_signed(signature, BODY) is None


def test_a_source_has_its_own_formats_and_limits():
    (source,) = read_sources(
        b'[sources.a]\nkeys = []\nformats = ["ninjs"]\nmax_body_bytes = 10\npushes_per_minute = 2',
        where="here",
    )
    assert source.formats == {"ninjs"}
    assert (source.max_body_bytes, source.pushes_per_minute) == (10, 2)
    assert source.timezone.utcoffset(None) == UTC.utcoffset(None)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("", "keys or secrets"),
        ('secrets = ["short"]', "secrets"),
        ("secrets = 'a long enough secret'", "secrets"),
        ('keys = []\nformats = ["morse"]', "formats"),
        ("keys = []\nformats = []", "formats"),
        ("keys = []\nmax_body_bytes = 0", "max_body_bytes"),
        ("keys = []\npushes_per_minute = true", "pushes_per_minute"),
        ('keys = ["plain"]', "keys"),
    ],
)
def test_a_wrong_entry_is_named(entry, named):
    with pytest.raises(SettingsError, match=f"sources.a.*{named}"):
        read_sources(f"[sources.a]\n{entry}\n".encode(), where="here")


def test_a_secret_is_not_in_what_is_logged_of_a_source():
    (source,) = read_sources(b'[sources.a]\nsecrets = ["not to be seen"]', where="here")
    assert "not to be seen" not in repr(source)


def test_a_source_over_its_rate_hears_when_to_come_again():
    now = [100.0]
    rates = PushRates(clock=lambda: now[0])
    (slow,) = read_sources(b"[sources.a]\nkeys = []\npushes_per_minute = 2", where="here")
    rates.count(slow)
    now[0] = 110.0
    rates.count(slow)
    with pytest.raises(TooOften) as caught:
        rates.count(slow)
    assert caught.value.retry_after in (50, 51)
    now[0] = 160.0
    rates.count(slow)
    with pytest.raises(TooOften):
        rates.count(slow)
