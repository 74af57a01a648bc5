"""The file of public keys as it stands now: read again when it changes, kept while it is wrong."""

import logging
from pathlib import Path
from typing import Any

from newsman.provenance.keys import BadKeys, KeySet, key_set_document, read_key_set

log = logging.getLogger(__name__)


class KeysFile:
    """The keys of a site, to check with and to serve."""

    def __init__(self, path: Path) -> None:
        """Raises BadKeys where the file is wrong, OSError where it is not there."""
        self._path = path
        self._stamp = self._stamp_now()
        self._read()

    def keys(self) -> KeySet:
        """The keys by their ids."""
        self._look()
        return self._keys

    def document(self) -> dict[str, Any]:
        """The JWK Set for everybody."""
        self._look()
        return self._document

    def _look(self) -> None:
        try:
            stamp = self._stamp_now()
            if stamp == self._stamp:
                return
            self._read()
        except (BadKeys, OSError) as error:
            log.warning("the file of keys is wrong, so what it said before holds: %s", error)
            return
        self._stamp = stamp

    def _read(self) -> None:
        raw, name = self._path.read_bytes(), str(self._path)
        self._keys, self._document = read_key_set(raw, name=name), key_set_document(raw, name=name)

    def _stamp_now(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
