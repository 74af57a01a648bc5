"""Reading the counts of all partitions, against the plainest way to merge them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsman.redis.keys import READ, PopularityKeys
from newsman.redis.rankings import Count, RankingReader

PARTITIONS = 3
NAMES = [f"article{n:09d}" for n in range(30)]


@pytest.fixture
def read(ask, namespace):
    """Calls a method of a reader."""

    def read(method: str, *arguments, **named):
        return ask(
            lambda client: getattr(RankingReader(client, namespace, PARTITIONS), method)(
                *arguments, **named
            )
        )

    return read


@pytest.fixture
def parts(namespace) -> list[PopularityKeys]:
    return [PopularityKeys(namespace, number) for number in range(PARTITIONS)]


def partition(name: str) -> int:
    return NAMES.index(name) % PARTITIONS


def stored_row(views: int, readers: int) -> int:
    return views * READ + readers


def test_the_tops_of_all_partitions_are_one_list_most_views_first(redis_client, parts, read):
    redis_client.zadd(parts[0].count("24h"), {"a": stored_row(5, 2), "b": stored_row(1, 1)})
    redis_client.zadd(parts[2].count("24h"), {"c": stored_row(7, 1)})
    redis_client.zadd(parts[1].count("7d"), {"d": stored_row(99, 9)})
    assert read("top", "24h") == [Count("c", 7, 1), Count("a", 5, 2), Count("b", 1, 1)]
    assert read("top", "1h") == []


def test_of_equal_views_more_readers_stand_first_and_then_the_later_id(redis_client, parts, read):
    redis_client.zadd(parts[0].count("1h"), {"a": stored_row(5, 2), "z": stored_row(5, 2)})
    redis_client.zadd(parts[1].count("1h"), {"m": stored_row(5, 2), "b": stored_row(5, 3)})
    assert [count.article_id for count in read("top", "1h")] == ["b", "z", "m", "a"]


numbers = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=len(NAMES)
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(numbers, st.integers(0, 12), st.integers(0, 12))
def test_any_page_is_that_part_of_the_whole_order(
    redis_client, parts, read, counted, offset, limit
):
    for keys in parts:
        redis_client.delete(keys.count("all"))
    for name, told in counted.items():
        redis_client.zadd(parts[partition(name)].count("all"), {name: stored_row(*told)})
    whole = sorted(((*told, name) for name, told in counted.items()), reverse=True)
    page = [Count(name, views, readers) for views, readers, name in whole[offset : offset + limit]]
    assert read("top", "all", offset=offset, limit=limit) == page


def test_the_largest_numbers_that_a_row_holds_come_back_exactly(redis_client, parts, read):
    """A score is a double: 53 bits, of which the readers have 26."""
    most = {"views": 2**27 - 1, "readers": READ - 1}
    redis_client.zadd(parts[0].count("all"), {"a": stored_row(**most)})
    assert read("top", "all") == [Count("a", **most)]
    assert read("of", "a", "all") == Count("a", **most)


def test_what_nobody_looked_at_counts_zero(redis_client, parts, read):
    redis_client.zadd(parts[1].count("24h"), {"seen": stored_row(2, 1)})
    assert read("of", "unseen", "24h") == Count("unseen", 0, 0)
    assert read("of_many", ["unseen", "seen"], "24h") == {
        "unseen": Count("unseen", 0, 0),
        "seen": Count("seen", 2, 1),
    }
    assert read("of_many", [], "24h") == {}


def test_decayed_scores_are_merged_and_may_lie_below_zero(redis_client, parts, read):
    redis_client.zadd(parts[0].decayed, {"old": -3.5, "new": 2.25})
    redis_client.zadd(parts[2].decayed, {"middle": -0.5})
    assert read("decayed") == [("new", 2.25), ("middle", -0.5), ("old", -3.5)]
    assert read("decayed", offset=1, limit=1) == [("middle", -0.5)]
    asked = ["old", "faded", "middle"]
    assert read("decayed_of_many", asked) == {"old": -3.5, "faded": None, "middle": -0.5}


def test_each_span_has_its_own_numbers_in_the_order_asked_for(redis_client, parts, read):
    redis_client.hset(parts[0].span("hour", 7), "a", stored_row(3, 2))
    redis_client.hset(parts[1].span("hour", 7), "b", stored_row(1, 1))
    redis_client.hset(parts[0].span("hour", 9), "a", stored_row(4, 4))
    redis_client.hset(parts[0].span("day", 8), "a", stored_row(50, 40))
    assert read("spans", ["a", "b"], "hour", [9, 8, 7]) == [
        {"a": Count("a", 4, 4)},
        {},
        {"a": Count("a", 3, 2), "b": Count("b", 1, 1)},
    ]
    assert read("spans", [], "hour", [7, 8]) == [{}, {}]
    assert read("spans", ["a"], "hour", []) == []


def test_everything_in_a_span_is_the_views_of_all_partitions(redis_client, parts, read):
    redis_client.hset(parts[0].span("day", 3), mapping={"a": stored_row(3, 1)})
    redis_client.hset(parts[2].span("day", 3), mapping={"b": stored_row(2, 2)})
    redis_client.hset(parts[2].span("day", 4), mapping={"c": stored_row(9, 9)})
    assert read("everything", "day", 3) == {"a": 3, "b": 2}
    assert read("everything", "day", 5) == {}


def test_what_did_not_count_is_summed_by_reason_over_the_spans(redis_client, parts, read):
    redis_client.hset(parts[0].filtered("hour", 1), mapping={"ac": 2, "ar": 1, "bc": 7})
    redis_client.hset(parts[0].filtered("hour", 2), mapping={"ac": 3, "ax": 100})
    redis_client.hset(parts[0].filtered("day", 1), mapping={"ac": 50})
    told = read("filtered", ["a", "none"], "hour", [1, 2], "cr")
    assert told == {"a": {"c": 5, "r": 1}, "none": {"c": 0, "r": 0}}
    assert read("filtered", [], "hour", [1, 2], "cr") == {}
    assert read("filtered", ["a"], "hour", [], "cr") == {"a": {"c": 0, "r": 0}}


def test_attention_is_summed_over_days_and_partitions(redis_client, parts, read):
    redis_client.hset(parts[1].attention(20_000), mapping={"an": 2, "as": 90, "ae": 1})
    redis_client.hset(parts[1].attention(20_001), mapping={"an": 1, "as": 10})
    assert read("attention", ["a"], [20_000, 20_001]) == {"a": {"n": 3, "s": 100, "e": 1}}


def test_arrivals_are_told_minute_by_minute_in_the_order_asked_for(redis_client, parts, read):
    redis_client.hset(parts[0].arrivals(100), mapping={"ad": 1, "ap": 4})
    redis_client.hset(parts[0].arrivals(102), mapping={"al": 2})
    assert read("arrivals", ["a", "b"], [100, 101, 102]) == {
        "a": {"d": [1, 0, 0], "p": [4, 0, 0], "l": [0, 0, 2]},
        "b": {"d": [0, 0, 0], "p": [0, 0, 0], "l": [0, 0, 0]},
    }


@pytest.mark.parametrize("change", ["offset", "window", "queue"])
def test_the_state_is_another_whenever_a_count_may_be(redis_client, parts, read, change):
    before = read("state")
    assert read("state") == before
    if change == "offset":
        redis_client.set(parts[2].offset, 7)
    elif change == "window":
        redis_client.hset(parts[0].state, "24h", 29_540_880)
    else:
        redis_client.rpush(parts[1].queue, "{}")
    assert read("state") != before
