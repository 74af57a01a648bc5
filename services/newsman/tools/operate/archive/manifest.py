"""The list of what a backup holds, with digests, so that a damaged one is not restored."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from newsman.runtime.private_files import replace_private
from newsman.terminal.endings import CommandFailed
from newsman.tools.operate.archive.records import digest_of

FILE = "manifest.json"
FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class KeptPartition(_Part):
    """One partition: its bounds, its records, and the file that they are in."""

    topic: str
    partition: int
    start: int
    end: int
    records: int
    file: str
    sha256: str


class KeptOffset(_Part):
    """A group's committed offset; the group without the namespace."""

    group: str
    topic: str
    partition: int
    offset: int


class Manifest(_Part):
    """Everything in a backup. Topics are named without the namespace."""

    format: int = FORMAT
    version: str
    made_at: datetime
    namespace: str
    partitions: tuple[KeptPartition, ...]
    offsets: tuple[KeptOffset, ...]
    redis_keys: int
    redis_sha256: str
    assets: int = 0
    has_sources: bool = False

    @property
    def records(self) -> int:
        """The number of records in all partitions."""
        return sum(each.records for each in self.partitions)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it, last of all, so that a backup without one is not whole."""
    replace_private(folder / FILE, manifest.model_dump_json(indent=1).encode())


def read_manifest(folder: Path) -> Manifest:
    """The manifest, once every file is as it says; raises CommandFailed."""
    try:
        manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        raise CommandFailed(f"{folder} holds no whole backup: {FILE} is missing") from None
    except (OSError, ValidationError) as error:
        raise CommandFailed(f"{folder / FILE} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise CommandFailed(f"{folder} is of format {manifest.format}; this version reads {FORMAT}")
    digests = {each.file: each.sha256 for each in manifest.partitions}
    for name, digest in {**digests, REDIS_FILE: manifest.redis_sha256}.items():
        path = folder / name
        if not path.is_file() or digest_of(path) != digest:
            raise CommandFailed(f"{path} is missing or not as it was written")
    return manifest


REDIS_FILE = "redis.ndjson"
SOURCES_FILE = "sources.toml"
ASSETS_FOLDER = "assets"
