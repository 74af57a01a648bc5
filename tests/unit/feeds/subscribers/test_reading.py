"""What a subscriber may see, and what counts as told."""

import pytest
from tests.unit.feeds.subscribers.conftest import NOW, subscriber, told

from newsman.feeds.subscribers.reading import (
    SubscriberReading,
    current_reading,
    looking,
    narrowing,
    read_for,
    tell,
    tell_articles,
)
from newsman.feeds.subscribers.told import told_gone, told_tombstones
from newsman.outputs.listing import Tombstone
from newsman.redis.articles import Gone
from newsman_schemas.articles import Stage


@pytest.mark.parametrize(
    ("products", "sees"),
    [
        ((), True),
        (("latest",), True),
        (("section:sport",), True),
        (("section:arts", "lang:nb"), True),
        (("section:arts",), False),
        (("section:arts", "tag:sport"), False),
    ],
)
def test_a_subscriber_sees_what_stands_under_any_of_its_products(stored, products, sees):
    article = stored(section="Sport", language="nb").article
    assert SubscriberReading(subscriber("desk", *products)).may_see(article) is sees


def test_of_an_article_the_newest_that_was_told_counts():
    reading = SubscriberReading(subscriber())
    reading.tell([told("a", 2), told("b"), told("a", 1)])
    reading.tell([told("a", 3, "article.killed")])
    assert {(one.article_id[0], one.revision) for one in reading.told} == {("a", 3), ("b", 1)}


def test_what_is_only_looked_at_is_not_told_and_products_hold_all_the_same(stored):
    reading = SubscriberReading(subscriber("desk", "section:sport", "section:arts"))
    with read_for(reading):
        with looking():
            tell_articles([stored()])
            assert narrowing() == (("section:sport", "section:arts"),)
        assert reading.told == ()
        tell_articles([stored(revision=2)])
    assert [(one.event, one.revision) for one in reading.told] == [("article.updated", 2)]


def test_nobody_reads_for_the_public():
    assert (current_reading(), narrowing()) == (None, ())
    with looking():
        tell([told()])
        assert current_reading() is None


def test_a_tombstone_tells_of_a_kill_and_one_of_a_move_tells_nothing():
    def tombstone(status: str, revision: int) -> Tombstone:
        return Tombstone("a" * 16, None, 7, NOW, status, revision=revision)

    several = [tombstone("killed", 4), tombstone("withdrawn", 5), tombstone("moved", 0)]
    assert [(one.event, one.revision, one.version) for one in told_tombstones(several)] == [
        ("article.killed", 4, 7),
        ("article.withdrawn", 5, 7),
    ]
    trail = (Stage(stage="killed", service="publish", at=NOW, version=9),)
    for status, event in (("killed", "article.killed"), ("expired", "article.withdrawn")):
        one = told_gone(Gone("a" * 16, status, trail, 3))
        assert (one.event, one.revision, one.version, one.at) == (event, 3, 9, NOW)
