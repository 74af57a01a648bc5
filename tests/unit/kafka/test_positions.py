"""Ids of events: the position in every partition, and nothing else can be read by them."""

import json

import pytest

from newsman.kafka.positions import BadPosition, Named, UnknownTopic, decode_id, encode_id

TOPIC, OTHER = "t.article-published.v1", "t.ranking-changed.v2"
KNOWN = [(TOPIC, 0), (TOPIC, 1), (OTHER, 0)]


def test_an_id_comes_back_as_the_position_it_was_made_of():
    positions = {(OTHER, 0): 5, (TOPIC, 1): 7, (TOPIC, 0): 3}
    text = encode_id(positions).decode().removeprefix("id: ")
    assert json.loads(text) == [
        {"topic": TOPIC, "partition": 0, "offset": 3},
        {"topic": TOPIC, "partition": 1, "offset": 7},
        {"topic": OTHER, "partition": 0, "offset": 5},
    ]
    assert decode_id(text, KNOWN) == Named(positions)


def test_an_id_may_name_times_instead_of_offsets():
    entries = [
        {"topic": TOPIC, "partition": 0, "timestamp": 1_700_000_000_001},
        {"topic": TOPIC, "partition": 1, "offset": 7, "timestamp": 1},
    ]
    named = decode_id(json.dumps(entries), KNOWN)
    assert named == Named({(TOPIC, 1): 7}, {(TOPIC, 0): 1_700_000_000_001})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "7",
        "null",
        '"x"',
        "[]",
        "[1]",
        "[{}]",
        "[[]]",
        "[" * 100_000,
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": -1}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": 2**63}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": "1"}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "offset": True}]),
        json.dumps([{"topic": TOPIC, "partition": 0, "timestamp": 1.5}]),
        json.dumps([{"topic": TOPIC, "partition": 9, "offset": 1}]),
        json.dumps([{"topic": TOPIC, "partition": False, "offset": 1}]),
        json.dumps([{"topic": TOPIC, "partition": [], "offset": 1}]),
        json.dumps([{"topic": TOPIC, "partition": 0}]),
    ],
)
def test_an_id_that_is_none_is_refused(text):
    with pytest.raises(BadPosition):
        decode_id(text, KNOWN)


@pytest.mark.parametrize("topic", ["rejected.v1", 1, None, ["x"]])
def test_an_id_of_another_topic_is_refused_so_that_nothing_else_can_be_read(topic):
    with pytest.raises(UnknownTopic):
        decode_id(json.dumps([{"topic": topic, "partition": 0, "offset": 0}]), KNOWN)
