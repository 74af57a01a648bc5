"""A poller's memory of each feed between two visits and two runs."""

import fcntl
import json
import logging
import os
import threading
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from newsman.runtime.private_files import make_private_folder, replace_private
from newsman.runtime.settings_error import SettingsError
from newsman.tools.push.fetching import Validators

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Feed:
    """One feed; times are seconds since 1970."""

    validated_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    refused: str | None = None
    moved_to: str | None = None
    not_before: float = 0.0
    failures: int = 0
    gone: bool = False

    @property
    def validators(self) -> Validators | None:
        """The conditions of the next request."""
        if self.validated_url is None:
            return None
        return Validators(self.validated_url, self.etag, self.last_modified)


class PollState:
    """The feeds of one ingest in a JSON file, replaced as a whole at every change."""

    def __init__(self, path: Path, ingest_url: str) -> None:
        self._path = path
        self._ingest_url = ingest_url
        self._lock = threading.Lock()
        self._held: int | None = None
        self._feeds: dict[str, dict[str, Feed]] = {}

    def open(self) -> None:
        """Locks and reads the file; raises SettingsError."""
        try:
            make_private_folder(self._path.parent)
            lock = self._path.with_name(self._path.name + ".lock")
            self._held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._feeds = self._read()
            self._write()
        except BlockingIOError as error:
            text = f"{self._path} is in use by another newsman poll; name another --state"
            raise SettingsError(text) from error
        except OSError as error:
            raise SettingsError(f"--state {self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Gives the lock back."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def get(self, url: str) -> Feed:
        """The known state of the feed."""
        with self._lock:
            return self._feeds.get(self._ingest_url, {}).get(url, Feed())

    def put(self, url: str, feed: Feed) -> None:
        """Remembers it, on disk before this returns unless the disk does not take it."""
        with self._lock:
            self._feeds.setdefault(self._ingest_url, {})[url] = feed
            try:
                self._write()
            except OSError as error:
                log.error("%s cannot be written, it is older now: %s", self._path, error.strerror)

    def _read(self) -> dict[str, dict[str, Feed]]:
        try:
            document = json.loads(self._path.read_bytes())
            return {
                ingest: {url: _feed(entry) for url, entry in feeds.items()}
                for ingest, feeds in document["ingests"].items()
            }
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError, AttributeError):
            # ingest recognises items that it already has, so starting over is harmless.
            log.warning("%s is no state of a poller; every feed is sent again", self._path)
            return {}

    def _write(self) -> None:
        ingests = {
            ingest: {url: _entry(feed) for url, feed in feeds.items()}
            for ingest, feeds in self._feeds.items()
        }
        # Addresses of feeds may hold tokens.
        replace_private(self._path, json.dumps({"ingests": ingests}, indent=1).encode("ascii"))


def _entry(feed: Feed) -> dict[str, Any]:
    return {name: value for name, value in asdict(feed).items() if value}


def _feed(entry: dict[str, Any]) -> Feed:
    wrong = [field.name for field in fields(Feed) if not _is_fit(field.name, entry)]
    if wrong:
        raise ValueError(wrong[0])
    return replace(Feed(), **{f.name: entry[f.name] for f in fields(Feed) if f.name in entry})


def _is_fit(name: str, entry: dict[str, Any]) -> bool:
    kinds = {"not_before": (int, float), "failures": (int,), "gone": (bool,)}
    return name not in entry or isinstance(entry[name], kinds.get(name, (str,)))
