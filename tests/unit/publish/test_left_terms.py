"""Terms that an article left are told with every update, so that nobody follows it in vain."""

from datetime import UTC, datetime

from newsman.publish.core import accept
from newsman.publish.left_terms import MOST_LEFT_TERMS, left_terms
from newsman.publish.state import State
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticlePublished,
    EnrichedArticle,
    Enrichment,
    Tag,
    article_id,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def article(number: int, *tags: str, **changes: object) -> EnrichedArticle:
    fields = {
        "id": article_id("desk", "urn:story"),
        "source": "desk",
        "uri": "urn:story",
        "version": number,
        "version_created": NOON,
        "headline": f"Take {number}",
        "slug": "take",
        "tags": [Tag(name=tag, slug=tag, confidence=1, method="test") for tag in tags],
        "enrichment": Enrichment(status="done", method="test", duration_ms=1),
    }
    return EnrichedArticle.model_validate(fields | changes)


def told(*articles: EnrichedArticle) -> list[ArticlePublished]:
    """The events of versions that come one after the other."""
    state, events = State(), []
    for version in articles:
        came = ArticleEnriched(
            event_id=f"{version.version}", occurred_at=NOON, article=version, trail=()
        )
        outcome = accept(state, came, now=NOON)
        state = outcome.state or state
        events += outcome.events
    return events


def test_an_update_names_each_term_that_it_left_with_its_revision():
    events = told(
        article(1, "rain", section="Sport", language="en", byline="Ann Ray"),
        article(2, "rain", "sun", section="Arts", language="de", byline="Ann Ray"),
        article(3, "sun", section="Arts", language="de", byline="Bo Lee"),
    )
    assert [event.left_terms for event in events] == [
        {},
        {"section:sport": 2, "language:en": 2},
        {"section:sport": 2, "language:en": 2, "tag:rain": 3, "author:ann-ray": 3},
    ]


def test_a_term_that_it_comes_back_under_is_not_left():
    events = told(*(article(n, section=name) for n, name in enumerate(("Sport", "Arts", "Sport"))))
    assert events[-1].left_terms == {"section:arts": 3}


def test_who_was_away_learns_of_a_move_that_a_withdrawal_came_between():
    events = told(
        article(1, section="Sport"),
        article(2, section="Sport", pubstatus="withheld"),
        article(3, section="Arts"),
    )
    assert [event.action for event in events] == ["published", "withdrawn", "published"]
    assert [event.left_terms for event in events[1:]] == [{}, {"section:sport": 2}]


def test_those_that_it_left_last_are_remembered():
    state: dict[str, int] = {}
    for number in range(1, 4):
        names = [f"t{number}-{index}" for index in range(MOST_LEFT_TERMS // 2)]
        state = left_terms(state, before=article(number, *names), now=article(9), revision=number)
    assert len(state) == MOST_LEFT_TERMS
    assert set(state.values()) == {2, 3}
