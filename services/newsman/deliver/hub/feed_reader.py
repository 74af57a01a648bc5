"""Reading topics from feeds: whether they are there, and what they say now."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter

from cachetools import LRUCache
from kafka.errors import KafkaError

from newsman.deliver.hub.topics import links_of, path_of
from newsman.kafka.progress.log_end_watch import EndsOfLog
from newsman.web.outbound.reply import NoAnswer, Reply
from newsman.web.outbound.session import OutboundSession
from newsman.web.problems import MEDIA_TYPE as PROBLEM
from newsman_schemas.topics import ARTICLE_PUBLISHED

ANSWER_SECONDS = 20.0
MOST_BYTES = 32 * 1024 * 1024
KEPT_BYTES = 64 * 1024 * 1024
BEHIND_SECONDS = 10.0
LOOK_SECONDS = 0.1
SINCE = "newsman-since"
MOVED = (301, 302, 307, 308)
MOST_MOVES = 3
MOST_LOOKS = 3
"""At a topic and its own address, since it may change between the two."""
MOST_REASON_CHARACTERS = 300

Ends = Callable[[], Mapping[int, int]]
"""The ends of the partitions of article-published; blocks, raises KafkaError."""


class FeedsAway(Exception):
    """Feeds does not answer, or not for good."""


@dataclass(frozen=True)
class NoTopic(Exception):
    """There is nothing to subscribe to under an address; the reason is for the subscriber."""

    reason: str


@dataclass(frozen=True)
class Content:
    """A topic as feeds answered it."""

    body: bytes
    media_type: str
    link: str
    etag: str | None

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.body) + 1_000


class FeedReader:
    """Asks feeds; for one event loop."""

    def __init__(
        self, session: OutboundSession, *, feeds_url: str, site_url: str, ends: Ends
    ) -> None:
        """`session` reaches feeds, at an address that a setting names."""
        self._session = session
        self._feeds_url = feeds_url.rstrip("/")
        self._site_url = site_url.rstrip("/")
        self._ends = ends
        # Kafka may be away for long; the threads of the loop are for everybody.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="topics")
        self._kept: LRUCache[str, Content] = LRUCache(KEPT_BYTES, getsizeof=attrgetter("size"))
        self._under_way: dict[str, asyncio.Task[Content]] = {}
        self._next: dict[str, asyncio.Task[Content]] = {}

    def path(self, topic: str) -> str:
        """The path of a topic; raises NoTopic where it is on another site."""
        path = path_of(topic, self._site_url)
        if path is None:
            raise NoTopic("this is no address of this site")
        return path

    async def canonical(self, topic: str) -> str:
        """The one address of a topic, as feeds names it; raises NoTopic or FeedsAway.

        A topic has any address at which the same bytes are: with its parameters in another order,
        with a value that is the usual one, by a former name. A page of it has others.
        """
        for _ in range(MOST_LOOKS):
            found = await self._ask("HEAD", topic)
            if found.status != 200:
                raise NoTopic(await self._reason(topic))
            links = links_of(", ".join(found.headers.getall("link", [])))
            if "self" not in links:
                raise NoTopic("there is no feed at this address")
            if "hub" not in links:
                raise NoTopic("the feeds of this site name no hub")
            own = links["self"]
            if own == topic or await self._is_the_same(found, own):
                return own
        raise NoTopic(f"the address of this topic is {own}")

    async def _is_the_same(self, found: Reply, own: str) -> bool:
        reply, etag = await self._ask("HEAD", own), found.headers.get("etag")
        return reply.status == 200 and etag is not None and reply.headers.get("etag") == etag

    async def _reason(self, topic: str) -> str:
        """What feeds says of an address where there is no feed."""
        reply = await self._ask("GET", topic, {"Accept": PROBLEM})
        try:
            detail = str(json.loads(reply.body)["detail"])
        except (ValueError, LookupError, TypeError, RecursionError):
            detail = ""
        reason = f"feeds answers {reply.status}: {detail}".rstrip(": ")[:MOST_REASON_CHARACTERS]
        return reason.encode("utf-8", "replace").decode()

    async def content(self, topic: str) -> Content:
        """The topic as it is now, asked for after this was called; raises NoTopic or FeedsAway.

        Whoever asks while an answer is under way shares the next one.
        """
        task = self._next.get(topic)
        if task is None:
            before = self._under_way.get(topic)
            task = asyncio.create_task(self._after(before, topic))
            self._next[topic] = task
        return await asyncio.shield(task)

    async def _after(self, before: "asyncio.Task[Content] | None", topic: str) -> Content:
        if before is not None:
            await asyncio.wait([before])
        # Whoever comes from here on may know of more than this answer holds.
        task = self._under_way[topic] = self._next.pop(topic)
        try:
            return await self._current(topic)
        finally:
            if self._under_way.get(topic) is task:
                del self._under_way[topic]

    async def _current(self, topic: str) -> Content:
        try:
            ends = await asyncio.get_running_loop().run_in_executor(self._thread, self._ends)
        except KafkaError as problem:
            raise FeedsAway("the ends of the log are not to be had") from problem
        deadline = time.monotonic() + BEHIND_SECONDS
        while True:
            content, is_current = await self._read(topic, ends)
            if is_current:
                return content
            if time.monotonic() > deadline:
                raise FeedsAway("feeds is behind the log")
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self, topic: str, ends: Mapping[int, int]) -> tuple[Content, bool]:
        kept = self._kept.get(topic)
        asked = {"If-None-Match": kept.etag} if kept and kept.etag else {}
        reply = await self._ask("GET", topic, asked)
        is_current = _reaches(reply.headers.get(SINCE), ends)
        if reply.status == 304 and kept:
            return kept, is_current
        if reply.status != 200:
            raise NoTopic(f"feeds answers {reply.status}")
        if not reply.is_whole:
            raise FeedsAway("the feed is not whole")
        content = Content(
            reply.body,
            reply.headers.get("content-type", "application/octet-stream"),
            ", ".join(reply.headers.getall("link", [])),
            reply.headers.get("etag"),
        )
        if content.size <= KEPT_BYTES:
            self._kept[topic] = content
        return content, is_current

    async def _ask(
        self, method: str, topic: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer, from wherever on the site feeds says that the topic has moved to."""
        for _ in range(MOST_MOVES):
            reply = await self._ask_once(method, self.path(topic), headers or {})
            if reply.status not in MOVED:
                return reply
            moved_to = reply.headers.get("location", "")
            topic = self._site_url + moved_to if moved_to.startswith("/") else moved_to
        raise NoTopic("this address leads from one to another")

    async def _ask_once(self, method: str, path: str, headers: Mapping[str, str]) -> Reply:
        try:
            reply = await self._session.send(
                method,
                self._feeds_url + path,
                headers=headers,
                seconds=ANSWER_SECONDS,
                most_bytes=MOST_BYTES,
            )
        except NoAnswer as problem:
            raise FeedsAway(f"feeds: {problem}") from problem
        if reply.status == 429 or reply.status >= 500:
            raise FeedsAway(f"feeds answers {reply.status}")
        return reply


def ends_of_log(bootstrap: str, namespace: str, client_id: str) -> Ends:
    """The ends of article-published, by partition, through a client of its own."""
    name = ARTICLE_PUBLISHED.full_name(namespace)
    ends, one_at_a_time = EndsOfLog(bootstrap, client_id), threading.Lock()

    def now() -> Mapping[int, int]:
        with one_at_a_time:
            return {part.partition: offset for part, offset in ends.of_topic(name).items()}

    return now


def _reaches(since: str | None, ends: Mapping[int, int]) -> bool:
    """Whether what feeds answered covers the log up to these ends.

    Listings that say no position are made of the article store, which is ahead of the log.
    """
    if since is None:
        return True
    entries = (entry.partition(".") for entry in since.split("-") if "." in entry)
    reached = {int(part): int(offset) for part, _, offset in entries}
    return all(reached.get(part, 0) >= end for part, end in ends.items())
