"""The names of keys: none is another's, and what changes together lies together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from newsman.redis.keys import (
    READ,
    ArticleKeys,
    DeliverKeys,
    FeedsKeys,
    IngestKeys,
    PopularityKeys,
    QueueKeys,
    RankingKeys,
    ReaderKeys,
    row,
)

IN_AN_ARTICLE = ("article", "history", "versions", "pending", "children", "parents")


@given(st.integers(0, 2**27 - 1), st.integers(0, READ - 1))
def test_a_row_gives_back_its_views_and_readers_exactly(views, readers):
    assert row(float(views * READ + readers)) == (views, readers)


@given(
    st.tuples(st.integers(0, 2**27 - 1), st.integers(0, READ - 1)),
    st.tuples(st.integers(0, 2**27 - 1), st.integers(0, READ - 1)),
)
def test_rows_sort_by_views_and_then_by_readers(one, other):
    as_score = [float(views * READ + readers) for views, readers in (one, other)]
    assert (as_score[0] < as_score[1]) == (one < other)


def test_all_keys_of_an_article_lie_in_one_slot_of_a_cluster():
    keys = ArticleKeys("newsman", "3")
    names = [getattr(keys, kind)("abcdefghijklmnop") for kind in IN_AN_ARTICLE]
    assert len({key_slot(name.encode()) for name in names}) == 1
    assert len(set(names)) == len(names)


def test_all_keys_of_a_partition_lie_in_one_slot_of_a_cluster():
    keys = PopularityKeys("newsman", 2)
    names = [
        keys.offset,
        keys.state,
        keys.queue,
        keys.seen,
        keys.decayed,
        keys.count("24h"),
        keys.span("hour", 7),
        keys.seen_in(7),
        keys.filtered("hour", 7),
        keys.arrivals(7),
        keys.attention(7),
    ]
    assert len({key_slot(name.encode()) for name in names}) == 1
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{keys.prefix}:") for name in names)


def test_all_keys_of_a_queue_lie_in_one_slot_of_a_cluster():
    names = QueueKeys("newsman", "abcdefghijklmnop").all
    assert len({key_slot(name.encode()) for name in names}) == 1
    assert len(set(names)) == len(names) == 9


def test_the_first_generation_has_no_name_and_the_others_have_theirs_before_every_key():
    first, second = ArticleKeys("ns"), ArticleKeys("ns", "2")
    assert first.article("a") == "ns:article:{a}"
    assert second.article("a") == "ns:g2:article:{a}"
    for kind in (*IN_AN_ARTICLE, "index", "gone"):
        assert getattr(second, kind)("x") == "ns:g2" + getattr(first, kind)("x").removeprefix("ns")
    assert second.due(0) == "ns:g2:store:due:0"
    assert second.all_of("index") == "ns:g2:index:*"


@pytest.mark.parametrize("name", ["marker", "progress", "lock", "changes", "mentions"])
def test_what_says_which_generation_serves_is_outside_of_all_generations(name):
    assert getattr(ArticleKeys("ns", "2"), name) == getattr(ArticleKeys("ns"), name)


def test_no_two_kinds_of_keys_have_the_same_name():
    feeds, reader, ranking = FeedsKeys("ns"), ReaderKeys("ns"), RankingKeys("ns")
    ingest, articles, deliver = IngestKeys("ns"), ArticleKeys("ns"), DeliverKeys("ns")
    names = [
        articles.marker, articles.progress, articles.lock, articles.changes, articles.names,
        articles.mentions, articles.due(1), articles.article("1"), articles.index("1"),
        articles.gone("1"),
        feeds.rebuild, feeds.process("1"), reader.secret, reader.page_secret, reader.salt("1"),
        reader.forgotten("1"), ranking.lock, ranking.edits, ranking.holds, ranking.last("1"),
        ingest.addresses(1), ingest.answer("1", "1"), deliver.marker, deliver.lock, deliver.offsets,
        deliver.ready, deliver.processes, deliver.queues, deliver.moved(1), deliver.told("1"),
        *QueueKeys("ns", "1").all,
    ]  # fmt: skip
    assert len(set(names)) == len(names)
    assert all(name.startswith("ns:") for name in names)


def test_namespaces_share_no_key():
    for kind in (ArticleKeys, FeedsKeys, RankingKeys, ReaderKeys, DeliverKeys):
        mine, others = (set(vars(kind(namespace)).values()) for namespace in ("one", "two"))
        assert not mine & others
