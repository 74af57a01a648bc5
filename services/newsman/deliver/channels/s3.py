"""S3 and other storage: deliveries as NDJSON files by the hour, on any file system of fsspec."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from cachetools import LRUCache

from newsman.assets.folder import AssetsUnavailable, Folder
from newsman.deliver.channels.channel import Answer, BadSubscription, ChannelContext, Delivery
from newsman.deliver.channels.shown_request import shown_request
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.events import digest
from newsman_schemas.subscriptions import OPERATOR, PAYLOADS, Subscription

EXTENSION = ".ndjson"
HOUR = timedelta(hours=1)
MOST_DETAIL_CHARACTERS = 300
REMEMBERED_FILES = 5_000
NAMED = "the target"


class S3Channel:
    """Writes the deliveries of an hour into files `2026/03/02/14/<digest>.ndjson` of the target.

    A delivery belongs to the hour of its event, and is in one line of one file: what the files of
    the hour hold already is not written again, and a file is named by the deliveries in it. The
    target is written to with the rights of the service, so only operators may name one.
    """

    kind = "s3"
    payloads = tuple(name for name in PAYLOADS if name not in ("newsml-g2", "nitf"))
    together = 1_000

    def __init__(self) -> None:
        # One after the other, and in no thread that others wait for.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._ids: LRUCache[tuple[str, str], frozenset[str]] = LRUCache(REMEMBERED_FILES)
        """The deliveries in each file, by the target and the file's name."""

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for a target that is no storage, and for options."""
        if subscription.owner != OPERATOR:
            raise BadSubscription("/kind", "is for subscriptions of the operator")
        if "://" not in subscription.target:
            raise BadSubscription("/url", "is like s3://bucket/folder or file:///folder")
        if subscription.options:
            raise BadSubscription("/options", "s3 has no options")
        try:
            Folder(subscription.target, named=NAMED)
        except SettingsError as problem:
            raise BadSubscription("/url", str(problem)) from problem

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """The end of the hour."""
        return now.replace(minute=0, second=0, microsecond=0) + HOUR

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """Writes the deliveries of each hour into a file."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._send, subscription.target, deliveries)

    def _send(self, target: str, deliveries: Sequence[Delivery]) -> list[Answer]:
        by_hour: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
        for delivery in deliveries:
            by_hour[f"{delivery.occurred_at:%Y/%m/%d/%H}"][delivery.id] = _line(delivery)
        answers: dict[str, Answer] = {}
        for hour, lines in by_hour.items():
            answer = self._write_hour(target, hour, lines)
            for ident, line in lines.items():
                answers[ident] = replace(answer, request=shown_request({}, line))
        return [answers[delivery.id] for delivery in deliveries]

    def _write_hour(self, target: str, hour: str, lines: Mapping[str, bytes]) -> Answer:
        """Writes the lines, by the ids of their deliveries, that no file holds yet."""
        try:
            folder = Folder(target, named=NAMED)
            written = self._written(folder, target, hour)
            fresh = {ident: line for ident, line in lines.items() if ident not in written}
            if not fresh:
                return Answer(200, body=f"{hour}: is there already")
            name = f"{hour}/{digest(*sorted(fresh))}{EXTENSION}"
            # Readers see a file that is whole, or none.
            folder.write(f"{name}.part", b"".join(fresh.values()))
            folder.move(f"{name}.part", name)
        except (AssetsUnavailable, SettingsError) as problem:
            return Answer(None, detail=str(problem)[:MOST_DETAIL_CHARACTERS])
        self._ids[target, name] = frozenset(fresh)
        return Answer(201, body=name)

    def _written(self, folder: Folder, target: str, hour: str) -> set[str]:
        """The deliveries that the files of an hour hold."""
        written: set[str] = set()
        for entry in folder.names(hour):
            name = f"{hour}/{entry}"
            if not entry.endswith(EXTENSION):
                continue
            if (target, name) not in self._ids:
                self._ids[target, name] = frozenset(_ids(folder.read(name) or b""))
            written |= self._ids[target, name]
        return written


def _line(delivery: Delivery) -> bytes:
    fields = {
        "id": delivery.id,
        "event": delivery.event,
        "article": delivery.article_id,
        "revision": delivery.revision,
        "version": delivery.version,
        "at": delivery.occurred_at.isoformat(),
        "media_type": delivery.media_type,
        "body": json.loads(delivery.body),
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _ids(content: bytes) -> Iterator[str]:
    for line in content.split(b"\n"):
        if line:
            yield json.loads(line)["id"]


def open_channel(_: ChannelContext) -> S3Channel:
    """The channel of files."""
    return S3Channel()
