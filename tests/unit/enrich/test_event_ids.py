"""Flashes, repetitions, differences: which enrichment the gate takes, what a model changes."""

from datetime import UTC, datetime, timedelta

import pytest

from newsman.enrich import core
from newsman.enrich.commands.age import age
from newsman.enrich.commands.differences import difference
from newsman.enrich.core import Findings
from newsman.enrich.event_ids import (
    enriched_event_id,
    flash_event_id,
    is_flash,
    to_enrich_again,
)
from newsman.enrich.flashes import flash_event
from newsman_schemas.articles import ArticleEnriched, ArticleReceived, Entity, Stage
from newsman_schemas.events import digest

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def received(story):
    def received(name: str = "x", **fields) -> ArticleReceived:
        stage = Stage(stage="received", service="ingest", at=NOW, version=1)
        return ArticleReceived(
            event_id=digest(name),
            occurred_at=NOW,
            article=story("Head", "Body.", **fields),
            format="native",
            trail=(stage,),
        )

    return received


def enriched(event: ArticleReceived) -> ArticleEnriched:
    article = core.unenriched(event.article, failed=True, detail="d", method="m", duration_ms=1)
    return ArticleEnriched(
        event_id=enriched_event_id(event), occurred_at=NOW, article=article, trail=event.trail
    )


@pytest.mark.parametrize("name", [str(number) for number in range(50)])
def test_a_repetition_sorts_after_and_a_flash_before_whatever_the_ids(received, name):
    event = received(name)
    first = enriched(event)
    again = enriched(to_enrich_again(first, NOW))
    later = enriched(to_enrich_again(again, NOW + timedelta(seconds=1)))
    assert flash_event_id(event) < first.event_id < again.event_id < later.event_id
    assert max(len(e.event_id) for e in (first, again, later)) <= 64


def test_a_repetition_carries_the_article_and_its_beginnings(received):
    first = enriched(received())
    again = to_enrich_again(first, NOW)
    assert [stage.stage for stage in again.trail] == ["received"]
    parsed = ArticleReceived.model_validate_json(again.model_dump_json())
    assert "entities" not in parsed.article.model_dump()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"urgency": 1}, True),
        ({"urgency": 2}, True),
        ({"urgency": 3}, False),
        ({}, False),
        ({"urgency": 1, "pubstatus": "canceled"}, False),
        ({"urgency": 1, "pubstatus": "withheld"}, False),
    ],
)
def test_a_flash_is_usable_and_of_urgency_one_or_two(received, fields, expected):
    assert is_flash(received(**fields)) is expected


def test_a_repetition_of_a_flash_is_none(received):
    first = enriched(received(urgency=1))
    assert not is_flash(to_enrich_again(first, NOW))


def test_a_flash_says_that_it_is_not_enriched_yet(received):
    event = flash_event(received(urgency=1), now=NOW)
    assert event.article.enrichment.status == "skipped"
    assert "flash" in event.article.enrichment.detail
    assert [stage.stage for stage in event.trail] == ["received", "flashed"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30d", timedelta(days=30)), ("12h", timedelta(hours=12)), ("90m", timedelta(minutes=90))],
)
def test_ages(text, expected):
    assert age(text) == expected


@pytest.mark.parametrize("text", ["", "d", "3w", "-1d", "1.5h"])
def test_what_is_no_age_is_refused_with_examples(text):
    with pytest.raises(ValueError, match="30d"):
        age(text)


def test_a_difference_names_what_comes_goes_and_changes(story):
    def entity(name: str, kind: str, mentions: int) -> Entity:
        values = {"confidence": 1, "method": "m", "slug": name.lower()}
        return Entity(name=name, type=kind, mentions=mentions, **values)

    old = Findings(
        method="m",
        entities=(entity("Oslo", "place", 1), entity("Reading", "person", 1)),
    )
    before = core.enriched(story("Head"), old, duration_ms=1)
    after = Findings(
        method="n",
        entities=(entity("Ghent", "place", 1), entity("Reading", "place", 1)),
    )
    found = difference(before, after)
    assert found.gained == ("Ghent (place)",)
    assert found.lost == ("Oslo (place)",)
    assert found.changed == ("Reading: person → place",)
    assert not difference(before, old)
