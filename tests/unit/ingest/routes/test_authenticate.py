"""Signatures, rates, limits and the sources file that says who has which."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC

import pytest

from newsman.ingest.sources.rate_limit import PushRates, TooOften
from newsman.ingest.sources.signatures import UnusableSignature, read_signature
from newsman.ingest.sources.sources_file import Sources, read_sources
from newsman.runtime.settings_error import SettingsError
from newsman.web.signed_requests import RequestHead, signature_headers, signed_text

BODY = b'{"guid": "urn:story:1"}'
NOW = 1_772_366_400


def superdesk(secret: str, body: bytes = BODY) -> RequestHead:
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return with_headers(HEAD, x_superdesk_signature=f"sha1={digest}")


HEAD = RequestHead("POST", "/v1/articles?format=ninjs", (("content-type", "application/json"),))


def signed(secret: str, *, at: int = NOW, head: RequestHead = HEAD, body: bytes = BODY, **other):
    """The head with the headers of a signature in scheme v2."""
    return with_headers(
        head, **signature_headers(head, body, secret, now=at, request_id="a-new-id"), **other
    )


def with_headers(head: RequestHead, **headers: str) -> RequestHead:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = [(name, value) for name, value in head.headers if name not in named]
    return replace(head, headers=(*kept, *named.items()))


def read(head: RequestHead):
    return read_signature(head, now=NOW)


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


@pytest.mark.parametrize("sign", [superdesk, signed])
@pytest.mark.parametrize(
    ("secret", "name"), [("secret of a", "a"), ("older secret", "a"), ("secret of b", "b")]
)
def test_the_signer_is_found_by_the_signature(tmp_path, sign, secret, name):
    assert sources(tmp_path, TWO).find_signed(read(sign(secret)), BODY).id == name


@pytest.mark.parametrize("sign", [superdesk, signed])
def test_another_body_or_secret_is_nobodys(tmp_path, sign):
    known = sources(tmp_path, TWO)
    assert known.find_signed(read(sign("secret of a")), BODY + b" ") is None
    assert known.find_signed(read(sign("a secret of c")), BODY) is None


@pytest.mark.parametrize(
    ("key", "body", "digest"),
    [
        # RFC 2202 section 3, cases 1 and 2.
        ("\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ("Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    ],
)
def test_superdesks_signature_is_the_hmac_that_the_rfc_computes(key, body, digest):
    signature = read(with_headers(HEAD, x_superdesk_signature=f"sha1={digest}"))
    assert signature.is_of(key, signature.text(body))
    assert not signature.is_of(key, signature.text(body + b"\n"))


@pytest.mark.parametrize("off", [0, 299, -299])
def test_a_signature_counts_for_five_minutes(tmp_path, off):
    signature = read(signed("secret of b", at=NOW + off))
    assert sources(tmp_path, TWO).find_signed(signature, BODY).id == "b"


@pytest.mark.parametrize("off", [301, -301, 10**9])
def test_an_old_or_early_signature_does_not_count(off):
    with pytest.raises(UnusableSignature, match="300 s off"):
        read(signed("secret of b", at=NOW + off))


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/v1/events?format=ninjs"},
        {"target": "/v1/articles"},
        {"target": "/v1/articles?format=rss"},
        {"target": "/v1/articles?format=ninjs&"},
        {"target": "/v1/%61rticles?format=ninjs"},
        {"target": "//v1/articles?format=ninjs"},
        {"x_newsman_timestamp": str(NOW + 1)},
        {"x_newsman_timestamp": f"0{NOW}"},
        {"x_newsman_id": "another-id"},
        {"content_type": "application/ninjs+json"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": ""},
        {"content_encoding": "gzip"},
        {"idempotency_key": "another"},
        {"ce_type": "newsman.article-received"},
    ],
)
def test_a_signature_covers_all_that_gives_a_push_its_meaning(tmp_path, changed):
    head = signed("secret of b")
    parts = {name: value for name, value in changed.items() if hasattr(head, name)}
    headers = {name: value for name, value in changed.items() if name not in parts}
    signature = read(with_headers(replace(head, **parts), **headers))
    assert sources(tmp_path, TWO).find_signed(signature, BODY) is None


def test_what_is_covered_can_be_sent(tmp_path):
    more = {"content_encoding": "gzip", "idempotency_key": "k", "ce_type": "t", "ce_id": "i"}
    signature = read(signed("secret of b", head=with_headers(HEAD, **more)))
    assert sources(tmp_path, TWO).find_signed(signature, BODY).id == "b"


def test_no_part_of_the_text_can_be_taken_for_another(tmp_path):
    """What one line holds could else be moved into the next."""
    head = with_headers(HEAD, content_type="a", content_encoding="b")
    moved = with_headers(HEAD, content_type="a\nb", content_encoding="")
    texts = [
        signed_text(each, timestamp="1", request_id="i" * 8, body_sha256="0")
        for each in (head, moved)
    ]
    assert texts[0] != texts[1]
    assert texts[0].count(b"\n") == 7


@pytest.mark.parametrize(
    "name",
    ["x-newsman-signature", "x-newsman-id", "x-newsman-timestamp", "content-type"]
    + ["content-encoding", "idempotency-key", "ce-type", "x-superdesk-signature"],
)
def test_a_covered_header_that_comes_twice_is_refused(name):
    head = signed("secret of b", head=with_headers(HEAD, content_encoding="gzip", ce_type="t"))
    if name == "x-superdesk-signature":
        head = superdesk("secret of b")
    twice = replace(head, headers=(*head.headers, (name, "once"), (name, "again")))
    with pytest.raises(UnusableSignature, match=f"{name} came more than once"):
        read(twice)


@pytest.mark.parametrize("sign", ["\xa0", "\x0b", "\x0c", "\x85", "\x1f"])
def test_a_sign_that_only_looks_like_a_blank_is_covered(tmp_path, sign):
    changed = with_headers(signed("secret of b"), content_type=f"application/json{sign}")
    assert sources(tmp_path, TWO).find_signed(read(changed), BODY) is None
    padded = with_headers(signed("secret of b"), content_type=" application/json\t")
    assert sources(tmp_path, TWO).find_signed(read(padded), BODY).id == "b"


def test_no_signature_is_none():
    assert read(HEAD) is None


V2 = {"x_newsman_signature": "v2=" + "0" * 64, "x_newsman_timestamp": str(NOW)}


@pytest.mark.parametrize(
    "headers",
    [
        {"x_superdesk_signature": ""},
        {"x_superdesk_signature": "sha1="},
        {"x_superdesk_signature": "sha256=" + "0" * 64},
        {"x_superdesk_signature": "sha1=" + "é" * 10},
        V2,
        {**V2, "x_newsman_id": "short"},
        {**V2, "x_newsman_id": "with a blank"},
        {**V2, "x_newsman_id": "two\nlines-of-it"},
        {**V2, "x_newsman_id": "i" * 129},
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_timestamp": "yesterday"},
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_timestamp": "²"},
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_timestamp": "-1"},
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_signature": "v2=" + "0" * 63},
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_signature": "v1=" + "0" * 64},
        # Time and body alone, as it was once.
        {**V2, "x_newsman_id": "a-new-id", "x_newsman_signature": "sha256=" + "0" * 64},
    ],
)
def test_what_is_no_signature_is_refused(headers):
    with pytest.raises(UnusableSignature):
        read(with_headers(HEAD, **headers))


@pytest.mark.parametrize("scheme", ["x_superdesk_signature", "x_newsman_signature"])
def test_a_signature_of_odd_characters_is_nobodys(tmp_path, scheme):
    odd = {"x_superdesk_signature": "sha1=" + "é" * 40, "x_newsman_signature": "v2=" + "é" * 64}
    signature = read(
        with_headers(signed("secret of a"), **{scheme: odd[scheme]})
        if scheme == "x_newsman_signature"
        else with_headers(HEAD, **{scheme: odd[scheme]})
    )
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
        ("keys = []\nunsigned_binary_checks = 1", "unsigned_binary_checks"),
        ('keys = []\nedits_rankings = "true"', "edits_rankings"),
    ],
)
def test_a_wrong_entry_is_named(entry, named):
    with pytest.raises(SettingsError, match=f"sources.a.*{named}"):
        read_sources(f"[sources.a]\n{entry}\n".encode(), where="here")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (f"[sources.a]\nkeys = ['sha256:{'0' * 64}']\n[sources.b]\nkeys = ['sha256:{'0' * 64}']",
         "sources.a and sources.b share one of their keys"),
        ("[sources.a]\nsecrets = ['the same one']\n[sources.b]\nsecrets = ['b', 'the same one']"
         .replace("'b'", "'another one'"),
         "sources.a and sources.b share one of their secrets"),
        ("[sources.city-desk]\nkeys = []\n[sources.city_desk]\nkeys = []",
         "sources.city-desk and sources.city_desk are one name to readers"),
    ],
)  # fmt: skip
def test_two_sources_that_could_be_taken_for_one_another_are_refused(entries, said):
    with pytest.raises(SettingsError, match=said):
        read_sources(entries.encode(), where="here")


def test_a_secret_listed_twice_by_one_source_is_its_own():
    (source,) = read_sources(b"[sources.a]\nsecrets = ['one secret', 'one secret']", where="here")
    assert source.id == "a"


@pytest.mark.parametrize(("mode", "is_told"), [(0o644, True), (0o602, True), (0o640, False)])
def test_a_sources_file_that_others_can_open_is_named_in_the_log(tmp_path, caplog, mode, is_told):
    path = tmp_path / "sources.toml"
    path.write_text(TWO)
    path.chmod(mode)
    Sources(path)
    assert (f"{path} is open to other users ({mode:04o})" in caplog.text) is is_told


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
