"""`newsman restore`: a backup into an empty installation, every record at its own offset.

Offsets are part of what is remembered: the order of two messages, the cursors of subscribers, the
places of groups. So a gap that compaction left is filled with copies of the record behind it, and
what retention had taken before the first one is filled up and deleted again.
"""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions
from kafka.structs import OffsetAndMetadata

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import require_kafka
from newsman.kafka.log import is_compacted
from newsman.kafka.topics import ensure_topics
from newsman.runtime.private_files import replace_private
from newsman.settings import SourcesFileSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman.terminal.progress import Advance, progress
from newsman.tools.operate.archive.assets import restore_assets
from newsman.tools.operate.archive.manifest import (
    ASSETS_FOLDER,
    REDIS_FILE,
    SOURCES_FILE,
    KeptPartition,
    Manifest,
    read_manifest,
)
from newsman.tools.operate.archive.records import KeptRecord, read_records
from newsman.tools.operate.archive.redis_keys import kept_keys, restore_keys
from newsman.tools.operate.backup import admin, summary
from newsman.tools.operate.installation import Installation, open_installation
from newsman.tools.operate.settings import OperatorSettings

AT_ONCE = 5_000
SEND_SECONDS = 60
FILLER = KeptRecord(-1, 0, b"newsman-restore", b"", [])
NEXT_STEPS = "start the services: they make the article store, the counts and the queues again"


def run(arguments: argparse.Namespace) -> int:
    """Puts everything back; 1 where the backup is damaged or the installation is not empty."""
    folder: Path = arguments.folder
    manifest = read_manifest(folder)
    settings = read_settings(OperatorSettings)
    require_kafka(settings.kafka_bootstrap)
    if not arguments.dry_run:
        ensure_topics(settings.kafka_bootstrap, settings.namespace, replication=1)
        _add_partitions(settings, manifest)
    with open_installation() as there:
        _require_empty(there, manifest)
        if not arguments.dry_run:
            _restore(there, folder, manifest, arguments)
    done = "could be restored" if arguments.dry_run else f"are restored; {NEXT_STEPS}"
    text = f"{manifest.records} records and {manifest.redis_keys} keys of Redis {done}"
    show(arguments, {**summary(folder, manifest), "dry_run": arguments.dry_run}, text)
    return 0


def _restore(
    there: Installation, folder: Path, manifest: Manifest, arguments: argparse.Namespace
) -> None:
    bootstrap = there.settings.kafka_bootstrap
    with (
        closing(build_producer(bootstrap, client_id="newsman-restore")) as producer,
        progress("records", manifest.records) as advance,
    ):
        for each in manifest.partitions:
            _send_partition(producer, there.namespace, folder, each, advance)
    with closing(admin(bootstrap)) as client:
        _cut_beginnings(client, there.namespace, manifest)
        _commit(client, there.namespace, manifest)
    _require_ends(there, manifest)
    restore_keys(there.redis, there.namespace, folder / REDIS_FILE)
    if manifest.has_sources and not arguments.no_sources:
        path = read_settings(SourcesFileSettings).sources_file
        replace_private(path, (folder / SOURCES_FILE).read_bytes())
    if manifest.assets and not arguments.no_assets:
        restore_assets(folder / ASSETS_FOLDER)


def _require_empty(there: Installation, manifest: Manifest) -> None:
    """Raises CommandFailed where anything would be mixed with what is there."""
    known = there.log.topics()
    names = {f"{there.namespace}.{each.topic}" for each in manifest.partitions} & known
    ends = there.log.ends(there.log.partitions(*sorted(names))) if names else {}
    full = sorted({part.topic for part, end in ends.items() if end})
    if full:
        text = f"{', '.join(full)} are not empty: restore into an installation of its own"
        raise CommandFailed(f"{text}, or into another NEWSMAN_NAMESPACE")
    key = next(kept_keys(there.redis, there.namespace), None)
    if key is not None:
        raise CommandFailed(f"Redis holds {key.decode()}: it is not empty")


def _add_partitions(settings: OperatorSettings, manifest: Manifest) -> None:
    """Topics that had more partitions than new ones have get as many."""
    wanted: dict[str, int] = {}
    for each in manifest.partitions:
        name = f"{settings.namespace}.{each.topic}"
        wanted[name] = max(wanted.get(name, 0), each.partition + 1)
    with closing(admin(settings.kafka_bootstrap)) as client:
        there = {t["name"]: len(t["partitions"]) for t in client.describe_topics(list(wanted))}
        more = {name: n for name, n in wanted.items() if there.get(name, n) < n}
        if more:
            client.create_partitions({name: NewPartitions(n) for name, n in more.items()})


def _send_partition(
    producer: KafkaProducer, namespace: str, folder: Path, part: KeptPartition, advance: Advance
) -> None:
    topic = f"{namespace}.{part.topic}"
    records = read_records(folder / part.file)
    sent: list[Any] = []
    for offset, record in enumerate(without_gaps(records, part.end, compacted=is_compacted(topic))):
        sent.append(
            producer.send(
                topic,
                key=record.key,
                value=record.value,
                headers=record.headers,
                partition=part.partition,
                timestamp_ms=record.timestamp_ms,
            )
        )
        if record.offset == offset:
            advance(1)
        if len(sent) >= AT_ONCE:
            _require_sent(sent, offset, topic)
    if sent:
        _require_sent(sent, part.end - 1, topic)


def without_gaps(
    records: Iterable[KeptRecord], end: int, *, compacted: bool
) -> Iterator[KeptRecord]:
    """A record for every offset from 0 on to the end: each in its place, and fillers between."""
    at = 0
    for record in records:
        filler = record if compacted else FILLER
        while at < record.offset:
            yield filler
            at += 1
        yield record
        at += 1
    for _ in range(at, end):
        yield FILLER


def _require_sent(sent: list[Any], offset: int, topic: str) -> None:
    """Waits for all; the last of them must have come to its offset."""
    for future in sent:
        last = future.get(timeout=SEND_SECONDS)
    sent.clear()
    if last.offset != offset:
        raise CommandFailed(
            f"{topic} has other writers: offset {last.offset} where {offset} was due; stop the "
            "services, delete the topics, and start again"
        )


def _cut_beginnings(client: KafkaAdminClient, namespace: str, manifest: Manifest) -> None:
    """Deletes the fillers before what the log began with."""
    before = {
        TopicPartition(f"{namespace}.{each.topic}", each.partition): each.start
        for each in manifest.partitions
        if each.start and not is_compacted(f"{namespace}.{each.topic}")
    }
    if before:
        client.delete_records(before)


def _commit(client: KafkaAdminClient, namespace: str, manifest: Manifest) -> None:
    """The groups' offsets as they were."""
    for group in sorted({each.group for each in manifest.offsets}):
        places = {
            TopicPartition(f"{namespace}.{each.topic}", each.partition): OffsetAndMetadata(
                each.offset, "", -1
            )
            for each in manifest.offsets
            if each.group == group
        }
        client.alter_group_offsets(f"{namespace}.{group}", places)


def _require_ends(there: Installation, manifest: Manifest) -> None:
    wanted = {
        TopicPartition(f"{there.namespace}.{each.topic}", each.partition): each.end
        for each in manifest.partitions
    }
    ends = there.log.ends(wanted)
    wrong = [f"{p.topic}[{p.partition}]" for p, end in wanted.items() if ends[p] != end]
    if wrong:
        raise CommandFailed(f"{', '.join(wrong)} do not end where they ended: start again")
