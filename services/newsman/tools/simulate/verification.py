"""The comparison: log, counts and API beside the ledger, until they agree or time is up."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from newsman.redis.keys import PopularityKeys, row
from newsman.tools.operate.installation import Installation
from newsman.tools.operate.tail import event_of
from newsman.tools.push.connections import open_pool, read_body, request
from newsman.tools.simulate.expected import (
    Expected,
    Standing,
    StoryTraces,
    expected,
    fate,
    stories_of,
    twice,
    wrong_counts,
)
from newsman.tools.simulate.ledger import SECONDS_BEFORE, SimulationLedger
from newsman.tools.simulate.stories import StoryTold
from newsman_schemas.topics import (
    ARTICLE_PUBLISHED,
    ARTICLE_RECEIVED,
    ARTICLE_VIEWED,
    REJECTED,
    Topic,
)

MOST_ARTICLE_BYTES = 4 * 1024 * 1024
ANSWERS: Mapping[int, Standing] = {200: "shown", 404: "held", 410: "gone"}
NAMED_AT_MOST = 20


@dataclass
class LedgerFindings:
    """A comparison: versions by what became of them, and a line for each disagreement."""

    fates: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    stories: int = 0
    unsure: int = 0
    """Stories of which a push was never answered: they are not compared."""
    views: int = 0
    unsure_views: int = 0
    """Articles, views of which were never answered: their counts are not compared."""

    def document(self) -> dict[str, Any]:
        """The findings as JSON."""
        return {
            "agrees": not self.problems,
            "stories": self.stories,
            "unsure": self.unsure,
            "fates": dict(sorted(self.fates.items())),
            "views": self.views,
            "unsure_views": self.unsure_views,
            "problems": self.problems[:NAMED_AT_MOST],
            "problems_in_all": len(self.problems),
        }


class Verification:
    """Reads on in the log with each look, so that a look costs what is new."""

    def __init__(self, there: Installation, ledger: SimulationLedger, feeds: str) -> None:
        self._there = there
        self._ledger = ledger
        self._pool = open_pool(urlsplit(feeds))
        self._stories = stories_of(ledger.acknowledged)
        self._seen: defaultdict[str, StoryTraces] = defaultdict(StoryTraces)
        self._uri_of: dict[str, str] = {}
        self._revisions: set[tuple[str, int]] = set()
        self._next: dict[Any, int] = {}
        self._agreed: set[str] = set()

    def look(self) -> LedgerFindings:
        """One comparison; raises KafkaError, RedisError and OSError while something is away."""
        self._read_the_log()
        now, found = datetime.now(UTC), LedgerFindings()
        found.problems += self._ledger.surprises
        for uri, versions in self._stories.items():
            if uri in self._ledger.unknown:
                found.unsure += 1
                continue
            found.stories += 1
            self._compare(uri, versions, found, now)
        self._compare_counts(found)
        return found

    def _compare(
        self, uri: str, versions: list[StoryTold], found: LedgerFindings, now: datetime
    ) -> None:
        end, seen = expected(versions, now), self._seen[uri]
        fates = [fate(told, end, seen, now) for told in versions]
        found.fates.update(fates)
        found.problems += [
            f"lost: {uri} version {told.version}"
            for told, became in zip(versions, fates, strict=True)
            if became == "lost"
        ]
        if twice(seen):
            found.problems.append(f"published {seen.published} times: {uri}")
        if uri not in self._agreed and "rejected" not in fates:
            problems = list(self._at_the_api(uri, end, seen))
            found.problems += problems
            if not problems and end.standing != "held":
                self._agreed.add(uri)

    def _at_the_api(self, uri: str, end: Expected, seen: StoryTraces) -> Iterator[str]:
        if not seen.ids:
            yield f"not on article-received: {uri}"
            return
        (article, *others) = sorted(seen.ids)
        if others:
            yield f"{uri} has {1 + len(others)} ids: {article}, {', '.join(others)}"
        status, headline = self._ask(article)
        standing = ANSWERS.get(status)
        # An article that nobody saw before it was killed was never there.
        is_there = standing == end.standing or (end.standing == "gone" and standing == "held")
        if not is_there:
            yield f"{uri} ({article}) is {end.standing}, and feeds answers {status}"
        elif standing == "shown" and headline != end.headline:
            yield f"{uri} ({article}) shows {headline!r} in place of {end.headline!r}"

    def _ask(self, article: str) -> tuple[int, str]:
        try:
            answer = request(self._pool, "GET", f"/v1/articles/{article}", {})
            body = read_body(answer, MOST_ARTICLE_BYTES)
        except HTTPError as error:
            raise OSError(f"feeds does not answer: {error}") from error
        return answer.status, json.loads(body)["headline"] if answer.status == 200 else ""

    def _compare_counts(self, found: LedgerFindings) -> None:
        counted: Counter[str] = Counter()
        for number in range(ARTICLE_VIEWED.partitions):
            key = PopularityKeys(self._there.namespace, number).count("all")
            rows: Any = self._there.redis.zrange(key, 0, -1, withscores=True)
            for member, score in rows:
                counted[member.decode()] += row(score)[0]
        wrong = wrong_counts(self._ledger.views, counted, self._ledger.uncertain_views)
        found.views = self._ledger.views.total()
        found.unsure_views = len(self._ledger.uncertain_views)
        found.problems += [
            f"{article} has {views} views, and {there} are counted"
            for article, (views, there) in wrong.items()
        ]

    def _read_the_log(self) -> None:
        for record in self._new(ARTICLE_RECEIVED):
            article = (event_of(record) or {}).get("article") or {}
            uri = article.get("uri")
            if uri in self._stories:
                self._seen[uri].ids.add(article["id"])
                self._uri_of[article["id"]] = uri
        for record in self._new(ARTICLE_PUBLISHED):
            self._take_published(event_of(record) or {})
        for record in self._new(REJECTED):
            key = (record.key or b"").decode("utf-8", "replace")
            if key in self._uri_of:
                self._seen[self._uri_of[key]].rejected = True

    def _take_published(self, event: Mapping[str, Any]) -> None:
        uri, revision = event.get("uri"), event.get("revision")
        if uri not in self._stories or (uri, revision) in self._revisions:
            return
        self._revisions.add((str(uri), int(revision or 0)))
        seen = self._seen[str(uri)]
        seen.published += event["action"] == "published"
        seen.withdrawn += event["action"] in ("withdrawn", "killed")
        if event.get("article"):
            seen.headlines.add(event["article"]["headline"])

    def _new(self, topic: Topic) -> Iterable[Any]:
        log = self._there.log
        parts = log.partitions(topic.full_name(self._there.namespace))
        fresh = [part for part in parts if part not in self._next]
        since = self._ledger.began_at - timedelta(seconds=SECONDS_BEFORE)
        self._next |= log.at_times(dict.fromkeys(fresh, int(since.timestamp() * 1_000)))
        ends = log.ends(parts)
        yield from log.read({part: self._next[part] for part in parts}, ends)
        self._next |= ends
