"""Whom an event is for."""

from datetime import UTC, datetime

import pytest

from newsman.deliver.intake.recipients import (
    Telling,
    Told,
    copied_from,
    read_told,
    recipients,
    write_told,
)
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Enrichment, Story

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ARTICLE = "a" * 16


def changed(action: str, revision: int) -> ArticlePublished:
    article = EnrichedArticle(
        id=ARTICLE,
        source="harbour",
        uri="urn:harbour:1",
        version_created=NOW,
        headline="The night ferry returns",
        slug="the-night-ferry-returns",
        enrichment=Enrichment(status="done", method="none", duration_ms=0),
    )
    return ArticlePublished(
        event_id=f"event-{revision}",
        occurred_at=NOW,
        action=action,
        revision=revision,
        article_id=ARTICLE,
        source="harbour",
        uri="urn:harbour:1",
        version=revision,
        article=article if action in ("published", "updated") else None,
    )


def everything(_: str, __: str) -> bool:
    return True


def tellings(action, revision, *, matched=(), told=None, wants=everything) -> set[Telling]:
    event = changed(action, revision)
    name = f"article.{action}"
    found = list(recipients(event, name, set(matched), told or {}, wants))
    assert len({telling.subscription_id for telling in found}) == len(found)
    return set(found)


def test_an_article_is_told_to_those_whose_filter_it_passes():
    assert tellings("published", 1, matched="ab") == {
        Telling("a", "article.published"),
        Telling("b", "article.published"),
    }


@pytest.mark.parametrize("revision", [3, 4])
def test_a_revision_that_was_told_is_not_told_again(revision):
    assert tellings("updated", 3, matched="a", told={"a": Told(revision, is_gone=False)}) == set()


def test_an_update_that_leaves_a_filter_is_told_as_withdrawn_once():
    told = {"a": Told(1, is_gone=False), "b": Told(1, is_gone=False)}
    assert tellings("updated", 2, matched="b", told=told) == {
        Telling("a", "article.withdrawn", "moved"),
        Telling("b", "article.updated"),
    }
    assert tellings("updated", 3, told={"a": Told(2, is_gone=True)}) == set()


def test_what_comes_back_into_a_filter_is_told():
    told = {"a": Told(2, is_gone=True)}
    assert tellings("updated", 3, matched="a", told=told) == {Telling("a", "article.updated")}


def test_a_kill_is_told_to_all_who_ever_had_it_and_to_nobody_else():
    told = {"a": Told(1, is_gone=False), "b": Told(2, is_gone=True)}
    assert tellings("killed", 3, matched="c", told=told) == {
        Telling("a", "article.killed"),
        Telling("b", "article.killed"),
    }


def test_a_withdrawal_is_told_to_those_who_have_it_still():
    told = {"a": Told(1, is_gone=False), "b": Told(2, is_gone=True)}
    assert tellings("withdrawn", 3, told=told) == {Telling("a", "article.withdrawn")}


def test_only_what_is_asked_for_is_told():
    told = {"a": Told(1, is_gone=False)}

    def published_alone(_: str, name: str) -> bool:
        return name == "article.published"

    for action, matched in (("updated", "a"), ("updated", ""), ("killed", "")):
        assert tellings(action, 2, matched=matched, told=told, wants=published_alone) == set()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("article.published", Told(7, is_gone=False)),
        ("article.corrected", Told(7, is_gone=False)),
        ("article.killed", Told(7, is_gone=True)),
        ("article.withdrawn", Told(7, is_gone=True)),
    ],
)
def test_what_was_told_is_read_as_it_was_written(event, told):
    assert read_told(write_told(7, event)) == told


def test_a_copy_has_articles_that_stand_for_its_story():
    event = changed("published", 1)
    assert event.article is not None
    of_copy = Story(id="b" * 16, role="copy", of="c" * 16)
    for story, others in (
        (None, ()),
        (of_copy, ("b" * 16, "c" * 16)),
        (Story(id="b" * 16, role="copy", of="b" * 16), ("b" * 16,)),
        (Story(id="b" * 16, role="update", of="c" * 16), ()),
        (Story(id=ARTICLE, role="copy"), ()),
    ):
        article = event.article.model_copy(update={"story": story})
        assert copied_from(event.model_copy(update={"article": article})) == others
    assert copied_from(changed("killed", 2)) == ()
