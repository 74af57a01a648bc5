"""Sources that may push: the sources file, and finding the source that a key belongs to."""

import hashlib
import hmac
import logging
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newsman.ingest.formats.table import FORMATS
from newsman.ingest.sources.signatures import AnySignature
from newsman.runtime.private_files import exposure
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.names.slugs import slugify
from newsman_schemas.names.zones import zone_named

log = logging.getLogger(__name__)

MIN_SECRET = 8

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,98}")
_KEY = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Source:
    """One newsroom system: its name in ids, how it proves who it is, its limits and defaults.

    `keys` are digests of bearer keys, `secrets` sign bodies; `formats` are those that it may
    send (None: all), `max_body_bytes` its own limit below the service's. With
    `unsigned_binary_checks` anybody may ask whether it has sent a file, as Superdesk does; with
    `canonical_at_source` search engines are pointed to the `canonical_url` of its articles; with
    `embargo_keeps_earlier` its versions under embargo leave what was public before them.
    """

    id: str
    name: str
    keys: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)
    formats: frozenset[str] | None
    max_body_bytes: int | None
    pushes_per_minute: int | None
    language: str | None
    section: str | None
    timezone: tzinfo
    edits_rankings: bool = False
    edits_names: bool = False
    unsigned_binary_checks: bool = False
    canonical_at_source: bool = False
    embargo_keeps_earlier: bool = False


class Sources:
    """The sources file, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._sources: tuple[Source, ...] = ()
        self.refresh()

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources)

    def refresh(self) -> None:
        """Reads the file if it changed; raises SettingsError, keeping what it had."""
        try:
            state = self._path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if stamp == self._stamp:
                return
            content = self._path.read_bytes()
        except OSError as error:
            raise SettingsError(
                f"NEWSMAN_SOURCES_FILE: {self._path} can't be read: {error.strerror}"
            ) from error
        self._sources = read_sources(content, where=str(self._path))
        self._stamp = stamp
        if mode := exposure(self._path):
            log.warning("%s is open to other users (%s): chmod o-rw", self._path, mode)

    def find(self, authorization: str | None) -> Source | None:
        """The source of an `Authorization: Bearer KEY` header (RFC 6750); None if nobody's."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return None
        digest = "sha256:" + hashlib.sha256(key.strip().encode()).hexdigest()
        owner = None
        # Every key is compared, so that the time says nothing about which one was close.
        for source in self._sources:
            for key_digest in source.keys:
                if hmac.compare_digest(key_digest, digest):
                    owner = source
        return owner

    def find_signed(self, signature: AnySignature, body: bytes) -> Source | None:
        """The source one of whose secrets signed the push as it was sent; None if nobody's."""
        text = signature.text(body)
        signer = None
        for source in self._sources:
            for secret in source.secrets:
                if signature.is_of(secret, text):
                    signer = source
        return signer


def read_sources(content: bytes, *, where: str) -> tuple[Source, ...]:
    """The sources in a TOML document; raises SettingsError naming the entry that is wrong."""

    def wrong(text: str) -> SettingsError:
        return SettingsError(f"NEWSMAN_SOURCES_FILE: {where}: {text}")

    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong(f"not TOML: {error}") from error
    entries = document.get("sources")
    if not isinstance(entries, dict) or not entries:
        raise wrong("no source in it; example: [sources.desk] keys = ['sha256:…']")
    sources = tuple(_source(name, entry, wrong) for name, entry in entries.items())
    _check_that_all_are_told_apart(sources, wrong)
    return sources


def _check_that_all_are_told_apart(
    sources: tuple[Source, ...], wrong: Callable[[str], SettingsError]
) -> None:
    """A key that is two sources' would let one push as the other, and so would a secret."""
    for field_name in ("keys", "secrets"):
        for owners in _owners(sources, field_name).values():
            if len(owners) > 1:
                text = " and ".join(f"sources.{name}" for name in owners)
                raise wrong(f"{text} share one of their {field_name}; each needs its own")
    name_by_slug: dict[str, str] = {}
    for source in sources:
        # Readers choose a source by its slug.
        other = name_by_slug.setdefault(slugify(source.id), source.id)
        if other != source.id:
            raise wrong(f"sources.{other} and sources.{source.id} are one name to readers")


def _owners(sources: tuple[Source, ...], field_name: str) -> dict[str, list[str]]:
    """The names of the sources that have each of the keys or secrets."""
    owners: dict[str, list[str]] = {}
    for source in sources:
        for credential in set(getattr(source, field_name)):
            owners.setdefault(credential, []).append(source.id)
    return owners


def _source(name: str, entry: Any, wrong: Callable[[str], SettingsError]) -> Source:
    if not _NAME.fullmatch(name):
        raise wrong(f"the source name {name!r} may hold only a-z, 0-9, - and _")
    if not isinstance(entry, Mapping):
        raise wrong(f"sources.{name} must be a table")
    keys, secrets = _credentials(name, entry, wrong)
    return Source(
        id=name,
        name=str(entry.get("name", name)),
        keys=tuple(keys),
        secrets=tuple(secrets),
        formats=_formats(name, entry.get("formats"), wrong),
        max_body_bytes=_whole(name, entry, "max_body_bytes", wrong),
        pushes_per_minute=_whole(name, entry, "pushes_per_minute", wrong),
        language=_text(name, entry, "language", wrong),
        section=_text(name, entry, "section", wrong),
        timezone=_zone(name, entry.get("timezone", "UTC"), wrong),
        edits_rankings=_truth(name, entry, "edits_rankings", wrong),
        edits_names=_truth(name, entry, "edits_names", wrong),
        unsigned_binary_checks=_truth(name, entry, "unsigned_binary_checks", wrong),
        canonical_at_source=_truth(name, entry, "canonical_at_source", wrong),
        embargo_keeps_earlier=_truth(name, entry, "embargo_keeps_earlier", wrong),
    )


def _credentials(
    name: str, entry: Mapping[str, Any], wrong: Callable[[str], SettingsError]
) -> tuple[list[str], list[str]]:
    """The digests of the keys, and the secrets; a source needs one or the other."""
    keys, secrets = entry.get("keys", []), entry.get("secrets", [])
    if not isinstance(keys, list) or not all(_is_digest(key) for key in keys):
        raise wrong(f"sources.{name}.keys: a list of 'sha256:' and 64 hexadecimal digits")
    if not isinstance(secrets, list) or not all(_is_secret(secret) for secret in secrets):
        raise wrong(f"sources.{name}.secrets: a list of strings of {MIN_SECRET} characters or more")
    if "keys" not in entry and not secrets:
        raise wrong(f"sources.{name}: keys or secrets are needed (keys = [] for none)")
    return keys, secrets


def _zone(name: str, zone: Any, wrong: Callable[[str], SettingsError]) -> ZoneInfo:
    try:
        return zone_named(str(zone))
    except ValueError as error:
        raise wrong(f"sources.{name}.timezone: {zone!r} is no zone") from error


def _formats(
    name: str, formats: Any, wrong: Callable[[str], SettingsError]
) -> frozenset[str] | None:
    if formats is None:
        return None
    if not isinstance(formats, list) or not formats or any(f not in [*FORMATS] for f in formats):
        raise wrong(f"sources.{name}.formats: a list of some of {', '.join(FORMATS)}")
    return frozenset(formats)


def _whole(
    name: str, entry: Mapping[str, Any], field_name: str, wrong: Callable[[str], SettingsError]
) -> int | None:
    value = entry.get(field_name)
    if value is not None and (type(value) is not int or value < 1):
        raise wrong(f"sources.{name}.{field_name}: a whole number from 1 on")
    return value


def _text(
    name: str, entry: Mapping[str, Any], field_name: str, wrong: Callable[[str], SettingsError]
) -> str | None:
    value = entry.get(field_name)
    if value is not None and not isinstance(value, str):
        raise wrong(f"sources.{name}.{field_name}: a string")
    return value


def _truth(
    name: str, entry: Mapping[str, Any], field_name: str, wrong: Callable[[str], SettingsError]
) -> bool:
    value = entry.get(field_name, False)
    if not isinstance(value, bool):
        raise wrong(f"sources.{name}.{field_name}: true or false")
    return value


def _is_secret(secret: Any) -> bool:
    return isinstance(secret, str) and len(secret) >= MIN_SECRET


def _is_digest(key: Any) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None
