"""The queries of pages and feeds."""

import pytest

from newsman.feeds.listings.catalogue_listings import Page, page_of
from newsman.feeds.pages.chosen import (
    FeedQuery,
    PopularFeedQuery,
    PopularPageQuery,
    SearchQuery,
)
from newsman.feeds.query.parameters import MAX_WORDS_CHARACTERS
from newsman.outputs import FORMATS
from newsman.web.query import BadParameter


def test_words_are_joined_by_single_spaces_and_have_a_bound():
    assert SearchQuery.read({"q": "  a \n b "}).q == "a b"
    longest = "a" * MAX_WORDS_CHARACTERS
    assert SearchQuery.read({"q": f" {longest} "}).q == longest
    with pytest.raises(BadParameter, match="q: is longer than 200 characters"):
        SearchQuery.read({"q": longest + "a"})


def test_a_feed_is_in_atom_if_no_format_is_named():
    assert FeedQuery.read({"section": "sport"}).format == "atom"
    with pytest.raises(BadParameter, match=f"format: is one of {', '.join(FORMATS)}"):
        FeedQuery.read({"format": "exe"})


def test_a_ranking_does_not_look_at_the_part_of_a_listing():
    query = PopularFeedQuery.read({"window": "7d", "limit": "1000", "before": "x", "tag": "a"})
    assert (query.window, query.format, query.selection.terms) == ("7d", "atom", ("tag:a",))
    with pytest.raises(BadParameter, match="window: is one of"):
        PopularPageQuery.read({"window": "2h"})


@pytest.mark.parametrize(
    ("parameters", "page"),
    [
        ({"section": "sport"}, None),
        ({"limit": "7"}, Page(limit=7)),
        ({"collapse": "story"}, Page(collapse=True)),
        ({"since": "0.12-1.7"}, Page(since=((0, 12), (1, 7)))),
    ],
)
def test_a_page_is_asked_for_by_any_of_its_parameters(parameters, page):
    assert page_of(FeedQuery.read(parameters)) == page
