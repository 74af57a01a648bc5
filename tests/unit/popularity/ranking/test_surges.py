"""Surges that no crowd makes, and what rules once put on the log."""

import random

import pytest

from newsman.popularity.ranking.edit_log import is_of_a_rule
from newsman.popularity.ranking.surges import MINUTES, Surge, artificial
from newsman_schemas.popularity import RankingEdited


def edit(action: str, **fields) -> RankingEdited:
    told = {"event_id": "1", "occurred_at": 0, "article_id": "a" * 16, "by": "kari"}
    return RankingEdited.model_validate({**told, "action": action, **fields})


def crowd(mean: float, seed: int) -> list[int]:
    rng = random.Random(seed)
    arrivals, minutes, at = [], [0] * 15, 0.0
    while (at := at + rng.expovariate(mean)) < 15:
        arrivals.append(at)
        minutes[int(at)] += 1
    return minutes


def found(views, pages=(0,) * MINUTES, leaving=(0,) * MINUTES):
    return artificial(Surge(views, pages, leaving), least_views=300)


@pytest.mark.parametrize("seed", range(200))
def test_a_crowd_is_never_taken_for_a_machine(seed):
    views = crowd(40, seed)
    assert found(views) is None
    assert found(views, pages=views, leaving=[round(n * 0.3) for n in views]) is None


def test_a_crowd_that_an_alert_brings_is_let_alone_while_it_comes():
    assert found([0] * 14 + [900]) is None
    assert found([0] * 12 + [900, 400, 200]) is None
    come = [0] * 13 + [2_000, 1_500]
    assert found(come, pages=come, leaving=[0] * 14 + [20]) is None


@pytest.mark.parametrize(
    ("surge", "says", "minutes"),
    [
        (Surge([60] * 14 + [20]), "clockwork", 1),
        (Surge([60, 61, 59] * 5), "clockwork", 1),
        (Surge([0, 0, 900, 1] + [0] * 11), "one minute", 3),
        (Surge(crowd(40, 1), crowd(40, 1)), "told that they were left", 15),
        (Surge([400, 300] + [10] * 13, [400, 300] + [0] * 13, [9] + [0] * 14), "were left", 2),
    ],
)
def test_each_rule_says_what_it_saw_and_when_that_has_passed(surge, says, minutes):
    finding = artificial(surge, least_views=300)
    assert finding is not None
    assert says in finding.reason
    assert finding.passes_in_minutes == minutes


def test_views_that_no_page_told_need_none_that_tell_they_were_left():
    assert found(crowd(40, 1), pages=[10] * 15) is None


def test_few_views_are_not_looked_at():
    assert found([19] * 15) is None
    assert found([0, 299] + [0] * 13) is None


def test_what_rules_once_put_on_the_log_holds_no_longer():
    by_rule = edit("hold", event_id="a" * 26, by="newsman")
    assert is_of_a_rule(by_rule)
    assert not is_of_a_rule(edit("hold", event_id="a" * 32, by="newsman"))
    assert not is_of_a_rule(edit("hold", event_id="a" * 26))
