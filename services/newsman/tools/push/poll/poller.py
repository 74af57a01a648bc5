"""One visit to one feed: fetch it, send it on if it is new, remember it once it was taken."""

import hashlib
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from newsman.tools.push.client import USER_AGENT, Ingest
from newsman.tools.push.core import (
    PushAnswer,
    max_age_seconds,
    one_line,
    retry_after_seconds,
    shown,
)
from newsman.tools.push.fetching import (
    Fetched,
    NotFetched,
    fetch,
    is_whole,
    public_address,
)
from newsman.tools.push.poll.feed_documents import FeedDocument, read_feed_document
from newsman.tools.push.poll.poll_state import Feed, PollState
from newsman.tools.push.remarks import totals_of
from newsman.tools.push.stopping import IngestUnavailable

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 6 * 3600.0
JITTER = 0.1
LENIENCE_SECONDS = 5.0
"""cron starts a little early or late; a visit is not put off to the next run for that."""


@dataclass(frozen=True)
class Visit:
    """The outcome of a visit, and the time until the next; None: never again."""

    went_well: bool
    wait_seconds: float | None


class Poller:
    """Visits feeds; may be called by several threads for different feeds."""

    def __init__(
        self,
        ingest: Ingest,
        state: PollState,
        every_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ingest = ingest
        self._state = state
        self._every = every_seconds
        self._clock = clock

    def visit(self, url: str) -> Visit:
        """Visits the feed if it is due; raises Refused or Stopped."""
        feed, now = self._state.get(url), self._clock()
        if feed.gone:
            log.warning("%s is gone (410) and not asked again", shown(url))
            return Visit(went_well=False, wait_seconds=None)
        early = feed.not_before - now
        if early > LENIENCE_SECONDS:
            log.info("%s is not due for another %.0f s", shown(url), early)
            return Visit(went_well=not feed.failures, wait_seconds=early)
        try:
            fetched = fetch(feed.moved_to or url, feed.validators)
            document = _document(fetched)
            if fetched.status == 200 and document is None:
                return self._no_feed(url)
            return self._follow_up(url, feed, fetched, document, now)
        except NotFetched as error:
            return self._failed(url, feed, str(error), 0.0)
        except IngestUnavailable as error:
            log.warning("%s was not taken: %s", shown(url), error)
            return Visit(went_well=False, wait_seconds=self._with_jitter(self._every))

    def _follow_up(
        self, url: str, feed: Feed, fetched: Fetched, document: FeedDocument | None, now: float
    ) -> Visit:
        asked = self._asked_seconds(fetched)
        if fetched.moved_to:
            log.info("%s has moved to %s", shown(url), shown(fetched.moved_to))
            feed = replace(feed, moved_to=fetched.moved_to)
        if fetched.status == 410:
            self._state.put(url, replace(feed, gone=True))
            log.warning("%s is gone (410) and not asked again", shown(url))
            return Visit(went_well=False, wait_seconds=None)
        if fetched.status not in (200, 304):
            # The target of a redirect may be gone again; the given address still counts.
            moved_to = None if fetched.status == 404 else feed.moved_to
            updated = replace(feed, moved_to=moved_to)
            return self._failed(url, updated, f"it answered {fetched.status}", asked)
        went_well = True
        if document is None:
            log.info("%s: not modified", shown(url))
        else:
            feed, went_well = self._forward(url, feed, fetched, document)
        fresh = max(asked, max_age_seconds(fetched.headers))
        not_before = now + fresh if fresh else 0.0
        self._state.put(url, replace(feed, not_before=not_before, failures=0))
        return Visit(went_well, self._with_jitter(max(self._every, fresh)))

    def _no_feed(self, url: str) -> Visit:
        """Keeps all that is remembered of a feed: an answer that is no feed says nothing of it."""
        log.error("%s: it answered 200 with no RSS, RDF, Atom or JSON Feed; left out", shown(url))
        return Visit(went_well=False, wait_seconds=self._with_jitter(self._every))

    def _forward(
        self, url: str, feed: Feed, fetched: Fetched, document: FeedDocument
    ) -> tuple[Feed, bool]:
        """Sends the document if its bytes are new; the feed as it is to be remembered."""
        sha256 = hashlib.sha256(fetched.body).hexdigest()
        if sha256 == feed.sha256:
            log.info("%s: the same document again", shown(url))
            return _validated(feed, fetched, sha256), True
        if document.is_empty and is_whole(fetched.body):
            log.info("%s: no item in it", shown(url))
            return _validated(feed, fetched, sha256), True
        refusal = self._refusal(sha256)
        if refusal == feed.refused:
            log.warning("%s: still the document that ingest refused", shown(url))
            return feed, False
        limit = self._ingest.target.max_body_bytes
        if len(fetched.body) > limit:
            log.error("%s: larger than the %d bytes that ingest takes", shown(url), limit)
            return replace(feed, refused=refusal), False
        address = public_address(url)
        answer = self._ingest.send(fetched.body, document.content_type, location=address)
        if answer.status == 500:
            raise IngestUnavailable(answer.rejected[0].reason)
        _log(url, answer)
        if answer.status not in (202, 207):
            return replace(feed, refused=refusal), False
        if not is_whole(fetched.body):
            log.warning("%s ends in its middle; the rest is asked for again", shown(url))
            return replace(feed, refused=None), False
        return _validated(feed, fetched, sha256), not answer.rejected

    def _refusal(self, sha256: str) -> str:
        # Another format or release may be able to read a refused document.
        text = f"{USER_AGENT} {self._ingest.target.format_name} {sha256}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _failed(self, url: str, feed: Feed, reason: str, asked_seconds: float) -> Visit:
        failures = feed.failures + 1
        backoff = min(self._every * 2.0 ** min(failures - 1, 30), LONGEST_BACKOFF_SECONDS)
        wait = max(backoff, asked_seconds)
        not_before = self._clock() + wait
        self._state.put(url, replace(feed, failures=failures, not_before=not_before))
        log.warning("%s: %s; asked again in %.0f s", shown(url), one_line(reason), wait)
        return Visit(went_well=False, wait_seconds=self._with_jitter(wait))

    def _asked_seconds(self, fetched: Fetched) -> float:
        now = datetime.fromtimestamp(self._clock(), UTC)
        return retry_after_seconds(fetched.headers.get("retry-after"), now) or 0.0

    def _with_jitter(self, wait_seconds: float) -> float:
        return wait_seconds * (1 + JITTER * random.random())


def _document(fetched: Fetched) -> FeedDocument | None:
    if fetched.status != 200:
        return None
    return read_feed_document(fetched.headers.get("content-type"), fetched.body)


def _validated(feed: Feed, fetched: Fetched, sha256: str) -> Feed:
    return replace(
        feed,
        validated_url=fetched.url,
        etag=fetched.headers.get("etag"),
        last_modified=fetched.headers.get("last-modified"),
        sha256=sha256,
        refused=None,
    )


def _log(url: str, answer: PushAnswer) -> None:
    for line in totals_of(answer.remarks):
        log.warning("%s: %s", shown(url), line)
    counts = (shown(url), answer.accepted, len(answer.rejected))
    if not answer.rejected:
        log.info("%s: %d accepted", *counts[:2])
        return
    first = answer.rejected[0]
    place = "" if first.index is None else f"item {first.index + 1}: "
    log.error("%s: %d accepted, %d rejected: %s%s", *counts, place, first.reason)
