"""What a request asks for: a format, a version, a window."""

from starlette.requests import Request

from newsman.feeds.formats import FORMATS
from newsman.feeds.formats.feed_format import FeedFormat
from newsman.feeds.query.parameters import BadParameter
from newsman_schemas.popularity import WINDOWS

SIDE_WINDOW = "24h"


def chosen_version(request: Request) -> str:
    """The version of the format, "" if none is named."""
    return request.query_params.get("version", "")


def chosen_format(request: Request, extension: str) -> FeedFormat:
    """The format of the extension, in the version that the request names."""
    found = FORMATS[extension]
    chosen = found.in_version(chosen_version(request) or None)
    if chosen is None:
        versions = ", ".join(found.versions)
        raise BadParameter("version", f"is one of {versions}" if versions else "there is only one")
    return chosen


def chosen_window(request: Request) -> str:
    """The window of a ranking; a day if none is named."""
    window = request.query_params.get("window", SIDE_WINDOW)
    if window not in WINDOWS:
        raise BadParameter("window", f"is one of {', '.join(WINDOWS)}")
    return window
