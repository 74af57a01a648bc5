"""The gate decides the same whatever the order of arrival."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.publish.core import accept, due_at, reconsider, status_of
from newsman.publish.state import State
from newsman_schemas.article_rules import Status
from newsman_schemas.articles import (
    ArticleEnriched,
    EnrichedArticle,
    Enrichment,
    PubStatus,
    Stage,
    article_id,
    content_digest,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DONE = Enrichment(status="done", method="rules 1", duration_ms=3.0)


def version(number: int = 1, *, created: datetime = NOON, **changes: object) -> ArticleEnriched:
    fields = {
        "id": article_id("desk", "urn:story"),
        "source": "desk",
        "uri": "urn:story",
        "version": number,
        "version_created": created,
        "headline": f"Harbour reopens, take {number}",
        "slug": "harbour-reopens",
        "enrichment": DONE,
    }
    article = EnrichedArticle.model_validate({**fields, **changes})
    received = Stage(stage="received", service="ingest", at=created, version=number)
    return ArticleEnriched(
        event_id=content_digest(article),
        occurred_at=created,
        article=article,
        trail=(received,),
    )


def kill(number: int = 1, *, created: datetime = NOON) -> ArticleEnriched:
    return version(number, created=created, pubstatus=PubStatus.CANCELED)


def after(*events: ArticleEnriched, now: datetime = NOON + HOUR) -> State:
    state = State()
    for event in events:
        state = accept(state, event, now=now).state or state
    # As the gate does once it has read to the end of its log.
    return reconsider(state, now=now).state or state


def test_a_first_version_is_published_as_revision_one():
    outcome = accept(State(), version(1), now=NOON)
    assert outcome.events
    assert (outcome.events[-1].action, outcome.events[-1].revision) == ("published", 1)
    assert outcome.events[-1].article == version(1).article
    assert [stage.stage for stage in outcome.stages] == ["received", "published"]


def test_a_newer_version_is_an_update():
    outcome = accept(after(version(1)), version(2, created=NOON + HOUR), now=NOON + HOUR)
    assert outcome.events
    assert (outcome.events[-1].action, outcome.events[-1].revision) == ("updated", 2)


def test_an_older_version_that_comes_late_is_recorded_and_changes_nothing():
    state = after(version(2, created=NOON + HOUR))
    outcome = accept(state, version(1), now=NOON + HOUR)
    assert outcome.state is None
    assert outcome.events == ()
    assert [(stage.stage, stage.version) for stage in outcome.notes] == [("superseded", 1)]


def test_numeric_order_goes_before_the_time_of_creation():
    state = after(version(10, created=NOON))
    assert accept(state, version(9, created=NOON + HOUR), now=NOON + HOUR).events == ()


def test_the_same_version_twice_changes_nothing():
    state = after(version(1))
    assert accept(state, version(1), now=NOON + HOUR).state is None


def test_an_unchanged_text_sent_again_is_no_news_to_readers():
    same = "Harbour reopens"
    state = after(version(1, headline=same))
    outcome = accept(state, version(1, headline=same, created=NOON + HOUR), now=NOON + HOUR)
    assert outcome.events == ()
    assert outcome.state is not None
    assert outcome.state.revision == 1


def test_a_kill_takes_the_text_away():
    outcome = accept(after(version(1)), kill(2, created=NOON + HOUR), now=NOON + HOUR)
    assert outcome.events
    assert outcome.events[-1].action == "killed"
    assert outcome.events[-1].article is None
    assert outcome.state is not None
    assert outcome.state.shown is None


@pytest.mark.parametrize("number", [1, 3], ids=["no version named", "the version last sent"])
def test_a_kill_reaches_an_article_whose_version_it_does_not_exceed(number):
    killed = after(version(3), kill(number, created=NOON + HOUR))
    assert killed.status is Status.KILLED


def test_a_version_newer_than_the_kill_in_number_and_time_lives_again():
    state = after(version(1), kill(2, created=NOON + HOUR))
    outcome = accept(state, version(3, created=NOON + 2 * HOUR), now=NOON + 2 * HOUR)
    assert outcome.events
    assert (outcome.events[-1].action, outcome.events[-1].revision) == ("published", 3)


def test_a_kill_of_an_article_that_was_never_shown_tells_readers_nothing():
    outcome = accept(State(), kill(1), now=NOON)
    assert outcome.events == ()
    assert accept(after(kill(1)), version(1), now=NOON).events == ()


def test_a_late_version_does_not_revive_a_killed_article():
    state = after(version(2), kill(3, created=NOON + HOUR))
    assert accept(state, version(1), now=NOON + HOUR).events == ()


def test_withholding_withdraws_what_was_shown():
    withheld = version(2, created=NOON + HOUR, pubstatus=PubStatus.WITHHELD)
    outcome = accept(after(version(1)), withheld, now=NOON + HOUR)
    assert outcome.events
    assert (outcome.events[-1].action, outcome.events[-1].article) == ("withdrawn", None)


def test_an_embargo_holds_the_text_until_its_second_has_come():
    embargoed = version(1, embargoed_until=NOON + HOUR)
    held = accept(State(), embargoed, now=NOON)
    assert held.events == ()
    assert held.state is not None
    assert held.state.status is Status.SCHEDULED
    assert due_at(held.state, NOON) == NOON + HOUR
    early = reconsider(held.state, now=NOON + HOUR - timedelta(milliseconds=1))
    assert early.events == ()
    released = reconsider(held.state, now=NOON + HOUR)
    assert released.events
    assert released.events[-1].action == "published"


def test_an_event_says_what_was_released_or_corrected():
    first, grown, changed = (
        version(number, headline="A bridge", body_text=text)
        for number, text in enumerate(("One.", "One.\nTwo.", "Two."), start=1)
    )
    embargoed = after(version(1, embargoed_until=NOON + HOUR), now=NOON)
    events = [
        *accept(State(), first, now=NOON).events,
        *accept(after(first), grown, now=NOON).events,
        *accept(after(grown), changed, now=NOON).events,
        *reconsider(embargoed, now=NOON + HOUR).events,
    ]
    assert [event.told_as for event in events] == [None, None, "corrected", "released"]


def test_a_killed_embargoed_article_is_not_released():
    state = after(version(1, embargoed_until=NOON + HOUR), kill(1), now=NOON)
    assert due_at(state, NOON) is None
    assert reconsider(state, now=NOON + 2 * HOUR).events == ()


def test_an_article_expires_at_its_time():
    state = after(version(1, expires_at=NOON + HOUR), now=NOON)
    outcome = reconsider(state, now=NOON + HOUR)
    assert outcome.events
    assert outcome.events[-1].action == "withdrawn"


def test_looking_again_when_nothing_is_due_writes_nothing():
    assert reconsider(after(version(1)), now=NOON + 2 * HOUR).state is None


VERSIONS = st.builds(
    lambda number, minutes, status, embargo: version(
        number,
        created=NOON + timedelta(minutes=minutes),
        pubstatus=status,
        embargoed_until=NOON + timedelta(minutes=embargo) if embargo is not None else None,
    ),
    st.integers(1, 4),
    st.integers(0, 4),
    st.sampled_from(PubStatus),
    st.none() | st.integers(-5, 5),
)


@settings(max_examples=300)
@given(st.lists(VERSIONS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_final_state_never_depends_on_order_or_repetition(events, rng: random.Random):
    shuffled = events * 2
    rng.shuffle(shuffled)
    now = NOON + timedelta(minutes=2)
    one, other = after(*events, now=now), after(*shuffled, now=now)
    assert (one.head, one.kill, one.status, one.shown) == (
        other.head,
        other.kill,
        other.status,
        other.shown,
    )
    assert one.shown is None or status_of(one, now) is Status.PUBLISHED


@given(st.lists(VERSIONS, min_size=1, max_size=8))
def test_revisions_count_up_without_gaps_and_alternate_sensibly(events):
    state, revisions, visible = State(), [], False
    for event in events:
        outcome = accept(state, event, now=NOON)
        state = outcome.state or state
        if outcome.events:
            revisions.append(outcome.events[-1].revision)
            visible = outcome.events[-1].article is not None
        assert visible is (state.shown is not None)
    assert revisions == list(range(1, len(revisions) + 1))
