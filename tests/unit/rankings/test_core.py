"""Orders, scopes, pins and bans: the pure rules of a ranking."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.rankings.core import (
    NO_EDIT,
    PAST_OF,
    WINDOW_SECONDS_OF,
    Edit,
    FrontPin,
    RankingRow,
    by_readers,
    edited,
    expected_views,
    pins_of,
    rising,
    scope_named,
    section_pasts,
    with_pins,
)
from newsman_schemas.popularity import RankingEdited

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = "a" * 16


def said(action: str, **changes) -> RankingEdited:
    told = {"event_id": "1", "occurred_at": NOON, "article_id": ONE, "action": action, "by": "ed"}
    return RankingEdited.model_validate({**told, **changes})


def after(*events: RankingEdited) -> Edit:
    edit = NO_EDIT
    for event in events:
        edit = edited(edit, event)
    return edit


def test_a_hold_takes_out_until_somebody_admits_and_the_last_of_both_holds():
    assert after(said("hold")).is_out
    assert not after(said("hold"), said("admit")).is_out
    assert after(said("admit"), said("hold")).is_out
    assert not after(said("admit")).is_out


def test_a_ban_stands_whatever_else_is_said_until_it_is_lifted():
    assert after(said("ban"), said("admit"), said("pin", rank=1)).is_out
    assert not after(said("ban"), said("unban")).is_out
    assert after(said("hold"), said("ban"), said("unban")).is_out


def test_a_pin_to_the_front_is_in_no_ranking_and_has_its_time():
    edit = after(said("pin", rank=2, scope="front", ends_at=NOON), said("pin", scope="all"))
    assert edit.front == FrontPin(2, None, NOON.timestamp())
    assert edit.pins == (("all", 1),)
    assert after(said("pin", scope="front"), said("unpin", scope="front")) == NO_EDIT


def test_one_article_has_one_pin_in_each_scope_the_last_one():
    pinned = after(
        said("pin", rank=3),
        said("pin", rank=1, scope="section:sport"),
        said("pin", rank=2),
    )
    assert dict(pinned.pins) == {"all": 2, "section:sport": 1}
    assert len(pinned.pins) == 2
    unpinned = edited(pinned, said("unpin"))
    assert unpinned.pins == (("section:sport", 1),)
    assert edited(NO_EDIT, said("unpin")) == NO_EDIT


def test_a_pin_without_a_rank_is_at_the_top():
    assert after(said("pin")).pins == (("all", 1),)


def test_what_is_out_is_pinned_nowhere():
    edits = {
        "in": Edit(pins=(("all", 2), ("tag:cup", 5))),
        "banned": Edit(pins=(("all", 1),), banned=True),
        "held": Edit(pins=(("all", 1),), held=True),
        "admitted": Edit(pins=(("all", 3),), held=True, admitted=True),
    }
    assert pins_of(edits, "all") == {"in": 2, "admitted": 3}
    assert pins_of(edits, "tag:cup") == {"in": 5}
    assert pins_of(edits, "tag:none") == {}


def row(name: str, views: int = 1) -> RankingRow:
    return RankingRow(name, views, views, float(views))


names = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(names, st.dictionaries(st.sampled_from("abcdxyz"), st.integers(1, 12)), st.integers(0, 10))
def test_a_pinned_ranking_has_every_row_once_the_others_in_their_order(ranked, ranks, limit):
    pinned = {name: row(name) for name in ranks}
    whole = with_pins([row(name) for name in ranked], pinned, ranks, len(ranked) + len(ranks))
    assert sorted(r.article_id for r in whole) == sorted({*ranked, *ranks})
    others = [r.article_id for r in whole if not r.pinned]
    assert others == [name for name in ranked if name not in ranks]
    assert {r.article_id for r in whole if r.pinned} == set(ranks)
    assert with_pins([row(name) for name in ranked], pinned, ranks, limit) == whole[:limit]


@given(names, st.permutations(range(1, 9)))
def test_pins_at_different_ranks_stand_exactly_there_where_the_ranking_is_long_enough(ranked, at):
    ranks = dict(zip("wxyz", at, strict=False))
    placed = with_pins([row(n) for n in ranked], {n: row(n) for n in ranks}, ranks, 99)
    for name, rank in ranks.items():
        if rank <= len(ranked) + 1:
            assert placed[rank - 1].article_id == name


def test_pins_at_one_rank_stand_behind_each_other_by_id_the_last_first():
    placed = with_pins([row("a")], {"x": row("x"), "y": row("y")}, {"x": 1, "y": 1}, 9)
    assert [r.article_id for r in placed] == ["y", "x", "a"]


def test_a_pin_of_what_may_not_be_seen_leaves_no_hole_and_its_counted_row_is_out():
    placed = with_pins([row("a"), row("killed"), row("b")], {}, {"killed": 1}, 9)
    assert [r.article_id for r in placed] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("all", "all"),
        ("section:sport", "section:sport"),
        ("section:World News", "section:world-news"),
        ("section:Économie & Börse", "section:economie-borse"),
        ("tag:cup", "tag:cup"),
        ("entity:Zoë  O’Neil", "entity:zoe-oneil"),
        ("language:en", "language:en"),
        ("language:pt_BR", "language:pt-br"),
        ("source:City_Desk", "source:city-desk"),
        ("source:AFP: Köln", "source:afp-koln"),
    ],
)
def test_a_scope_is_named_by_any_spelling_of_it_and_by_itself(text, scope):
    assert scope_named(text) == scope
    assert scope_named(scope) == scope


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all:",
        "sport",
        "section",
        "section:",
        "section:!!!",
        ":sport",
        "Section:x",
        "ALL",
        "tag:***",
        "mood:good",
        "author:a",
        "author:x",
    ],
)
def test_what_names_no_kind_or_nothing_of_it_is_no_scope(text):
    assert scope_named(text) is None


def test_a_pin_in_a_scope_holds_and_is_lifted_by_any_spelling_of_it():
    pinned = after(said("pin", rank=2, scope="section:World News"))
    assert pinned.pins == (("section:world-news", 2),)
    assert edited(pinned, said("unpin", scope="section:world news")).pins == ()
    # What names no scope of today may have stood on the log for long.
    assert after(said("pin", scope="desk:x")).pins == (("desk:x", 1),)


def test_readers_come_before_views_in_the_order_of_readers():
    rows = [RankingRow("a", 9, 1, 0), RankingRow("b", 2, 2, 0), RankingRow("c", 3, 2, 0)]
    assert [r.article_id for r in sorted(rows, key=by_readers, reverse=True)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("window", "past_views", "expected"),
    [("15m", 96, 1.0), ("1h", 24, 1.0), ("24h", 7, 1.0), ("7d", 30, 7.0)],
)
def test_a_past_of_even_views_makes_one_expect_the_same_rate(window, past_views, expected):
    """At that rate the window itself has its share of the past's views."""
    assert expected_views(window, int(expected), past_views) == pytest.approx(expected)


def test_a_past_that_knows_of_fewer_views_than_the_window_makes_one_expect_none():
    """The rows of the two windows move a moment apart."""
    assert expected_views("1h", 10, 9) == 0
    assert expected_views("1h", 10, 10) == 0


def test_every_window_with_a_past_is_shorter_than_that():
    assert all(WINDOW_SECONDS_OF[w] < WINDOW_SECONDS_OF[past] for w, past in PAST_OF.items())


@given(st.integers(0, 10**6), st.floats(0, 10**6), st.floats(0, 10**6))
def test_rising_grows_with_views_and_falls_with_either_past(views, own, section):
    score = rising(views, own, section)
    assert rising(views + 1, own, section) > score
    assert rising(views, own + 1, section + 1) < score
    assert score == rising(views, section, own)
    assert (score > 0) == (views > max(own, section))


def test_one_view_of_something_new_is_no_sensation():
    assert rising(1, 0, 0) == 1.0
    assert rising(130, 100, 0) > rising(2, 0, 0)


def test_a_sections_past_is_the_mean_of_its_articles():
    pasts = [("sport", 10.0), (None, 4.0), ("sport", 20.0), ("arts", 0.0)]
    for shuffled in itertools.permutations(pasts):
        assert section_pasts(shuffled) == {"sport": 15.0, None: 4.0, "arts": 0.0}
    assert section_pasts([]) == {}


def test_the_last_word_on_an_article_holds():
    assert after(said("ban")).is_out
    assert not after(said("ban"), said("unban")).is_out
    assert after(said("hold")).is_out
    assert not after(said("hold"), said("admit")).is_out
    assert after(said("admit"), said("hold")).is_out
    assert after(said("ban"), said("admit")).is_out


def test_a_pin_holds_in_its_scope_until_it_is_taken_out():
    found = after(said("pin", rank=2), said("pin", rank=1, scope="section:sport"))
    edits = {"a" * 16: found, "b" * 16: after(said("pin", rank=1), said("ban"))}
    assert pins_of(edits, "all") == {"a" * 16: 2}
    assert pins_of(edits, "section:sport") == {"a" * 16: 1}
    assert pins_of({"a" * 16: after(said("pin", rank=2), said("unpin"))}, "all") == {}


def test_pinned_rows_stand_at_their_ranks_and_once_only():
    rows = [row("a" * 16, 9), row("b" * 16, 8), row("c" * 16, 7), row("d" * 16, 6)]
    pinned = {"d" * 16: row("d" * 16, 6), "x" * 16: row("x" * 16, 0), "y" * 16: row("y" * 16, 0)}
    ranks = {"d" * 16: 2, "x" * 16: 1, "y" * 16: 90}
    placed = with_pins(rows, pinned, ranks, limit=10)
    assert [one.article_id[0] for one in placed] == ["x", "d", "a", "b", "c", "y"]
    assert [one.pinned for one in placed] == [True, True, False, False, False, True]
    assert len(with_pins(rows, pinned, ranks, limit=3)) == 3


def test_a_pin_holds_however_its_scope_is_spelled():
    pinned = after(said("pin", rank=2, scope="language:pt_BR"))
    assert pins_of({"a" * 16: pinned}, "language:pt-br") == {"a" * 16: 2}
    undone = after(
        said("pin", rank=2, scope="language:pt_BR"), said("unpin", scope="language:pt-br")
    )
    assert undone.pins == ()


def test_what_rises_does_so_against_its_own_past_and_its_sections():
    assert expected_views("1h", 10, 10 + 23 * 5) == 5
    means = section_pasts([("sport", 10.0), ("sport", 20.0), (None, 3.0)])
    assert means == {"sport": 15.0, None: 3.0}
    usual = rising(100, own_past=100, section_past=10)
    new = rising(100, own_past=0, section_past=10)
    of_a_loud_section = rising(100, own_past=0, section_past=90)
    assert new > of_a_loud_section > usual == 0
