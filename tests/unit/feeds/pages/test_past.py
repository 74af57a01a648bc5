"""Rankings of parts of the site as of a past moment."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.outputs.conftest import NOW

from newsman.feeds.listings.listings import POPULAR_LOOKED_AT, Listings
from newsman.feeds.pages import past
from newsman.feeds.pages.past import PAST_ROWS, PastMoment, PastPages
from newsman.feeds.query.selection import Selection
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import Author, EnrichedArticle, Stage

AT = NOW + timedelta(hours=1)
SPORT, BY_ANN = ("section", "sport"), ("author", "ann-lee")


class Store:
    """Articles by id, each with one version."""

    def __init__(self, *articles: StoredArticle) -> None:
        self._articles = {one.article.id: one for one in articles}

    async def many(self, article_ids: list[str]) -> list[StoredArticle]:
        return [self._articles[each] for each in article_ids]

    find_all = many

    async def versions(self, article_id: str, **_: object) -> tuple[EnrichedArticle, ...]:
        return (self._articles[article_id].article,)


@pytest.fixture
def told(stored, monkeypatch):
    """The ranking of a selection in the past, of two articles in one section."""
    trail = (Stage(service="publish", stage="published", at=NOW, version=1),)
    articles = [
        replace(stored(id=name * 16, section="Sport", authors=(Author(name=author),)), trail=trail)
        for name, author in (("a", "Ann Lee"), ("b", "Bo Ek"))
    ]
    asked = []

    async def views(_: object, window: str, scope: str, **more: object) -> list[tuple[str, int]]:
        asked.append((window, scope, more["limit"]))
        return [("b" * 16, 5), ("a" * 16, 3)]

    monkeypatch.setattr(past, "views_as_of", views)
    pages = PastPages(Listings(Store(*articles), None, None), None, lambda: AT)

    def popular(*filters: tuple[str, str]):
        rows = asyncio.run(pages.popular("24h", NOW, PAST_ROWS, Selection(filters)))
        return [(one.article.id[0], views) for one, views in rows], asked

    return popular


def test_the_past_of_a_ranking_is_that_of_its_part(told):
    everything = [("b", 5), ("a", 3)]
    assert told() == (everything, [("24h", "all", PAST_ROWS)])
    assert told(SPORT) == (everything, [("24h", "all", PAST_ROWS), ("24h", "section:sport", 20)])


def test_of_several_filters_those_are_told_that_pass_them_all(told):
    assert told(SPORT, BY_ANN) == ([("a", 3)], [("24h", "section:sport", POPULAR_LOOKED_AT)])


def test_windows_of_the_past_lead_to_the_past(pages):
    moment = PastMoment(NOW)
    assert moment.query == "as_of=2026-03-02T12%3A00%3A00Z"
    page = pages.popular([], "24h", ["1h", "24h"], "Sport", "section=sport", moment).decode()
    assert f'href="/popular?window=1h&amp;section=sport&amp;{moment.query}"' in page
    assert 'href="?window=24h&amp;section=sport">See it as it is now' in page
    assert 'content="noindex"' in page
