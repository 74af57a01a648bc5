"""Who has what: by what was acknowledged, what waits and what failed."""

from datetime import timedelta

import pytest
from tests.unit.deliver.ledger.noted import ARTICLE, BEGIN, DESK, SITE, noted

from newsman.deliver.ledger.state import Current, holders

LATER = BEGIN + timedelta(hours=1)


def current(revision: int, status: str = "published", **fields) -> Current:
    return Current(ARTICLE, status, revision, revision, fields.get("at", BEGIN))


def only(revision, entries, queued=None, **fields):
    (holder,) = holders(current(revision, **fields), entries, queued or {}, LATER)
    return holder


@pytest.mark.parametrize(
    ("entries", "queued", "standing"),
    [
        ([noted(2, "acknowledged")], {SITE: 2}, "current"),
        ([noted(2, "fetched")], {}, "unconfirmed"),
        ([noted(2, "fetched"), noted(2, "acknowledged", after=5)], {}, "current"),
        ([noted(1, "acknowledged")], {SITE: 2}, "waiting"),
        ([noted(1, "acknowledged")], {SITE: 1}, "outdated"),
        ([noted(1, "acknowledged"), noted(2, "failed", after=9)], {SITE: 2}, "failed"),
        ([noted(1, "failed")], {SITE: 2}, "waiting"),
        ([noted(1, "replaced")], {SITE: 2}, "waiting"),
        ([noted(1, "shadowed")], {}, "nothing"),
        ([noted(2, "dropped")], {}, "nothing"),
        ([noted(3, "acknowledged")], {}, "current"),
    ],
)
def test_the_standing_of_a_receiver(entries, queued, standing):
    assert only(2, entries, queued).standing == standing


def test_a_late_failure_of_an_old_version_takes_nothing_back():
    entries = [noted(2, "acknowledged", after=1), noted(1, "failed", after=2)]
    assert only(2, entries, {SITE: 2}).standing == "current"


def test_what_only_waits_is_told_as_well():
    (holder,) = holders(current(1), [], {SITE: 1}, LATER)
    assert (holder.subscription, holder.standing, holder.has) == (SITE, "waiting", None)


def test_the_clock_of_a_kill_ends_for_a_reader_of_feeds_once_a_feed_told_of_it():
    feed = {"subscription": None, "channel": "feed"}
    had, told = noted(1, "fetched", **feed), noted(2, "fetched", after=30, **feed)
    before, after = (only(2, entries, status="killed") for entries in ([had], [had, told]))
    assert (before.standing, before.is_wrong, before.is_kill_open) == ("outdated", True, True)
    assert (after.standing, after.is_wrong, after.is_kill_open) == ("unconfirmed", False, False)
    assert after.kill_seconds == 30
    # Whoever can acknowledge has to.
    assert only(2, [noted(2, "fetched")], status="killed").is_kill_open


def test_two_subscriptions_of_one_subscriber_are_two_receivers():
    entries = [noted(2, "acknowledged"), noted(1, "acknowledged", subscription=DESK)]
    found = holders(current(2), entries, {}, LATER)
    assert {holder.subscription: holder.standing for holder in found} == {
        SITE: "current",
        DESK: "outdated",
    }


def test_those_who_have_a_wrong_version_come_first():
    entries = [
        noted(2, "acknowledged", subscriber="a"),
        noted(1, "acknowledged", subscriber="b", subscription=DESK),
    ]
    assert [h.subscriber for h in holders(current(2), entries, {}, LATER)] == ["b", "a"]


def test_the_clock_of_a_kill_ends_with_its_acknowledgement():
    entries = [noted(1, "acknowledged"), noted(2, "acknowledged", after=42)]
    holder = only(2, entries, status="killed")
    assert (holder.kill_seconds, holder.is_kill_open, holder.is_wrong) == (42.0, False, False)


def test_the_clock_of_a_kill_runs_until_it_is_acknowledged():
    holder = only(2, [noted(1, "acknowledged")], {SITE: 2}, status="killed")
    assert (holder.kill_seconds, holder.is_kill_open, holder.is_overdue) == (3600.0, True, True)


def test_handing_a_kill_out_does_not_end_its_clock():
    entries = [noted(1, "fetched"), noted(2, "fetched", after=3)]
    assert only(2, entries, status="killed").is_kill_open


def test_who_never_had_the_article_has_no_clock():
    holder = only(2, [noted(1, "failed")], {SITE: 2}, status="killed")
    assert (holder.kill_seconds, holder.is_kill_open) == (None, False)


def test_a_clock_that_runs_behind_counts_no_negative_time():
    killed = current(2, "killed", at=BEGIN + timedelta(seconds=5))
    (holder,) = holders(killed, [noted(2, "acknowledged")], {}, LATER)
    assert holder.kill_seconds == 0.0
