"""Events say which entities their article was the first to name, however often it is asked."""

import pytest

from newsman.publish.store.article_store import StoreLost
from newsman.publish.store.mentions import MentionTable, told_firsts
from newsman_schemas.articles import ArticlePublished, Entity

from .conftest import MINUTE, killed, pushed


def entities(*slugs: str) -> tuple[Entity, ...]:
    return tuple(
        Entity(name=slug, slug=slug, type="place", mentions=1, confidence=1, method="t")
        for slug in slugs
    )


def told(desk) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(event.uri, event.revision, event.first_mentions) for event in desk.events]


def test_an_entity_is_mentioned_first_by_one_article(desk):
    desk.push(pushed("a", 1, entities=entities("oslo")))
    desk.push(pushed("b", 1, entities=entities("oslo", "bergen")))
    desk.restart()
    desk.push(pushed("a", 2, entities=entities("oslo", "bergen")))
    desk.push(pushed("c", 1))
    assert told(desk) == [
        ("a", 1, ("oslo",)),
        ("b", 1, ("bergen",)),
        ("a", 2, ("oslo",)),
        ("c", 1, ()),
    ]


def test_what_an_article_names_no_more_stays_its_own(desk):
    desk.push(pushed("a", 1, entities=entities("oslo")))
    desk.push(pushed("a", 2))
    desk.push(pushed("b", 1, entities=entities("oslo")))
    desk.push(killed("a", 3))
    desk.push(pushed("c", 1, entities=entities("oslo")))
    # A kill names nobody.
    assert [firsts for _, _, firsts in told(desk)] == [("oslo",), ("oslo",), (), (), ()]


def test_what_nobody_saw_was_mentioned_by_nobody(desk):
    until = desk.now.replace(day=9)
    desk.push(pushed("a", 1, minute=0, embargoed_until=until, entities=entities("oslo")))
    desk.push(pushed("b", 1, entities=entities("oslo")))
    desk.pass_time(until)
    assert told(desk) == [("b", 1, ("oslo",)), ("a", 1, ())]
    assert desk.events[-1].told_as == "released"


def test_several_processes_agree_on_one_article(desk):
    events = [pushed(f"n{number}", 1, entities=entities("oslo")) for number in range(30)]
    desk.push_at_once(events, gates=3)
    assert sum("oslo" in event.first_mentions for event in desk.events) == 1


def test_the_log_knows_them_once_redis_has_lost_them(desk):
    desk.push(pushed("b", 1, entities=entities("oslo")), pushed("a", 1, entities=entities("oslo")))
    desk.push(pushed("a", 2, entities=entities("oslo", "bergen")))
    desk.wait(desk.client.delete(desk.keys.mentions))
    with pytest.raises(StoreLost):
        desk.push(pushed("c", 1, entities=entities("oslo")))
    mentions = MentionTable(desk.client, desk.namespace)
    assert not desk.wait(mentions.is_filled())
    log = [ArticlePublished.model_validate_json(e.model_dump_json()) for e in desk.events]
    desk.wait(mentions.fill(told_firsts(reversed(log))))
    assert desk.wait(mentions.is_filled())
    again = desk.wait(mentions.firsts(log))
    assert again == [event.first_mentions for event in log]


def test_a_log_that_does_not_tell_counts_by_its_times(desk):
    desk.push(pushed("a", 1, entities=entities("oslo")))
    desk.now += MINUTE
    desk.push(pushed("b", 1, entities=entities("oslo", "bergen")))
    first, second = (event.article_id for event in desk.events)
    older = [event.model_copy(update={"first_mentions": ()}) for event in reversed(desk.events)]
    assert told_firsts(older) == {"oslo": first, "bergen": second}
    later = [event.model_copy(update={"first_mentions": ("oslo",)}) for event in older[:1]]
    assert told_firsts([*later, *older]) == {"oslo": second, "bergen": second}
