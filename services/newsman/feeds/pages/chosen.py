"""Queries of pages and feeds: filters, words, a window, a format and its version."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from newsman.feeds.query.listings import Filters, ListingQuery
from newsman.feeds.query.parameters import MINUTE, WORDS
from newsman.outputs import FORMATS
from newsman.outputs.feed_format import FeedFormat
from newsman.web.query import BadParameter, OtherNames, QueryModel, one_of
from newsman_schemas.popularity import WINDOWS

SIDE_WINDOW = "24h"

Extension = Annotated[str, one_of(FORMATS)]


class FeedQuery(ListingQuery):
    """GET /feed: a listing in any format."""

    other_names = OtherNames.REFUSED_IF_NEAR

    format: Extension = Field("atom", description="The format.")


class PopularPageQuery(Filters):
    """GET /popular: what is read most of what passes the filters."""

    other_names = OtherNames.REFUSED_IF_NEAR

    window: Annotated[str, one_of(WINDOWS)] = Field(
        SIDE_WINDOW, description="How far back views count."
    )


class PopularFeedQuery(PopularPageQuery):
    """GET /feed with a window: the same in any format."""

    format: Extension = Field("atom", description="The format.")


class PastQuery(QueryModel):
    """A page as of a past moment."""

    as_of: Annotated[datetime | None, MINUTE] = Field(
        None, description="As readers could see it then. ISO 8601, UTC without a zone."
    )


class PopularPastQuery(PopularPageQuery, PastQuery):
    """GET /popular, now or as of a past moment."""


class SearchQuery(ListingQuery):
    """GET /search."""

    other_names = OtherNames.REFUSED_IF_NEAR

    q: Annotated[str, WORDS] = Field(
        "", description="Words that must all be there; the last may be unfinished."
    )


def chosen_version(request: Request) -> str:
    """The version of the format, "" if none is named."""
    return request.query_params.get("version", "")


def chosen_format(request: Request, extension: str) -> FeedFormat:
    """The format of the extension, in the version that the request names."""
    feed_format = FORMATS[extension]
    chosen = feed_format.in_version(chosen_version(request) or None)
    if chosen is None:
        versions = ", ".join(feed_format.versions)
        raise BadParameter("version", f"is one of {versions}" if versions else "there is only one")
    return chosen
