"""The queries of the API and of live streams: what they read, and what they refuse."""

from datetime import UTC, datetime

import pytest

from newsman.feeds.api.queries import (
    ArticleSeriesQuery,
    ArticlesQuery,
    PopularQuery,
    ScopeSeriesQuery,
)
from newsman.feeds.stream.queries import RankingStreamQuery, StreamQuery
from newsman.rankings.ranking import RankingRequest
from newsman.web.query import BadParameter

ID = "a" * 16


def test_a_query_for_articles_reads_filters_words_times_and_the_part():
    query = ArticlesQuery.read(
        {"section": "Øst", "lang": "pt", "q": "a b", "published_after": "2026-03-02T12:00:00Z",
         "published_before": "99", "limit": "5", "offset": "3", "before": f"7-{ID}_9-{ID}"}
    )  # fmt: skip
    assert query.selection.filters == (("section", "ost"), ("language", "pt"))
    assert (query.q, query.limit, query.offset) == ("a b", 5, 3)
    assert (query.published_after, query.published_before) == (1_772_452_800_000, 99)
    assert query.before == ((7, ID), (9, ID))


def test_a_query_without_parameters_asks_for_the_newest_twenty():
    query = ArticlesQuery.read({})
    assert (query.limit, query.offset, query.selection.filters) == (20, 0, ())
    assert not query.is_asked_for


def test_a_ranking_is_of_one_scope():
    query = PopularQuery.read({"window": "7d", "order": "readers", "tag": "Ferry news"})
    assert query.ranking == RankingRequest("readers", "7d", "tag:ferry-news", 20)
    assert PopularQuery.read({"tag": ""}).scope == "all"


@pytest.mark.parametrize(
    "text", ["2026-03-01T13:00+01:00", "2026-03-01T13:00 01:00", "2026-03-01T12:00"]
)
def test_a_past_minute_is_read_in_utc_and_with_a_plus_that_was_not_escaped(text):
    assert PopularQuery.read({"as_of": text}).as_of == datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "parameters", "refusal"),
    [
        (ArticlesQuery, {"limit": "101"}, "limit: is a number from 1 to 100"),
        (ArticlesQuery, {"offset": "-1"}, "offset: is a number from 0 to 1000000"),
        (ArticlesQuery, {"before": "x"}, "before: is no cursor of a listing"),
        (ArticlesQuery, {"since": "x"}, "since: is no cursor of changes"),
        (ArticlesQuery, {"since": "0", "before": f"7-{ID}"}, "since: goes without before"),
        (ArticlesQuery, {"collapse": ""}, "collapse: is story, or is left out"),
        (ArticlesQuery, {"published_after": "2026-03-02T12:00:00"},
         "published_after: is a time: ISO 8601 with a zone, or Unix milliseconds"),
        (PopularQuery, {"window": "2h"}, "window: is one of 15m, 1h, 24h, 7d, 30d, all"),
        (PopularQuery, {"order": "best"},
         "order: is one of views, readers, decayed, rising, attention"),
        (PopularQuery, {"order": "rising", "window": "30d"},
         "window: of what rises is one of 15m, 1h, 24h, 7d"),
        (PopularQuery, {"order": "readers", "as_of": "2026-03-01T12:00"},
         "order: of the past is views"),
        (PopularQuery, {"as_of": "1772452800000"},
         "as_of: is a time, for example 2026-03-02T12:00Z"),
        (PopularQuery, {"section": "a", "tag": "b"}, "tag: one of them at a time"),
        (ScopeSeriesQuery, {"span": "week"}, "span: is one of minute, hour, day"),
        (ScopeSeriesQuery, {"span": "week", "last": "9"}, "span: is one of minute, hour, day"),
        (ScopeSeriesQuery, {"last": "169"}, "last: is a number from 1 to 168"),
        (ScopeSeriesQuery, {"last": "93", "span": "day"}, "last: is a number from 1 to 92"),
        (ArticleSeriesQuery, {"last": "1441", "span": "minute"},
         "last: is a number from 1 to 1440"),
        (StreamQuery, {"since": "then"},
         "since: is a time: ISO 8601 with a zone, or Unix milliseconds"),
        (RankingStreamQuery, {"scope": "sport"}, "scope: is all, or one like section:sport"),
        (RankingStreamQuery, {"order": "attention"},
         "order: is one of views, readers, decayed, rising"),
    ],
)  # fmt: skip
def test_a_parameter_that_makes_no_sense_is_refused_in_words(model, parameters, refusal):
    with pytest.raises(BadParameter) as raised:
        model.read(parameters)
    assert str(raised.value) == refusal


def test_the_most_of_a_series_goes_by_its_span():
    assert ScopeSeriesQuery.read({"span": "minute", "last": "180"}).last == 180
    assert ArticleSeriesQuery.read({"last": "720"}).last == 720


def test_a_stream_of_articles_takes_no_notice_of_what_filters_rankings():
    assert list(StreamQuery.read({"window": "2h"}).ranking_terms()) == []
    asked = RankingStreamQuery.read({"window": "24h", "scope": "section:sport"})
    assert list(asked.ranking_terms()) == ["window:24h", "scope:section:sport"]


def test_a_ping_is_asked_for_by_its_name_alone():
    assert StreamQuery.read({"ping": ""}).ping
    assert not StreamQuery.read({}).ping
