"""Keys of statements: the private one in a file of its own, the public ones as a JWK Set.

RFC 7517 (JWK), RFC 8037 (Ed25519), RFC 7638 (thumbprints). `exp` and `revoked` of a key are those
of OpenID Federation 1.0, section 8.7.2: until when it signed, and since when it is not trusted.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from newsman.provenance.base64url import decoded, encoded
from newsman.provenance.canonical_json import canonical_json
from newsman.runtime.private_files import exposure, open_private, replace_private

PUBLIC_MODE = 0o644
KEYS_PATH = "/.well-known/jwks.json"
"""Where a site serves its public keys."""
MOST_BYTES = 256 * 1024
MOST_KEYS = 500


class BadKeys(ValueError):
    """A file of keys that can't be used; the text says why, and what to do."""


@dataclass(frozen=True)
class SigningKey:
    """The key that signs, and the id under which its public key is known."""

    id: str
    private: Ed25519PrivateKey


@dataclass(frozen=True)
class PublicKey:
    """A key that statements are checked with; `expires_at` is when it ceased to sign."""

    id: str
    public: Ed25519PublicKey
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


KeySet = Mapping[str, PublicKey]
"""Public keys by their ids."""


def key_id(public: Ed25519PublicKey) -> str:
    """The key's thumbprint (RFC 7638 section 3, RFC 8037 appendix A.3)."""
    return encoded(hashlib.sha256(canonical_json(_required(public))).digest())


def read_signing_key(path: Path) -> SigningKey:
    """The Ed25519 key in a PEM file (PKCS #8); raises BadKeys."""
    try:
        if (mode := exposure(path)) is not None:
            raise BadKeys(f"{path} may be read by everybody ({mode}): chmod 600 {path}")
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise BadKeys(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if isinstance(error, BadKeys):
            raise
        raise BadKeys(f"{path} holds no private key in PEM without a password") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadKeys(f"{path} holds a key of another kind; Ed25519 is needed")
    return SigningKey(key_id(private.public_key()), private)


def read_keys_file(path: Path) -> KeySet:
    """The public keys in a file; raises BadKeys."""
    return read_key_set(read_content(path), name=str(path))


def check_key(key: SigningKey, keys_file: Path | None, now: datetime) -> None:
    """Raises BadKeys unless statements of the key can be checked by the public keys in a file."""
    if keys_file is None:
        raise BadKeys("NEWSMAN_SIGNING_KEYS_FILE is not set: nobody could check what it signs")
    public = read_keys_file(keys_file).get(key.id)
    if public is None:
        raise BadKeys(f"{keys_file} lacks its public key {key.id}")
    if public.revoked_at is not None or (public.expires_at and public.expires_at <= now):
        raise BadKeys(f"{keys_file} says that {key.id} signs no more; newsman provenance keygen")


def read_key_set(raw: bytes, *, name: str) -> KeySet:
    """The Ed25519 keys of a JWK Set; others in it are passed over. Raises BadKeys."""
    keys = (_read_jwk(entry, name) for entry in _entries(raw, name))
    return {key.id: key for key in keys if key is not None}


def key_set_document(raw: bytes, *, name: str) -> dict[str, Any]:
    """A JWK Set with nothing in it but public keys, as it is served; raises BadKeys."""
    served = ("kty", "crv", "x", "kid", "use", "alg", "iat", "exp", "revoked")
    known = read_key_set(raw, name=name)
    entries = (entry for entry in _entries(raw, name) if entry.get("kid") in known)
    return {"keys": [{part: e[part] for part in served if part in e} for e in entries]}


def make_key(key_file: Path, keys_file: Path, *, now: datetime, overlap: timedelta) -> str:
    """Makes a key, adds its public key to the set, and lets the keys before it expire after the
    overlap; answers its id. Raises BadKeys, leaving both files as they were."""
    entries = _entries(read_content(keys_file), str(keys_file)) if keys_file.exists() else []
    if len(entries) >= MOST_KEYS:
        raise BadKeys(f"{keys_file} holds {MOST_KEYS} keys, more are not read")
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    until = int((now + overlap).timestamp())
    aged = [{**entry, "exp": min(until, int(entry.get("exp", until)))} for entry in entries]
    made = _entry_of(private.public_key(), now)
    try:
        with os.fdopen(open_private(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            file.write(pem)
    except FileExistsError as error:
        raise BadKeys(f"{key_file} is there already; a new key goes into a new file") from error
    _write_keys(keys_file, [*aged, made])
    return str(made["kid"])


def ensure_key(key_file: Path, keys_file: Path, *, now: datetime) -> str:
    """Makes a key unless there is one, and adds its public key to the set if that lacks it; answers
    its id. Raises BadKeys."""
    if not key_file.exists():
        return make_key(key_file, keys_file, now=now, overlap=timedelta())
    key = read_signing_key(key_file)
    entries = _entries(read_content(keys_file), str(keys_file)) if keys_file.exists() else []
    if all(entry.get("kid") != key.id for entry in entries):
        _write_keys(keys_file, [*entries, _entry_of(key.private.public_key(), now)])
    return key.id


def revoke_key(keys_file: Path, wanted: str, *, now: datetime, reason: str) -> None:
    """Notes in the set that statements of a key prove nothing any more; raises BadKeys."""
    entries = _entries(read_content(keys_file), str(keys_file))
    if not any(entry.get("kid") == wanted for entry in entries):
        raise BadKeys(f"{keys_file} has no key {wanted}")
    revoked = {"revoked_at": int(now.timestamp()), "reason": reason}
    _write_keys(
        keys_file, [e | ({"revoked": revoked} if e.get("kid") == wanted else {}) for e in entries]
    )


def _required(public: Ed25519PublicKey) -> dict[str, Any]:
    return {"crv": "Ed25519", "kty": "OKP", "x": encoded(public.public_bytes_raw())}


def _entry_of(public: Ed25519PublicKey, now: datetime) -> dict[str, Any]:
    made = {**_required(public), "kid": key_id(public), "use": "sig", "alg": "EdDSA"}
    return {**made, "iat": int(now.timestamp())}


def read_content(path: Path) -> bytes:
    """The bytes of a file of keys, no more than make a set that is read; raises BadKeys."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadKeys(f"{path} cannot be read: {error.strerror}") from error


def _entries(raw: bytes, name: str) -> list[dict[str, Any]]:
    if len(raw) > MOST_BYTES:
        raise BadKeys(f"{name} is larger than {MOST_BYTES} bytes")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadKeys(f"{name} is no JSON") from error
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise BadKeys(f"{name} is no JWK Set (RFC 7517): an object with a list of keys")
    return entries[:MOST_KEYS]


def _read_jwk(entry: Mapping[str, Any], name: str) -> PublicKey | None:
    if (entry.get("kty"), entry.get("crv")) != ("OKP", "Ed25519"):
        return None
    if "d" in entry:
        raise BadKeys(f"{name} holds a private key; only public keys belong there")
    try:
        public = Ed25519PublicKey.from_public_bytes(decoded(entry["x"]))
        expires_at = _moment(entry.get("exp"))
        revoked = entry.get("revoked")
        revoked_at = _moment(revoked["revoked_at"]) if revoked is not None else None
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadKeys(f"{name} holds an Ed25519 key that is none") from error
    named = key_id(public)
    if entry.get("kid", named) != named:
        raise BadKeys(f"{name}: the key {named} stands there under another id")
    return PublicKey(named, public, expires_at, revoked_at)


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


def _write_keys(path: Path, entries: list[dict[str, Any]]) -> None:
    text = json.dumps({"keys": entries}, indent=2) + "\n"
    replace_private(path, text.encode(), mode=PUBLIC_MODE)
