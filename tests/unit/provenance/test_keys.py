"""Keys of statements: made, read, refused, and the set of the public ones."""

import json
from datetime import timedelta
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newsman.provenance.base64url import decoded
from newsman.provenance.keys import (
    BadKeys,
    check_key,
    ensure_key,
    key_id,
    key_set_document,
    make_key,
    read_key_set,
    read_keys_file,
    read_signing_key,
    revoke_key,
)
from newsman.provenance.keys_file import KeysFile

from .conftest import NOON

DAY = timedelta(days=1)
OKP = {"kty": "OKP", "crv": "Ed25519"}
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
ID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
"""A key of RFC 8037, appendix A, and its thumbprint."""


def test_a_key_has_the_id_of_rfc_8037():
    public = Ed25519PublicKey.from_public_bytes(decoded(X))
    assert key_id(public) == ID


def test_a_new_key_signs_and_those_before_it_expire(tmp_path, keys_file):
    first = make_key(tmp_path / "first.pem", keys_file, now=NOON, overlap=DAY)
    second = make_key(tmp_path / "second.pem", keys_file, now=NOON + 9 * DAY, overlap=DAY)
    third = make_key(tmp_path / "third.pem", keys_file, now=NOON + 20 * DAY, overlap=DAY)
    keys = read_keys_file(keys_file)
    assert [keys[one].expires_at for one in (first, second, third)] == [
        NOON + 10 * DAY,
        NOON + 21 * DAY,
        None,
    ]
    assert read_signing_key(tmp_path / "third.pem").id == third
    assert ((tmp_path / "first.pem").stat().st_mode & 0o777) == 0o600
    assert (keys_file.stat().st_mode & 0o777) == 0o644
    assert all("d" not in entry for entry in json.loads(keys_file.read_text())["keys"])


def test_a_key_never_takes_the_place_of_another_file(tmp_path, keys_file):
    make_key(tmp_path / "key.pem", keys_file, now=NOON, overlap=DAY)
    before = keys_file.read_text()
    with pytest.raises(BadKeys, match="is there already"):
        make_key(tmp_path / "key.pem", keys_file, now=NOON, overlap=DAY)
    assert keys_file.read_text() == before


def test_a_key_is_ensured_once_and_its_public_key_again_when_the_set_lacks_it(tmp_path, keys_file):
    key_file = tmp_path / "ensured.pem"
    made = ensure_key(key_file, keys_file, now=NOON)
    assert ensure_key(key_file, keys_file, now=NOON + DAY) == made
    public = read_keys_file(keys_file)[made]
    assert (list(read_keys_file(keys_file)), public.expires_at) == ([made], None)
    keys_file.unlink()
    assert ensure_key(key_file, keys_file, now=NOON) == made
    check_key(read_signing_key(key_file), keys_file, NOON)
    key_file.unlink()
    other = ensure_key(key_file, keys_file, now=NOON)
    assert read_keys_file(keys_file)[made].expires_at == NOON
    assert read_keys_file(keys_file)[other].expires_at is None


def test_a_key_that_everybody_may_read_is_refused(tmp_path, keys_file):
    make_key(tmp_path / "key.pem", keys_file, now=NOON, overlap=DAY)
    (tmp_path / "key.pem").chmod(0o644)
    with pytest.raises(BadKeys, match="chmod 600"):
        read_signing_key(tmp_path / "key.pem")


def test_files_that_hold_no_such_key_are_refused(tmp_path):
    path = tmp_path / "key.pem"
    with pytest.raises(BadKeys, match="cannot be read"):
        read_signing_key(path)
    path.touch(0o600)
    with pytest.raises(BadKeys, match="no private key in PEM"):
        read_signing_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadKeys, match="Ed25519 is needed"):
        read_signing_key(path)


def test_a_key_signs_only_if_everybody_can_check_it(tmp_path, keys_file):
    make_key(tmp_path / "first.pem", keys_file, now=NOON, overlap=DAY)
    key = read_signing_key(tmp_path / "first.pem")
    check_key(key, keys_file, NOON)
    with pytest.raises(BadKeys, match="nobody could check"):
        check_key(key, None, NOON)
    make_key(tmp_path / "next.pem", keys_file, now=NOON, overlap=DAY)
    check_key(key, keys_file, NOON)
    with pytest.raises(BadKeys, match="signs no more"):
        check_key(key, keys_file, NOON + 2 * DAY)
    make_key(tmp_path / "other.pem", tmp_path / "others.json", now=NOON, overlap=DAY)
    with pytest.raises(BadKeys, match="lacks its public key"):
        check_key(key, tmp_path / "others.json", NOON)


def test_a_revoked_key_is_told_as_one(tmp_path, keys_file):
    made = make_key(tmp_path / "key.pem", keys_file, now=NOON, overlap=DAY)
    revoke_key(keys_file, made, now=NOON + DAY, reason="stolen")
    assert read_keys_file(keys_file)[made].revoked_at == NOON + DAY
    with pytest.raises(BadKeys, match="has no key"):
        revoke_key(keys_file, "another", now=NOON, reason="")


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"keys": 1}',
        '{"keys": [7]}',
        json.dumps({"keys": [{**OKP, "x": "c2hvcnQ"}]}),
        json.dumps({"keys": [{**OKP, "x": 7}]}),
        json.dumps({"keys": [OKP]}),
        json.dumps({"keys": [{**OKP, "x": X, "exp": "never"}]}),
        json.dumps({"keys": [{**OKP, "x": X, "exp": 1e300}]}),
        json.dumps({"keys": [{**OKP, "x": X, "revoked": 1}]}),
        json.dumps({"keys": [{**OKP, "x": X, "d": "private"}]}),
        json.dumps({"keys": [{**OKP, "x": X, "kid": "another"}]}),
        "[" * 100_000,
        " " * 300_000,
    ],
)
def test_a_set_that_is_none_is_refused_in_words(text):
    with pytest.raises(BadKeys, match="the set"):
        read_key_set(text.encode(), name="the set")


def test_keys_of_other_kinds_are_passed_over_and_not_served():
    other = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
    ours = {**OKP, "x": X, "kid": ID, "note": "ours"}
    raw = json.dumps({"keys": [other, ours]})
    assert len(read_key_set(raw.encode(), name="the set")) == 1
    (served,) = key_set_document(raw.encode(), name="the set")["keys"]
    assert served["x"] == X
    assert "note" not in served


def test_the_file_is_read_again_when_it_changes_and_kept_while_it_is_wrong(tmp_path, keys_file):
    first = make_key(tmp_path / "first.pem", keys_file, now=NOON, overlap=DAY)
    seconds = count(0, 2)
    file = KeysFile(keys_file, lambda: next(seconds))
    assert set(file.content.keys) == {first}
    second = make_key(tmp_path / "second.pem", keys_file, now=NOON, overlap=DAY)
    assert set(file.content.keys) == {first, second}
    assert len(file.content.document["keys"]) == 2
    keys_file.write_text("broken")
    assert set(file.content.keys) == {first, second}
    keys_file.unlink()
    assert set(file.content.keys) == {first, second}
