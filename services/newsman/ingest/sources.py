"""Who may push: the sources file, and finding the source that a key belongs to."""

import hashlib
import hmac
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsman.settings import SettingsError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,98}")
_KEY = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Source:
    """One newsroom system: its name in ids, the digests of its keys, and its defaults."""

    id: str
    name: str
    keys: tuple[str, ...]
    language: str | None
    section: str | None
    timezone: tzinfo


class Sources:
    """The sources file, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._sources: tuple[Source, ...] = ()
        self.refresh()

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

    def find(self, authorization: str | None) -> Source | None:
        """The source of an `Authorization: Bearer KEY` header (RFC 6750); None if nobody's."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return None
        digest = "sha256:" + hashlib.sha256(key.strip().encode()).hexdigest()
        found = None
        # Every key is compared, so that the time says nothing about which one was close.
        for source in self._sources:
            for known in source.keys:
                if hmac.compare_digest(known, digest):
                    found = source
        return found


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
    return tuple(_source(name, entry, wrong) for name, entry in entries.items())


def _source(name: str, entry: Any, wrong: Callable[[str], SettingsError]) -> Source:
    if not _NAME.fullmatch(name):
        raise wrong(f"the source name {name!r} may hold only a-z, 0-9, - and _")
    if not isinstance(entry, Mapping):
        raise wrong(f"sources.{name} must be a table")
    keys = entry.get("keys", [])
    if not isinstance(keys, list) or not keys or not all(_is_digest(key) for key in keys):
        raise wrong(f"sources.{name}.keys: a list of 'sha256:' and 64 hexadecimal digits")
    try:
        zone = ZoneInfo(str(entry.get("timezone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise wrong(f"sources.{name}.timezone: {entry.get('timezone')!r} is no zone") from error
    return Source(
        id=name,
        name=str(entry.get("name", name)),
        keys=tuple(keys),
        language=entry.get("language"),
        section=entry.get("section"),
        timezone=zone,
    )


def _is_digest(key: Any) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None
