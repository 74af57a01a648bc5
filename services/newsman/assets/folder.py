"""A folder on any file system that fsspec knows; every call blocks."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import fsspec  # type: ignore[import-untyped]

from newsman.assets.storage_libraries import LIBRARIES, package_for, storage_errors
from newsman.runtime.settings_error import SettingsError

LOCAL = ("file", "local")
IN_MEMORY = "memory"
WRITE_BUFFER_BYTES = 8 * 1024 * 1024
SETTING = "NEWSMAN_ASSETS_URL"


class AssetsUnavailable(Exception):
    """The storage does not answer or refuses; it may work again later."""


class Folder:
    """Reads and writes beneath one URL. A name never leaves it: the store makes all names.

    File systems are those whose way to say that they are away is known: an error of another would
    end a service as a bug does.
    """

    def __init__(self, url: str, *, named: str = SETTING) -> None:
        """Raises SettingsError, which tells of the URL as it is named."""
        self._fs, self._root = _open(url, named)
        self._errors = storage_errors(fsspec.utils.get_protocol(url))

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes | None:
        """The bytes, or those from start to before end; None where there is no such file."""
        with self._storage():
            try:
                # Opens, reads and closes at once: a slow reader keeps no file open.
                return cast(bytes, self._fs.cat_file(self._path(name), start=start, end=end))
            except FileNotFoundError:
                return None

    def create(self, name: str) -> BinaryIO:
        """A new file to write to; its folders are made as needed."""
        with self._storage():
            made = self._fs.open(self._path(name), "wb", block_size=WRITE_BUFFER_BYTES)
            return cast(BinaryIO, made)

    def write(self, name: str, content: bytes) -> None:
        """A small file, whole."""
        file = self.create(name)
        with self._storage():
            file.write(content)
            _close(file)

    def append(self, file: BinaryIO, chunk: bytes) -> None:
        """Writes on to a created file."""
        with self._storage():
            file.write(chunk)

    def finish(self, file: BinaryIO) -> None:
        """Closes a created file; afterwards its bytes outlast a crash."""
        with self._storage():
            _close(file)

    def move(self, name: str, to: str) -> None:
        """Puts a file in the place of another; readers see the one or the other."""
        with self._storage():
            self._fs.mv(self._path(name), self._path(to))

    def names(self, name: str) -> list[str]:
        """Names of the entries directly in a folder; empty if the folder does not exist."""
        with self._storage():
            try:
                paths = self._fs.ls(self._path(name), detail=False, refresh=True)
            except FileNotFoundError:
                return []
            return sorted(path.rsplit("/", 1)[-1] for path in paths)

    def files(self) -> list[str]:
        """Names of all files, with the folders that they are in."""
        with self._storage():
            paths = self._fs.find(self._root or "/")
            return sorted(path.removeprefix(self._root).lstrip("/") for path in paths)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file to read from."""
        with self._storage(), self._fs.open(self._path(name), "rb") as file:
            yield cast(BinaryIO, file)

    def remove(self, name: str) -> None:
        """Takes a file away; one that is not there any more is no error."""
        with self._storage(), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    @contextmanager
    def _storage(self) -> Iterator[None]:
        # Every file system has its own exceptions; callers handle only one.
        try:
            yield
        except self._errors as error:
            raise AssetsUnavailable(f"{type(error).__name__}: {error}") from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def _open(url: str, named: str) -> tuple[fsspec.AbstractFileSystem, str]:
    protocol = fsspec.utils.get_protocol(url)
    is_local = protocol in LOCAL
    if is_local and not url.removeprefix(f"{protocol}://").startswith("/"):
        raise SettingsError(f"{named}: a local folder takes its whole path, file:///…")
    if not url.isprintable():
        raise SettingsError(f"{named}: it holds signs that no address has")
    if protocol not in (*LOCAL, IN_MEMORY, *LIBRARIES):
        known = ", ".join(f"{each}://" for each in (LOCAL[0], *LIBRARIES))
        raise SettingsError(f"{named}: {protocol}:// is no storage; {known} are")
    options = {"auto_mkdir": True} if is_local else {}
    try:
        # Other processes write here, too, so cached listings go stale.
        fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False, **options)
    except ImportError as error:
        needed = f"{protocol}:// needs {package_for(protocol)} installed"
        raise SettingsError(f"{named}: {needed}") from error
    except ValueError as error:
        raise SettingsError(f"{named}: {error}") from error
    bare = str(root).rstrip("/")
    if not is_local and not bare and urlsplit(url).scheme != IN_MEMORY:
        raise SettingsError(f"{named}: {protocol}:// lacks the bucket")
    return fs, bare


def _close(file: BinaryIO) -> None:
    if file.closed:  # fsspec closes a file by itself when its storage refuses it
        return
    try:
        file.flush()
        with suppress(io.UnsupportedOperation, AttributeError):
            os.fsync(file.fileno())
    finally:
        file.close()
