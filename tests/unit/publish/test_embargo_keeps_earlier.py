"""By a setting of the source a version under embargo leaves what was public before it."""

from datetime import timedelta
from itertools import permutations

import pytest

from newsman.publish.core import accept, due_at, reconsider
from newsman.publish.state import State
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import ArticleEnriched, PubStatus

from .test_core import HOUR, NOON, kill, version

NOW = NOON + 10 * HOUR
LATER, LAST = NOW + HOUR, NOW + 2 * HOUR


def keeping(number: int, **fields: object) -> ArticleEnriched:
    created = NOON + number * timedelta(minutes=1)
    return version(number, created=created, **fields).model_copy(update={"keeps_earlier": True})


def after(*events: ArticleEnriched) -> tuple[State, list]:
    state, told = State(), []
    for event in events:
        outcome = accept(state, event, now=NOW)
        state = outcome.state or state
        told += outcome.events
    return state, told


def at(state: State, moment) -> State:
    return reconsider(state, now=moment).state or state


def test_the_public_version_stays_until_the_second_is_due():
    state, told = after(keeping(1), keeping(2, embargoed_until=LATER))
    assert (state.status, state.shown.version, len(told)) == (Status.PUBLISHED, 1, 1)
    assert due_at(state, NOW) == LATER
    outcome = reconsider(state, now=LATER)
    assert [(event.action, event.version) for event in outcome.events] == [("updated", 2)]
    assert (outcome.state.shown.version, outcome.state.earlier) == (2, ())


def test_without_the_setting_the_embargo_takes_it_away():
    state, told = after(version(1), version(2, embargoed_until=LATER))
    assert (state.status, state.shown) == (Status.SCHEDULED, None)
    assert told[-1].action == "withdrawn"


HISTORIES = {
    "two": ([keeping(1), keeping(2, embargoed_until=LATER)], 1, 2, 2),
    "three": (
        [keeping(1), keeping(2, embargoed_until=LATER), keeping(3, embargoed_until=LAST)],
        1, 2, 3,
    ),
    "the last without": ([keeping(1), keeping(2), version(3, embargoed_until=LAST)], 0, 0, 3),
    "killed before": ([keeping(1), kill(1), keeping(2, embargoed_until=LATER)], 0, 2, 2),
    "killed": (
        [keeping(1), keeping(2, embargoed_until=LATER), kill(5, created=NOON + HOUR)], 0, 0, 0,
    ),
    "withheld": (
        [keeping(1, pubstatus=PubStatus.WITHHELD), keeping(2, embargoed_until=LATER)], 0, 2, 2,
    ),
    "expires": ([keeping(1, expires_at=LATER), keeping(2, embargoed_until=LAST)], 1, 0, 2),
    "no embargo": ([keeping(1), keeping(2)], 2, 2, 2),
    "withdrawn": ([keeping(1), keeping(2, pubstatus=PubStatus.WITHHELD)], 0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_whatever_the_order_and_how_often_the_same_version_is_shown(name):
    events, now, later, last = HISTORIES[name]
    for order in permutations([*events, events[0]]):
        state, _ = after(*order)
        shown = []
        for moment in (NOW, LATER, LAST):
            state = at(state, moment)
            shown.append(state.shown.version if state.shown else 0)
        assert shown == [now, later, last], [event.article.version for event in order]


def test_the_second_is_told_of_in_the_trail_and_by_no_event():
    first = accept(State(), keeping(1), now=NOW).state
    outcome = accept(first, keeping(2, embargoed_until=LATER), now=NOW)
    assert outcome.events == ()
    assert (outcome.stages[-1].stage, outcome.stages[-1].version) == ("scheduled", 2)
    assert [kept.article.version for kept in outcome.older] == [1]


def test_a_first_version_that_comes_late_is_published_meanwhile():
    state, told = after(keeping(2, embargoed_until=LATER), keeping(1))
    assert [(event.action, event.version) for event in told] == [("published", 1)]
    assert state.shown.version == 1
