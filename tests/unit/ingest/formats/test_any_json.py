"""JSON of any shape in the place of every value: refused or taken, never a crash."""

import copy
import json
import random
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument, Defaults
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 1, tzinfo=UTC))
DIALECT = {
    "guid": "urn:1",
    "type": "text",
    "version": "2",
    "headline": "H",
    "byline": "B",
    "pubstatus": "usable",
    "versioncreated": "2026-03-01T08:00:57+0000",
    "embargoed": "2026-03-01T08:00:57+0000",
    "body_html": "<p>x</p>",
    "subject": [{"code": "1", "name": "n", "scheme": "s"}],
    "service": [{"code": "1", "name": "n"}],
    "authors": [{"code": "1", "name": "n", "role": "r"}],
    "keywords": ["a"],
    "ancestors": ["urn:0"],
    "extra": {"a": 1},
    "renditions": {"original": {"href": "https://news.example/a.jpg", "width": 1}},
    "associations": {
        "main": {"type": "picture", "renditions": {"original": {"href": "https://a.example/b"}}}
    },
}
EVENT = {"guid": "urn:e", "type": "event", "name": "N", "pubstatus": "usable", "state": "s"}
PLURAL = {
    "uri": "urn:2",
    "versionCreated": "2026-03-01T08:00:57Z",
    "standard": {"name": "ninjs", "version": "3.0"},
    "headlines": [{"role": "main", "value": "H"}],
    "bodies": [{"role": "main", "contentType": "text/html", "value": "<p>x</p>"}],
    "descriptions": [{"value": "D"}],
    "subjects": [{"name": "n", "uri": "https://a.example/1"}],
    "associations": [{"name": "a", "uri": "urn:3", "type": "picture", "renditions": []}],
    "renditions": [{"name": "r", "href": "https://a.example/1"}],
}
NATIVE = {
    "uri": "urn:4",
    "headline": "H",
    "version": 1,
    "published_at": "2026-03-01",
    "keywords": ["a"],
    "authors": [{"name": "n"}],
    "images": [{"href": "https://a.example/1", "width": 3}],
    "extra": {"a": [1]},
}
CLOUDEVENT = {"specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": DIALECT}
ODD = [
    None, True, False, 0, -1, 1e300, 2**70, "", "x", "\ud800", "\x00", "9" * 400, [], {}, [[]],
    [None], [{}], {"": None}, {"a": {"b": []}}, ["x", 1], [{"name": []}], {"name": {}}, "²", "٣",
]  # fmt: skip
CASES_EACH = 2_000


def mutate(value, dice: random.Random):
    """The value with one to three of its parts replaced, dropped or doubled."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        holder = value
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = dice.choice(keys)
            if isinstance(holder[key], (dict, list)) and holder[key] and dice.random() < 0.6:
                holder = holder[key]
                continue
            if dice.random() < 0.15:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(dice.choice(ODD))
            break
    return value


@pytest.mark.parametrize(
    ("sample", "content_type"),
    [
        (DIALECT, "application/json"),
        (EVENT, "application/vnd.iptc.ninjs+json"),
        (PLURAL, "application/json"),
        (NATIVE, "application/vnd.newsman+json"),
        (CLOUDEVENT, "application/cloudevents+json"),
    ],
    ids=["dialect", "event", "plural", "native", "cloudevent"],
)
def test_every_mutation_is_taken_or_refused_with_reasons(sample, content_type):
    dice = random.Random(7)
    for _ in range(CASES_EACH):
        body = json.dumps(mutate(sample, dice)).encode()
        try:
            document = parse(body, content_type=content_type, format_name=None, defaults=DEFAULTS)
        except BadDocument:
            continue
        for item in document.items:
            if item.is_bad:
                assert item.problems, body
            elif item.article is not None:
                json.loads(item.article.model_dump_json())
