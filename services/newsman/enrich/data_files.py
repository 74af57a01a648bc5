"""The data files of this package: lines, and rows of cells between bars."""

from collections.abc import Iterator
from importlib.resources import files


def read_data(name: str) -> str:
    """A data file's text."""
    return (files("newsman.enrich") / "data" / name).read_text("utf-8")


def lines(name: str) -> Iterator[str]:
    """The lines that are neither empty nor a comment."""
    for line in read_data(name).splitlines():
        if line and not line.startswith("#"):
            yield line


def rows(name: str, width: int) -> Iterator[list[str]]:
    """The lines as so many cells."""
    for line in lines(name):
        row = line.split("|")
        assert len(row) == width, f"{name}: {line}"
        yield row


def cells(cell: str) -> list[str]:
    """The parts of a cell that holds several."""
    return [part for part in cell.split(",") if part]
