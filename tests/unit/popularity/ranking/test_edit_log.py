"""What editors have decided is read from the beginning and followed under a watch."""

from datetime import UTC, datetime

import pytest
from kafka import TopicPartition
from tests.fake_log import FakeBroker

from newsman.kafka.log import TopicLog
from newsman.kafka.missing_records import ReadStalled, warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch, ReaderStalled
from newsman.popularity.ranking.edit_log import EditLog
from newsman_schemas.popularity import RankingEdited
from newsman_schemas.topics import RANKING_EDITED

TOPIC = RANKING_EDITED.full_name("n")
PART = TopicPartition(TOPIC, 0)


def edit(article: str, action: str) -> bytes:
    event = RankingEdited(
        event_id="e" * 32,
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        article_id=article * 16,
        action=action,
        by="desk",
        reason="",
    )
    return event.model_dump_json().encode()


def edit_log(on: FakeBroker) -> EditLog:
    topics = TopicLog(on, gone=warn_gone, silence_seconds=5, clock=lambda: on.seconds)
    return EditLog(topics, TOPIC)


def on_the_log(*values: bytes) -> FakeBroker:
    return FakeBroker({PART: list(range(len(values)))}, values=dict(enumerate(values)), at_once=2)


@pytest.fixture
def watch() -> PartitionWatch:
    return PartitionWatch(lambda parts: dict.fromkeys(parts, 3), limit_seconds=6)


def test_nothing_is_ranked_before_the_first_end_is_reached(watch):
    on = on_the_log(edit("a", "ban"), b"no edit", edit("b", "ban"))
    edits = edit_log(on)
    assert [edits.follow(watch), edits.follow(watch)] == [False, True]
    assert edits.edits.keys() == {"a" * 16, "b" * 16}
    assert edits.position == 3


def test_an_empty_log_is_at_its_end(watch):
    assert edit_log(on_the_log()).follow(watch)


def test_a_log_of_which_all_is_deleted_is_at_its_end(watch):
    on = on_the_log()
    on.begins[PART] = on.ends[PART] = 7
    edits = edit_log(on)
    assert edits.follow(watch)
    assert edits.position == 7


def test_a_partition_that_stands_still_ends_the_process(watch):
    on = on_the_log(edit("a", "ban"), edit("b", "ban"), edit("c", "ban"))
    edits = edit_log(on)
    edits.follow(watch)
    watch.look()
    on.silent = {PART}
    with pytest.raises(ReaderStalled, match=r"ranking-edited\.v1\[0\] has stood still"):
        for _ in range(10):
            edits.follow(watch)
            watch.look()


def test_reading_for_an_operator_ends_at_the_end_or_with_what_is_missing():
    on = on_the_log(edit("a", "ban"), edit("b", "ban"), edit("c", "ban"))
    edits = edit_log(on)
    edits.read()
    assert len(edits.events) == 3
    on = on_the_log(edit("a", "ban"))
    on.silent = {PART}
    with pytest.raises(ReadStalled, match="1 are missing up to 1"):
        edit_log(on).read()
