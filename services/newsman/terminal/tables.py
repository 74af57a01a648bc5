"""Answers for people: tables and lines, whatever characters are in them."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDEST = 60


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows under their columns' names, in columns as wide as they must be."""
    cells = [list(columns), *([cell(row.get(name)) for name in columns] for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    return "".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in cells
    )


def lines(values: Mapping[str, Any]) -> str:
    """A line for each value that is there."""
    shown = {name: cell(value, widest=2_000) for name, value in values.items()}
    width = max((len(name) for name in shown), default=0)
    return "".join(f"{name.ljust(width)}  {text}\n" for name, text in shown.items() if text)


def cell(value: Any, *, widest: int = WIDEST) -> str:
    """A value on one line; characters that a terminal would obey are left out."""
    if value is None or value == () or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    if isinstance(value, Mapping):
        value = " ".join(f"{name}={cell(each)}" for name, each in value.items() if cell(each))
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= widest else text[: widest - 1] + "…"


def matching(number: int, what: str, owner: str) -> str:
    """`no key of desk begins`, `2 keys of desk begin`: so many of them do."""
    return f"{number} {what}s of {owner} begin" if number else f"no {what} of {owner} begins"
