"""Where a newsroom gives no time, or gives the one that it gave before, the log's order decides.

Of versions that all give their time, or all give none, any order of arrival ends the same. Where
they are mixed, any delivery does that follows the log: with repetitions of what was delivered
before, from any place on, and flashes ahead of their turn.
"""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.enrich.event_ids import flash_event_id, placed, to_enrich_again
from newsman.publish.core import accept
from newsman.publish.state import State
from newsman_schemas.article_order import listed_at
from newsman_schemas.article_rules import Status, kill_of
from newsman_schemas.articles import (
    Article,
    ArticleEnriched,
    ArticleReceived,
    EnrichedArticle,
    Enrichment,
    LogPlace,
    PubStatus,
    Stage,
    article_id,
    content_digest,
)
from newsman_schemas.events import digest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOW = NOON + timedelta(days=1)
DONE = Enrichment(status="done", method="rules 1", duration_ms=3.0)
FLASHED = Enrichment(status="skipped", method="none", duration_ms=0)


def received(
    offset: int,
    words: str = "",
    *,
    stated: int | None = None,
    clock: float | None = None,
    partition: int = 0,
    version: int = 1,
    **fields: object,
) -> ArticleReceived:
    """A push at a place in the log; `stated` and `clock` (of ingest) are minutes after noon."""
    came = NOON + MINUTE * (offset if clock is None else clock)
    created = came if stated is None else NOON + MINUTE * stated
    article = Article.model_validate(
        {
            "id": article_id("desk", "urn:story"),
            "source": "desk",
            "uri": "urn:story",
            "version": version,
            "version_created": created,
            "received_at": came,
            "headline": words or f"take {offset}",
            "slug": "story",
            **fields,
        }
    )
    event = ArticleReceived(
        event_id=digest("article-received", content_digest(article)),
        occurred_at=came,
        article=article,
        format="native",
    )
    place = LogPlace(partition=partition, offset=offset, logged_at=NOON + MINUTE * offset)
    return placed(event, place)


def enriched(event: ArticleReceived, *, flash: bool = False) -> ArticleEnriched:
    own = {name: getattr(event.article, name) for name in Article.model_fields}
    article = EnrichedArticle(**own, enrichment=FLASHED if flash else DONE)
    event_id = digest("article-enriched", event.event_id)
    return ArticleEnriched(
        event_id=flash_event_id(event) if flash else event_id,
        occurred_at=event.article.log_place.logged_at,
        article=article,
    )


def pushed(*arguments, **options) -> ArticleEnriched:
    return enriched(received(*arguments, **options))


def after(*events: ArticleEnriched, state: State | None = None) -> State:
    state = state or State()
    for event in events:
        state = accept(state, event, now=NOW).state or state
    return state


def words(state: State) -> str:
    assert state.shown
    return state.shown.headline


@pytest.mark.parametrize("stated", [None, 0, -600], ids=["no time", "the same", "an old one"])
@pytest.mark.parametrize("turn", range(30))
def test_a_correction_that_keeps_version_and_date_wins(stated, turn):
    first, second = f"first {turn}", f"second {turn}"
    state = after(pushed(1, first, stated=stated), pushed(2, second, stated=stated))
    assert words(state) == second
    assert state.revision == 2


@pytest.mark.parametrize("stated", [None, 0])
def test_an_earlier_one_that_is_delivered_again_does_not_come_back(stated):
    first, second = pushed(1, stated=stated), pushed(2, stated=stated)
    state = after(first, second, first, second, first)
    assert (words(state), state.revision) == ("take 2", 2)


def test_a_text_that_is_sent_again_leaves_nothing_on_the_trail():
    stage = Stage(stage="received", service="ingest", at=NOON, version=1)
    first, again = (
        pushed(offset, "A", stated=0).model_copy(update={"trail": (stage,)}) for offset in (1, 2)
    )
    state = after(first)
    outcome = accept(state, again, now=NOW)
    assert (outcome.events, outcome.stages, outcome.notes, outcome.older) == ((), (), (), ())
    assert outcome.state.head.log_place.offset == 2


def test_a_text_that_is_sent_again_after_another_stands_again():
    state = after(pushed(1, "A", stated=0), pushed(2, "B", stated=0), pushed(3, "A", stated=0))
    assert (words(state), state.revision) == ("A", 3)
    late = accept(state, pushed(2, "B", stated=0), now=NOW)
    assert (late.state, late.events) == (None, ())


def test_an_older_version_that_is_pushed_late_loses():
    state = after(pushed(1, stated=5), pushed(2, stated=3), pushed(3, version=0))
    assert words(state) == "take 1"


def test_the_log_decides_and_not_the_clocks_of_two_ingests():
    fast, right = pushed(1, "fast", clock=11), pushed(2, "right", clock=2)
    assert words(after(fast, right)) == words(after(right, fast)) == "right"


def test_a_version_without_a_time_comes_after_all_before_it_and_old_ones_stay_old():
    state = after(pushed(1, stated=10), pushed(20, "none", clock=12), pushed(21, stated=5))
    assert words(state) == "none"
    assert words(after(pushed(22, "new", stated=11), state=state)) == "new"


@pytest.mark.parametrize("date", [datetime(2041, 1, 1, tzinfo=UTC), NOON + timedelta(hours=5)])
def test_the_right_date_wins_over_one_that_has_not_come(date):
    wrong = pushed(1, "wrong", version_created=date, published_at=date)
    right = pushed(2, "right", stated=-60, published_at=NOON - MINUTE * 60)
    assert listed_at(wrong.article) == NOON + MINUTE
    state = after(wrong, right)
    assert words(state) == "right"
    assert listed_at(state.shown) == NOON - MINUTE * 60


def test_what_is_enriched_again_keeps_its_place_in_the_log():
    first = pushed(1, stated=0)
    again = to_enrich_again(first, NOW)
    placed_again = placed(again, LogPlace(partition=0, offset=9, logged_at=NOW))
    assert placed_again.article.log_place == first.article.log_place
    repeated = enriched(placed_again)
    repeated = repeated.model_copy(update={"event_id": again.event_id})
    assert words(after(first, pushed(2, stated=0), repeated)) == "take 2"
    assert after(first, repeated).head_event == again.event_id


def test_a_topic_with_more_partitions_goes_on_where_it_was():
    assert words(after(pushed(500, stated=0), pushed(501, stated=0))) == "take 501"
    moved = received(1, "moved", stated=0, partition=6)
    place = moved.article.log_place.model_copy(update={"logged_at": NOON + MINUTE * 900})
    assert words(after(pushed(500, stated=0), enriched(placed(moved, place)))) == "moved"


def test_a_topic_that_was_made_anew_goes_on_where_it_was():
    anew = received(1, "anew", stated=0)
    place = LogPlace(partition=0, offset=1, logged_at=NOON + timedelta(days=40))
    assert words(after(pushed(500, stated=0), enriched(placed(anew, place)))) == "anew"


def test_what_was_stored_before_places_were_kept_is_older():
    own = pushed(7, "old", stated=0).article
    before = own.model_copy(update={"received_at": None, "log_place": None})
    event = ArticleEnriched(event_id="zzzz", occurred_at=NOON, article=before)
    assert words(after(event, pushed(1, "new", stated=0))) == "new"
    assert words(after(pushed(1, "new", stated=0), event)) == "new"


def test_an_unchanged_article_without_a_date_keeps_its_time_and_place():
    state = after(pushed(1, "same"), pushed(900, "same"))
    assert state.revision == 1
    assert state.shown.version_created == NOON + MINUTE
    assert listed_at(state.shown) == NOON + MINUTE
    outcome = accept(after(pushed(1, "same")), pushed(900, "same"), now=NOW)
    assert outcome.older == ()


def test_a_changed_article_without_a_date_keeps_its_place_and_says_when_it_changed():
    state = after(pushed(1), pushed(30), pushed(60))
    assert listed_at(state.shown) == NOON + MINUTE
    assert state.shown.version_created == NOON + MINUTE * 60
    assert state.revision == 3


def test_an_article_that_nobody_had_takes_its_place_when_it_is_first_shown():
    state = after(pushed(1, pubstatus=PubStatus.WITHHELD), pushed(30))
    assert listed_at(state.shown) == NOON + MINUTE * 30


def test_an_impossible_date_keeps_the_place_of_the_first_push_whatever_changes():
    date = datetime(2041, 1, 1, tzinfo=UTC)
    told = [pushed(n, version_created=date, published_at=date) for n in (1, 30)]
    assert listed_at(after(*told).shown) == NOON + MINUTE
    assert after(*told).shown.published_at == date


def test_a_flash_of_an_unchanged_text_takes_nothing_away():
    flash, whole = received(1, "same", urgency=1), received(2, "same", urgency=1)
    state = after(enriched(flash, flash=True), enriched(flash), enriched(whole, flash=True))
    assert state.shown.enrichment == DONE
    assert after(enriched(whole), state=state).revision == state.revision


@pytest.mark.parametrize("clock", [-10, 10])
def test_a_kill_without_time_and_version_reaches_what_came_before_it_in_the_log(clock):
    kill = pushed(5, pubstatus=PubStatus.CANCELED, clock=5 + clock)
    before = [pushed(2, version=3), pushed(4, version=7)]
    assert after(*before, kill).status is after(kill, *before).status is Status.KILLED
    assert words(after(*before, kill, pushed(6, version=8))) == "take 6"


def test_an_old_version_that_gives_its_time_is_not_revived_after_a_kill():
    kill = pushed(5, pubstatus=PubStatus.CANCELED)
    state = after(pushed(1, version=2, stated=1), kill, pushed(6, version=3, stated=3))
    assert state.status is Status.KILLED


def test_a_kill_with_an_impossible_time_kills_what_was_there_and_nothing_later():
    kill = pushed(5, pubstatus=PubStatus.CANCELED, version_created=datetime(2041, 1, 1, tzinfo=UTC))
    state = after(pushed(1, version=2, stated=1), kill)
    assert state.status is Status.KILLED
    assert words(after(pushed(9, version=3, stated=9), state=state)) == "take 9"


def test_reaches_of_kills_join_in_any_order():
    kills = [
        kill_of(pushed(5, pubstatus=PubStatus.CANCELED).article),
        kill_of(pushed(3, version=2, stated=9, pubstatus=PubStatus.CANCELED).article),
        kill_of(pushed(8, pubstatus=PubStatus.CANCELED).article),
    ]
    joined = [kills[a].joined(kills[b]).joined(kills[c]) for a, b, c in ((0, 1, 2), (2, 1, 0))]
    assert joined[0] == joined[1] == kills[1].joined(kills[2])


STATED = st.integers(0, 3)
TEXTS = st.sampled_from(["A", "B", "C"])


def history(times: list, texts: list, versions: list) -> list[ArticleReceived]:
    # They come between the times that are stated: one that equals the receipt states nothing.
    steps = enumerate(zip(times, texts, versions, strict=False))
    return [received(n, text, stated=t, clock=n + 0.5, version=v) for n, (t, text, v) in steps]


@settings(max_examples=300)
@given(
    st.one_of(st.lists(st.none(), min_size=6, max_size=6), st.lists(STATED, min_size=6)),
    st.lists(TEXTS, min_size=1, max_size=6),
    st.lists(st.integers(1, 2), min_size=6, max_size=6),
    st.randoms(use_true_random=False),
)
def test_any_order_of_arrival_shows_the_same_text(times, texts, versions, rng: random.Random):
    events = [enriched(event) for event in history(times, texts, versions)]
    shuffled = events * 2
    rng.shuffle(shuffled)
    one, other = after(*events), after(*shuffled)
    assert (words(one), one.head.version) == (words(other), other.head.version)


@settings(max_examples=300)
@given(
    st.lists(st.none() | STATED, min_size=6, max_size=6),
    st.lists(TEXTS, min_size=1, max_size=6),
    st.lists(st.integers(1, 2), min_size=6, max_size=6),
    st.randoms(use_true_random=False),
)
def test_any_delivery_that_follows_the_log_ends_the_same(times, texts, versions, rng):
    events = [enriched(event) for event in history(times, texts, versions)]
    delivered: list[ArticleEnriched] = []
    for number, event in enumerate(events):
        delivered.append(event)
        if rng.random() < 0.4:  # a crash: from some place on, all comes again
            delivered += events[rng.randrange(number + 1) : number + 1]
    one, other = after(*events), after(*delivered)
    assert (one.head, one.revision, one.shown) == (other.head, other.revision, other.shown)
