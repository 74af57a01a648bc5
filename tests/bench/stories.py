"""Distinct stories of 3 kB, as newsrooms push them."""

import json
import random
from collections.abc import Iterator
from itertools import count

STORIES, BODY_BYTES = 400, 2_600
_WORDS = (
    "the of and to in a is that for it was on are as with his they at be this from have or by one "
    "had not but what all were when we there can an your which their said if do will each about "
    "council ferry harbour minister budget election river bridge school hospital strike police "
    "market festival court storm railway parliament museum energy housing climate police farmers"
).split()
_MARK = "0123456789"
NATIVE, NINJS, NDJSON = (
    "application/vnd.newsman+json",
    "application/vnd.iptc.ninjs+json",
    "application/x-ndjson",
)


def native(rng: random.Random) -> dict[str, object]:
    """A story in Newsman's own names; its uri ends in the mark that a number takes the place of."""
    return {
        "uri": f"urn:bench:{_MARK}",
        "version": 1,
        "version_created": "2026-03-02T12:00:00Z",
        "headline": _sentence(rng, 9),
        "byline": "By a reporter",
        "section": "Local",
        "language": "en",
        "keywords": rng.sample(_WORDS, 4),
        "body_html": "".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(rng)),
    }


def ninjs(rng: random.Random) -> dict[str, object]:
    """A story in ninjs 1.x."""
    return {
        "uri": f"urn:bench:{_MARK}",
        "type": "text",
        "version": "1",
        "versioncreated": "2026-03-02T12:00:00Z",
        "headline": _sentence(rng, 9),
        "byline": "By a reporter",
        "language": "en",
        "urgency": 4,
        "subject": [{"name": "politics", "code": "11000000"}],
        "body_html": "".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(rng)),
    }


_MADE = {NATIVE: native, NINJS: ninjs, NDJSON: native}


def distinct(content_type: str, *, first: int) -> Iterator[bytes]:
    """Bodies without end, each with a uri of its own."""
    rng = random.Random(11)
    stories = [json.dumps(_MADE[content_type](rng)).encode() for _ in range(STORIES)]
    halves = [story.split(_MARK.encode()) for story in stories]
    for number in count(first):
        before, after = halves[number % STORIES]
        yield b"%s%010d%s" % (before, number, after)


def batches(size: int, *, first: int) -> Iterator[bytes]:
    """NDJSON of so many lines."""
    lines = distinct(NDJSON, first=first)
    while True:
        yield b"\n".join(next(lines) for _ in range(size))


def _paragraphs(rng: random.Random) -> list[str]:
    found, size = [], 0
    while size < BODY_BYTES:
        found.append(" ".join(_sentence(rng, 14) for _ in range(4)))
        size += len(found[-1])
    return found


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."
