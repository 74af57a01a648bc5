"""Edits and holds in Redis: what was written is what is read, and all of it at once."""

import pytest

from newsman.rankings.core import NO_EDIT, Edit
from newsman.rankings.edits import EditsStore
from newsman.rankings.holds import KEPT_SECONDS, HoldsStore, RankingHold
from newsman.redis.keys import RankingKeys

EDITS = {
    "a": Edit(pins=(("all", 1), ("section:économie", 3)), admitted=True),
    "b": Edit(banned=True),
    "c": Edit(held=True),
}
HOLD = RankingHold(
    "900 views, 3 of them told — „quick“", since=1_772_452_800, passes_at=1_772_456_400
)


@pytest.fixture
def edits(ask, namespace):
    """Calls a method of an edits store."""

    def call(method: str, *arguments):
        return ask(lambda client: getattr(EditsStore(client, namespace), method)(*arguments))

    return call


@pytest.fixture
def holds(ask, namespace):
    """Calls a method of a holds store."""

    def call(method: str, *arguments):
        return ask(lambda client: getattr(HoldsStore(client, namespace), method)(*arguments))

    return call


def test_edits_come_back_as_they_were_written_with_how_far_of_the_log_they_reach(edits):
    edits("write", EDITS, 42)
    assert edits("read") == EDITS
    assert edits("position") == 42


def test_after_a_flush_nothing_is_edited_and_the_log_is_to_be_read_anew(edits):
    assert edits("read") == {}
    assert edits("position") is None


def test_a_log_without_edits_is_no_flush(edits):
    edits("write", {}, 0)
    assert edits("read") == {}
    assert edits("position") == 0


def test_writing_replaces_what_was_there(edits):
    edits("write", EDITS, 42)
    edits("write", {"b": NO_EDIT}, 43)
    assert edits("read") == {"b": NO_EDIT}
    assert edits("position") == 43


def test_a_hold_is_added_to_what_editors_said_and_is_no_edit_itself(edits, holds):
    edits("write", {"a": Edit(pins=(("all", 1),), admitted=True)}, 1)
    holds("write", {"a": HOLD, "new": HOLD})
    read = edits("read")
    assert read["a"] == Edit(pins=(("all", 1),), held=True, admitted=True)
    assert not read["a"].is_out
    assert read["new"].is_out
    holds("write", {})
    assert edits("read") == {"a": Edit(pins=(("all", 1),), admitted=True)}


def test_holds_come_back_as_they_were_written_and_only_as_long_as_somebody_looks(
    holds, redis_client, namespace
):
    holds("write", {"b": HOLD, "a": HOLD})
    assert holds("read") == {"a": HOLD, "b": HOLD}
    key = RankingKeys(namespace).holds
    assert 0 < redis_client.ttl(key) <= KEPT_SECONDS


def test_no_hold_is_no_key(holds, redis_client, namespace):
    holds("write", {"a": HOLD})
    holds("write", {})
    assert holds("read") == {}
    assert holds("raw") is None
    assert not redis_client.exists(RankingKeys(namespace).holds)


def test_the_same_holds_are_the_same_bytes_in_whatever_order_they_were_found(holds):
    """By these bytes others see that nothing has changed."""
    holds("write", {"a": HOLD, "b": HOLD})
    before = holds("raw")
    holds("write", {"b": HOLD, "a": HOLD})
    assert holds("raw") == before
    holds("write", {"a": HOLD})
    assert holds("raw") != before


def test_a_hold_says_in_utc_since_when_why_and_how_it_ends():
    text = str(HOLD)
    assert text.startswith("held since 12:00:00 UTC: 900 views")
    assert "at about 13:00 if nothing like it comes" in text
    assert "`newsman popularity admit`" in text
