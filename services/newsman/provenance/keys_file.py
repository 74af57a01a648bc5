"""The file of public keys as it stands now: read again when it changes, kept while it is wrong."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsman.provenance.keys import KeySet, key_set_document, read_content, read_key_set
from newsman.runtime.files.watched_file import WatchedFile


@dataclass(frozen=True)
class SiteKeys:
    """Keys to check with, and the JWK Set of them for everybody."""

    keys: KeySet = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)


class KeysFile(WatchedFile[SiteKeys]):
    """The keys of a site."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises BadKeys where the file is wrong."""
        super().__init__(path, _read, empty=SiteKeys(), what="the file of keys", clock=clock)


def _read(path: Path) -> SiteKeys:
    raw, name = read_content(path), str(path)
    return SiteKeys(read_key_set(raw, name=name), key_set_document(raw, name=name))
