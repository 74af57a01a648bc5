"""One article for each story: which it is, pages of them, and changes, against plain Python."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search_stories
from newsman.feeds.catalogue.story_queries import (
    changed_stories,
    listed_stories,
    members,
)
from newsman.feeds.query.cursors import (
    BadCursor,
    ListingPosition,
    decode_before,
    decode_since,
    decode_top,
    encode_before,
    encode_since,
)
from newsman_schemas.articles import (
    ArticlePublished,
    EnrichedArticle,
    Enrichment,
    Story,
    article_id,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SPORT = ("section:sport",)


def event(
    name: str, revision: int = 1, *, story=None, role="original", hours=0, **fields
) -> ArticlePublished:
    """A revision of an article; without a section it was killed."""
    mine = article_id("desk", name)
    article = EnrichedArticle(
        id=mine,
        source="desk",
        uri=name,
        version_created=NOW + timedelta(hours=hours),
        headline=f"News of {name}",
        slug=name,
        story=Story(id=article_id("desk", story), role=role) if story else None,
        enrichment=Enrichment(status="done", method="t", duration_ms=1),
        **fields,
    )
    is_gone = fields.get("section") is None
    return ArticlePublished(
        event_id=f"{name}-{revision}",
        occurred_at=NOW,
        action="killed" if is_gone else "published",
        revision=revision,
        article_id=mine,
        source="desk",
        uri=name,
        version=revision,
        article=None if is_gone else article,
    )


def shown(catalogue, terms=SPORT) -> list[str]:
    places = listed_stories(catalogue, terms, before=None, top=None, limit=99)
    return [place.article_id for place in places]


def ids(*names: str) -> list[str]:
    return [article_id("desk", name) for name in names]


def test_the_newest_that_is_no_copy_stands_for_its_story(catalogue, tell):
    tell(event("first", story="first", section="Sport"))
    tell(event("copy", story="first", role="copy", hours=3, section="Sport"))
    assert shown(catalogue) == ids("first")
    tell(event("later", story="first", role="follow-up", hours=2, section="Sport"))
    tell(event("alone", section="Sport", hours=1))
    assert shown(catalogue) == ids("later", "alone")
    assert members(catalogue, *ids("later")) == ids("copy", "first")
    assert members(catalogue, *ids("alone")) == []


def test_where_a_list_has_copies_only_the_first_stands(catalogue, tell):
    tell(event("first", story="first", section="Arts"))
    for hours in (2, 1, 3):
        copy = event(f"copy {hours}", story="first", role="copy", hours=hours, section="Sport")
        tell(copy)
    assert shown(catalogue) == ids("copy 1")
    tell(event("first", 2))
    assert shown(catalogue, ("latest",)) == ids("copy 1")
    assert members(catalogue, *ids("copy 1")) == ids("copy 3", "copy 2")


def test_an_article_that_was_killed_stands_for_nothing(catalogue, tell):
    tell(event("first", story="first", section="Sport"))
    tell(event("later", story="first", role="update", hours=1, section="Sport"))
    tell(event("later", 2))
    assert shown(catalogue) == ids("first")
    assert members(catalogue, *ids("first")) == []
    assert not catalogue.rows("SELECT * FROM names WHERE name LIKE '%News of%'")


def test_a_search_finds_the_best_of_each_story(catalogue, tell):
    tell(event("first", story="first", section="Sport", body_text="a ferry"))
    tell(event("ferry", story="first", role="copy", section="Sport", body_text="ferry ferry"))
    tell(event("other", section="Sport", body_text="ferry among other words"))
    assert sorted(search_stories(catalogue, "ferry", (), 9)) == sorted(ids("ferry", "other"))
    assert search_stories(catalogue, "ferry", SPORT, 1) == ids("ferry")
    assert search_stories(catalogue, "", (), 9) == []


ARTICLES = st.fixed_dictionaries(
    {
        "name": st.sampled_from("abcdefgh"),
        "story": st.sampled_from(["a", "b", None]),
        "role": st.sampled_from(["original", "copy", "update", "follow-up"]),
        "hours": st.integers(0, 3),
        "section": st.sampled_from(["Sport", "Sport", "Arts", None]),
    }
)


def expected(newest: dict[str, dict]) -> dict[str, ListingPosition]:
    """What stands for each story, told in plain Python."""
    stories: dict[str, list] = {}
    for one in newest.values():
        if one["section"] != "Sport":
            continue
        moment = int((NOW + timedelta(hours=one["hours"])).timestamp() * 1000)
        place = ListingPosition(moment, *ids(one["name"]))
        key = one["story"] and f"story {one['story']}"
        entry = (one["role"] != "copy", place)
        stories.setdefault(key or f"alone {one['name']}", []).append(entry)
    found = {}
    for key, entries in stories.items():
        own = [place for may_stand, place in entries if may_stand]
        found[key] = max(own) if own else min(place for _, place in entries)
    return found


@given(steps=st.lists(ARTICLES, max_size=25), limit=st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_pages_hold_every_story_once(steps, limit):
    catalogue, newest = Catalogue(), {}
    for number, step in enumerate(steps):
        newest[step["name"]] = step
        catalogue.write(
            [LoggedEvent(0, number, event(revision=number + 1, **step))], {0: number + 1}
        )
    want = sorted(expected(newest).values(), reverse=True)
    seen, before, top = [], None, None
    while page := listed_stories(catalogue, SPORT, before=before, top=top, limit=limit):
        seen += page
        cursor = encode_before(page[-1], top or seen[0])
        before, top = decode_before(cursor), decode_top(cursor)
        # Whatever is new to a story meanwhile is above where this reader began.
        revision = len(steps) + len(seen) + 1
        later = event(
            f"later {revision}", revision, story="a", role="update", hours=9, section="Sport"
        )
        catalogue.write([LoggedEvent(0, revision, later)], {0: revision + 1})
    assert seen == want
    catalogue.close()


@given(
    steps=st.lists(ARTICLES, max_size=25),
    reads=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 3)), max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_a_reader_of_changes_ends_with_what_stands(steps, reads):
    catalogue, newest, ends = Catalogue(), {}, dict.fromkeys(range(3), 0)
    held: set[str] = set()
    since: dict[int, int] = {}

    def read(limit: int) -> bool:
        nonlocal since
        changes, reached = changed_stories(catalogue, SPORT, since, limit)
        assert len({change.article_id for change in changes}) == len(changes)
        for change in changes:
            held.discard(change.article_id)
            if change.tombstone is None:
                held.add(change.article_id)
        onward = decode_since(encode_since(reached)) != since
        since = reached
        return onward or bool(changes)

    for number, step in enumerate(steps):
        newest[step["name"]] = step
        part = ord(step["name"]) % 3
        told = LoggedEvent(part, ends[part], event(revision=number + 1, **step))
        catalogue.write([told], {part: ends[part] + 1})
        ends[part] += 1
        for at, limit in reads:
            if at == number:
                read(limit)
    while read(2):
        pass
    assert held == {place.article_id for place in expected(newest).values()}
    catalogue.close()


@pytest.mark.parametrize("text", ["1-" + "a" * 16 + "_", "_1-" + "a" * 16, "1-a_1-a"])
def test_a_cursor_of_pages_that_nobody_made_is_refused(text):
    with pytest.raises(BadCursor):
        decode_top(text)
