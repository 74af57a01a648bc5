"""Searches of open streams: what passes them, what leaves them, and what is forgotten."""

import pytest

from newsman.feeds.stream.frames import article_frame
from newsman.feeds.stream.searches import NOTHING, Passed, Searches
from newsman.outputs.listing import Site
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Filter

GOAL = Filter(q="goal")
URGENT = Filter(urgency_max=2)


@pytest.fixture
def event(stored):
    def event(revision: int, headline: str | None, **fields) -> ArticlePublished:
        article = stored(headline=headline, **fields).article if headline else None
        one = article or stored().article
        return ArticlePublished(
            event_id=f"e{revision}",
            occurred_at=one.version_created,
            action="killed" if article is None else "updated",
            revision=revision,
            article_id=one.id,
            source=one.source,
            uri=one.uri,
            version=revision,
            article=article,
        )

    return event


def test_an_article_passes_searches_and_leaves_them(event):
    searches = Searches()
    goal, _ = searches.open(GOAL)
    urgent, _ = searches.open(URGENT)
    assert searches.look(event(1, "A goal", urgency=1)) == Passed(frozenset({goal, urgent}))
    assert searches.look(event(2, "A miss", urgency=1)) == Passed(
        frozenset({urgent}), frozenset({goal})
    )
    assert searches.look(event(2, "A miss", urgency=1)) == Passed(frozenset({urgent}))
    assert searches.look(event(3, None)) == NOTHING
    # What was killed has left already.
    assert searches.look(event(4, "A walk")) == NOTHING


def test_streams_share_a_search_and_what_has_ended_is_not_looked_for(event):
    searches = Searches()
    first, version = searches.open(GOAL)
    assert searches.open(Filter(q="goal")) == (first, version)
    searches.close(GOAL)
    assert searches.look(event(1, "A goal")).terms == {first}
    searches.close(GOAL)
    assert searches.look(event(2, "A goal")) == NOTHING
    again, later = searches.open(GOAL)
    assert again != first
    assert later > version
    # Nothing of the streams before is told to this one.
    assert searches.look(event(3, "A miss")) == NOTHING


def test_what_a_replay_told_of_is_known_to_have_left(event):
    searches = Searches()
    goal, _ = searches.open(GOAL)
    alone = searches.replay(goal, GOAL)
    assert alone.look(event(1, "A goal")).terms == {goal}
    searches.remember(alone)
    assert searches.look(event(2, "A miss")).left == {goal}


def test_a_frame_stands_under_the_searches_that_it_passes(event):
    site = Site("https://news.example", "The Example")
    passed = Passed(frozenset({"search:1"}), frozenset({"search:2"}))
    frame = article_frame(event(3, "A goal"), "t", 0, 7, site, passed)
    assert frame.payload_for(frozenset({"search:1"})) == frame.payload
    moved = frame.payload_for(frozenset({"search:2"}))
    assert moved is not None
    assert b'"reason": "moved"' in moved
    assert frame.payload_for(frozenset({"search:3"})) is None
    assert frame.since(3).payload_for(frozenset({"search:2"})) is None
