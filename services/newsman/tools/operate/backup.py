"""`newsman backup`: the log and what cannot be made again from it, while everything runs."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, TopicPartition

from newsman.kafka.clients import build_admin
from newsman.kafka.log import LogBounds
from newsman.runtime.private_files import make_private_folder, replace_private
from newsman.settings import SourcesFileSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman.terminal.progress import Advance, progress
from newsman.tools.operate.archive.assets import save_assets
from newsman.tools.operate.archive.manifest import (
    ASSETS_FOLDER,
    REDIS_FILE,
    SOURCES_FILE,
    KeptOffset,
    KeptPartition,
    Manifest,
    write_manifest,
)
from newsman.tools.operate.archive.records import digest_of, kept, write_records
from newsman.tools.operate.archive.redis_keys import dump_keys
from newsman.tools.operate.installation import CLIENT_ID, Installation, open_installation
from newsman.tools.operate.lags import offsets_of_groups
from newsman_schemas.topics import TOPICS

ANSWER_MS = 30_000


def run(arguments: argparse.Namespace) -> int:
    """Makes the folder; 1 where it is there already, or something does not answer."""
    folder: Path = arguments.folder
    if folder.exists():
        raise CommandFailed(f"{folder} is there already; a backup makes its own folder")
    with open_installation() as there:
        make_private_folder(folder)
        # Offsets first: then everything that they are said to have read is in the log's copy.
        offsets = tuple(_offsets(there))
        keys = dump_keys(there.redis, there.namespace, folder / REDIS_FILE)
        partitions = tuple(_partitions(there, folder))
    has_sources = not arguments.no_sources and _save_sources(folder)
    assets = 0 if arguments.no_assets else save_assets(folder / ASSETS_FOLDER)
    manifest = Manifest(
        version=version("newsman"),
        made_at=datetime.now(UTC),
        namespace=there.namespace,
        partitions=partitions,
        offsets=offsets,
        redis_keys=keys,
        redis_sha256=digest_of(folder / REDIS_FILE),
        assets=assets,
        has_sources=has_sources,
    )
    write_manifest(folder, manifest)
    show(arguments, summary(folder, manifest), _in_words(folder, manifest))
    return 0


def summary(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """The contents of a backup in numbers."""
    return {
        "folder": str(folder),
        "records": manifest.records,
        "partitions": len(manifest.partitions),
        "redis_keys": manifest.redis_keys,
        "assets": manifest.assets,
        "sources": manifest.has_sources,
    }


def _in_words(folder: Path, manifest: Manifest) -> str:
    sources = "the sources file" if manifest.has_sources else "no sources file"
    return (
        f"{folder}: {manifest.records} records, {manifest.redis_keys} keys of Redis, "
        f"{manifest.assets} files of assets, {sources}"
    )


def _partitions(there: Installation, folder: Path) -> Iterator[KeptPartition]:
    make_private_folder(folder / "log")
    names = {topic.full_name(there.namespace): topic.name for topic in TOPICS}
    bounds = there.log.bounds(there.log.partitions(*names))
    with progress("records", sum(bounds.end.values()) - sum(bounds.start.values())) as advance:
        for part in bounds.end:
            yield _save(there, folder, names[part.topic], part, bounds, advance)


def _save(
    there: Installation,
    folder: Path,
    name: str,
    part: TopicPartition,
    bounds: LogBounds,
    advance: Advance,
) -> KeptPartition:
    file = f"log/{name}-{part.partition}.lz4"
    start, end = bounds.start[part], bounds.end[part]

    def records() -> Iterator[Any]:
        for record in there.log.read({part: start}, {part: end}):
            yield kept(record)
            advance(1)

    number = write_records(folder / file, records())
    return KeptPartition(
        topic=name,
        partition=part.partition,
        start=start,
        end=end,
        records=number,
        file=file,
        sha256=digest_of(folder / file),
    )


def _offsets(there: Installation) -> Iterator[KeptOffset]:
    prefix = f"{there.namespace}."
    with closing(admin(there.settings.kafka_bootstrap)) as client:
        groups = [each["group_id"] for each in client.list_groups()]
        own = [name for name in groups if name.startswith(prefix)]
        found = offsets_of_groups(client, own) if own else {}
    for group, places in found.items():
        for part, place in places.items():
            if place.offset >= 0 and part.topic.startswith(prefix):
                yield KeptOffset(
                    group=group.removeprefix(prefix),
                    topic=part.topic.removeprefix(prefix),
                    partition=part.partition,
                    offset=place.offset,
                )


def admin(bootstrap: str) -> KafkaAdminClient:
    """A client for groups and topics."""
    return build_admin(bootstrap, client_id=CLIENT_ID, request_timeout_ms=ANSWER_MS)


def _save_sources(folder: Path) -> bool:
    path = read_settings(SourcesFileSettings).sources_file
    replace_private(folder / SOURCES_FILE, path.read_bytes())
    return True
