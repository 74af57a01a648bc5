"""Reading the parameters of a query, and refusing those that make no sense."""

from collections.abc import Mapping
from datetime import datetime

MAX_MOMENT_DIGITS = 15


class BadParameter(Exception):
    """A query parameter that makes no sense; its name and what is wrong with it."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


def read_number(
    parameters: Mapping[str, str], name: str, default: int, *, least: int, most: int
) -> int:
    """A whole number within bounds; raises BadParameter."""
    text = parameters.get(name)
    if text is None:
        return default
    is_short_number = text.isdecimal() and text.isascii() and len(text) <= len(str(most))
    if not is_short_number or not least <= int(text) <= most:
        raise BadParameter(name, f"is a number from {least} to {most}")
    return int(text)


def read_moment(name: str, text: str) -> int:
    """Unix ms from a parameter: ms, or ISO 8601 with a zone; raises BadParameter."""
    if text.isascii() and text.isdecimal() and len(text) <= MAX_MOMENT_DIGITS:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadParameter(name, "is a time: ISO 8601 with a zone, or Unix milliseconds")
    return max(0, int(moment.timestamp() * 1000))
