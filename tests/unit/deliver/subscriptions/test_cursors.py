"""Where to begin: one text for webhooks, long polling and streams."""

import json

import pytest

from newsman.deliver.subscriptions.cursors import END_MS, LONGEST, read_cursor
from newsman.kafka.positions import BadPosition, Named, encode_cursor

ARTICLES, RANKINGS = "n.article-published.v1", "n.ranking-changed.v2"
PARTS = [(ARTICLES, 0), (ARTICLES, 1), (RANKINGS, 0)]
HERE = {(ARTICLES, 0): 3, (ARTICLES, 1): 7, (RANKINGS, 0): 2}


def vector(positions) -> str:
    return json.dumps(
        [{"topic": t, "partition": p, "offset": o} for (t, p), o in positions.items()]
    )


@pytest.mark.parametrize("text", [vector(HERE), encode_cursor(HERE), f" {encode_cursor(HERE)} "])
def test_a_cursor_is_an_events_id_or_the_same_as_one_word(text):
    assert read_cursor(text, PARTS) == Named(HERE, {})


def test_a_cursor_may_stand_in_an_address():
    assert encode_cursor(HERE).replace("-", "").replace("_", "").isalnum()


def test_what_a_cursor_does_not_mention_begins_now():
    named = read_cursor(vector({(ARTICLES, 1): 7}), PARTS)
    assert named == Named({(ARTICLES, 1): 7}, {(ARTICLES, 0): END_MS, (RANKINGS, 0): END_MS})


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("now", END_MS),
        ("beginning", 0),
        ("2024-01-01T00:00:00Z", 1_704_067_200_000),
        ("2024-01-01T01:00:00+01:00", 1_704_067_200_000),
        ("1704067200000", 1_704_067_200_000),
    ],
)
def test_words_and_times_name_a_moment_in_every_partition(text, ms):
    assert read_cursor(text, PARTS) == Named({}, dict.fromkeys(PARTS, ms))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "-1",
        "ä",
        "=" * 50,
        "[" * 9_000,
        "A" * (LONGEST + 1),
        "W10",
        vector({("n.rejected.v1", 0): 0}),
        vector({(ARTICLES, 9): 0}),
        encode_cursor({("n.subscriber-changed.v1", 0): 0}),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadPosition):
        read_cursor(text, PARTS)
