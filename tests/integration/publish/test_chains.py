"""Update chains on the real store: the same end whatever the order of arrival."""

import itertools
import random

import pytest

from newsman_schemas.articles import PubStatus, article_id

from .conftest import MINUTE, NOON, killed, pushed


def item(number: int, **fields):
    """item1 to item5 of `tests/core/test_push_evolved.py` of Superdesk Newsroom."""
    parent = f"item{number - 1}" if number > 1 else None
    return pushed(f"item{number}", minute=number, evolved_from=parent, **fields)


def chain(desk, uri: str):
    article = desk.find(uri).article
    return list(article.ancestors), article.original_id


def assert_one_chain(desk, upto: int = 5):
    assert desk.latest() == [f"item{upto}"]
    for number in range(1, upto + 1):
        ancestors = [f"item{n}" for n in range(1, number)]
        assert chain(desk, f"item{number}") == (ancestors, "item1" if ancestors else None)
        following = (article_id("desk", f"item{number + 1}"),) if number < upto else ()
        assert desk.find(f"item{number}").replaced_by == following


def test_pushed_in_newsrooms_order_it_ends_as_one_head(desk):
    desk.push(*(item(number) for number in (3, 5, 2, 1, 4)))
    assert_one_chain(desk)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_ends_the_same(desk, seed):
    order = [1, 2, 3, 4, 5] * 2
    random.Random(seed).shuffle(order)
    desk.push(*(item(number) for number in order))
    assert_one_chain(desk)


@pytest.mark.parametrize("seed", range(6))
def test_so_it_does_when_all_come_at_once_to_several_gates(desk, seed):
    order = [1, 2, 3, 4, 5, 6, 7, 8] * 2
    random.Random(seed).shuffle(order)
    desk.push_at_once([item(number) for number in order], gates=3)
    assert_one_chain(desk, upto=8)


def test_a_parent_that_comes_late_is_told_of_in_the_events_after_it(desk):
    desk.push(item(3), item(2), item(1), item(4))
    told = {event.uri: list(event.article.ancestors) for event in desk.events}
    assert told == {
        "item3": ["item2"],
        "item2": ["item1"],
        "item1": [],
        "item4": ["item1", "item2", "item3"],
    }


def test_two_follow_ups_of_one_story_are_both_heads(desk):
    desk.push(item(1), item(2), pushed("other", evolved_from="item1", minute=9))
    assert desk.latest() == ["other", "item2"]
    assert len(desk.find("item1").replaced_by) == 2


def test_a_follow_up_under_embargo_leaves_its_parent_in_the_lists_until_its_second(desk):
    desk.now = NOON + 3 * MINUTE
    desk.push(item(1), item(2, embargoed_until=NOON + 10 * MINUTE))
    assert desk.latest() == ["item1"]
    desk.pass_time(NOON + 10 * MINUTE)
    assert desk.latest() == ["item2"]


def test_a_killed_head_takes_its_chain_out_of_the_lists_and_the_ancestors_stay_readable(desk):
    desk.push(item(1), item(2), killed("item2", 2, minute=20))
    assert desk.latest() == []
    assert desk.find("item1").article.uri == "item1"
    assert desk.find("item2").status == "killed"


def test_a_killed_member_leaves_the_head_and_its_ancestry(desk):
    desk.push(item(1), item(2), item(3), killed("item2", 2, minute=20))
    assert desk.latest() == ["item3"]
    assert chain(desk, "item3") == (["item1", "item2"], "item1")
    assert desk.find("item2").status == "killed"


def test_a_head_that_is_withheld_gives_the_place_back(desk):
    desk.push(item(1), item(2))
    desk.push(pushed("item2", 2, minute=9, evolved_from="item1", pubstatus=PubStatus.WITHHELD))
    assert desk.latest() == ["item1"]


def test_a_newer_version_may_follow_another_story_or_none(desk):
    desk.push(item(1), pushed("else"), item(2))
    desk.push(pushed("item2", 2, minute=9, evolved_from="else"))
    assert sorted(desk.latest()) == ["item1", "item2"]
    assert chain(desk, "item2") == (["else"], "else")
    desk.push(pushed("item2", 3, minute=10))
    assert sorted(desk.latest()) == ["else", "item1", "item2"]
    assert chain(desk, "item2") == ([], None)


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_links_in_a_circle_are_cut_at_the_same_place(desk, order):
    above = {"a": "c", "b": "a", "c": "b"}
    desk.push(*(pushed(name, evolved_from=above[name]) for name in order))
    first = min("abc", key=lambda name: article_id("desk", name))
    line = [first]
    while len(line) < 3:
        line.append(next(name for name, parent in above.items() if parent == line[-1]))
    assert desk.latest() == [line[2]]
    assert chain(desk, line[2]) == (line[:2], line[0])
    assert chain(desk, line[1]) == (line[:1], line[0])
    assert chain(desk, line[0]) == ([], None)


def test_no_source_takes_the_place_of_anothers_article(desk):
    desk.push(item(1), pushed("mine", evolved_from="item1", source="other",
                              id=article_id("other", "mine")))  # fmt: skip
    assert sorted(desk.latest()) == ["item1", "mine"]
