"""A push under a name that is no URI means the article that a feed brought under it before."""

from datetime import UTC, datetime, timedelta

import pytest

from newsman.publish.identity.bare_names import Ambiguous, BareName, Bearer, bare_name
from newsman_schemas.articles import (
    ArticleEnriched,
    EnrichedArticle,
    Enrichment,
    LogPlace,
    article_id,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OWN = article_id("desk", "54")
LOCK, BRIDGE = "https://news.example/lock", "https://news.example/bridge"


def push(minute: int, status: str = "usable", link: str | None = None) -> ArticleEnriched:
    article = EnrichedArticle(
        id=OWN,
        source="desk",
        uri="54",
        version_created=NOON,
        headline="The lock",
        slug="lock",
        pubstatus=status,
        canonical_url=link,
        log_place=LogPlace(partition=0, offset=minute, logged_at=NOON + minute * MINUTE),
        enrichment=Enrichment(status="done", method="test", duration_ms=1),
    )
    return ArticleEnriched(event_id=f"{minute}{status}", occurred_at=NOON, article=article)


def bearer(ident: str, minute: int, link: str | None = None) -> Bearer:
    return Bearer(ident, NOON + minute * MINUTE, link)


def name(*bearers: Bearer, holds: tuple[ArticleEnriched, ...] = ()) -> BareName:
    return BareName(OWN, bearers, holds)


@pytest.mark.parametrize("status", ["usable", "withheld", "canceled"])
def test_the_one_that_has_the_name_is_meant(status):
    assert name(bearer("a", 1)).meant_by(push(2, status)) == ("a",)


@pytest.mark.parametrize("status", ["usable", "withheld", "canceled"])
def test_one_of_several_is_not_guessed(status):
    with pytest.raises(Ambiguous, match="a, b"):
        name(bearer("a", 1), bearer("b", 2)).meant_by(push(3, status))


def test_one_that_came_later_makes_nothing_ambiguous():
    known = name(bearer("a", 1), bearer("b", 3))
    assert known.meant_by(push(2, "canceled")) == ("a",)
    assert known.meant_by(push(2)) == ("a",)


def test_its_link_says_which_is_meant():
    known = name(bearer("a", 1, LOCK), bearer("b", 2, BRIDGE), bearer("c", 2))
    assert known.meant_by(push(3, "canceled", "http://news.example/bridge/?utm_source=x")) == ("b",)


def test_another_link_is_another_story():
    assert name(bearer("a", 1, LOCK)).meant_by(push(2, link=BRIDGE)) == (OWN,)
    assert name(bearer("a", 1, LOCK)).meant_by(push(2, "canceled", BRIDGE)) == (OWN,)


def test_one_story_in_two_feeds_is_meant_in_both_and_killed_in_one_that_comes_later():
    known = name(bearer("a", 1, LOCK), bearer("b", 2, LOCK), bearer("c", 5, LOCK))
    assert known.meant_by(push(3)) == ("a", "b")
    assert known.meant_by(push(3, "canceled")) == ("a", "b", "c")


def test_a_kill_that_comes_first_waits_for_the_first_of_the_name():
    known = name(bearer("b", 4), bearer("a", 3), holds=(push(1, "canceled"),))
    assert known.meant_by(push(1, "canceled")) == (OWN, "a")
    assert known.holds_on("a") == [push(1, "canceled")]
    assert known.holds_on("b") == []
    assert name().meant_by(push(1, "canceled")) == (OWN,)


def test_a_text_that_comes_first_is_an_article_of_its_own_and_stays_so():
    known = name(bearer(OWN, 1), bearer("a", 2))
    assert known.meant_by(push(1)) == (OWN,)
    assert known.meant_by(push(3)) == (OWN,)
    assert known.meant_by(push(3, "canceled")) == (OWN,)
    assert not known.came_after("a")
    assert name(bearer("a", 2)).meant_by(push(1)) == (OWN,)


def test_a_text_that_overtook_its_article_is_known():
    assert name(bearer(OWN, 3), bearer("a", 2)).came_after("a")
    assert not name(bearer(OWN, 3), bearer("a", 2), bearer("b", 1)).came_after("a")
    assert not name(bearer(OWN, 3), bearer("b", 2)).came_after("a")
    assert not name(bearer(OWN, 3, LOCK), bearer("a", 2, BRIDGE)).came_after("a")


def test_an_ambiguous_hold_waits_for_nobody():
    known = name(bearer("a", 1), bearer("b", 2), holds=(push(3, "canceled"),))
    assert known.holds_on("a") == known.holds_on("b") == []


def test_a_uri_is_no_bare_name():
    assert bare_name(push(1).article) == OWN
    assert bare_name(push(1).article.model_copy(update={"uri": "tag:desk,2026:54"})) is None
