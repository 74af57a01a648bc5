"""Files of own names: TOML, CSV, and JSON with one name a line."""

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from newsman_schemas.editing import OwnName

COLUMNS = ("name", "type", "identifier", "aliases", "never")
SEPARATOR = "|"
"""Between the aliases, and between the types, in a cell of CSV."""
MOST_FILE_BYTES = 64 * 1024 * 1024


class WrittenName(OwnName):
    """An own name as people write it; a key that is unknown is refused."""

    model_config = ConfigDict(extra="forbid")


Names = dict[str, OwnName]
"""Own names by their ids."""


def read_names(path: Path) -> Names:
    """The names in a file of .toml, .csv, .ndjson or .jsonl; raises ValueError, saying which entry
    is wrong and why."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise ValueError(f"{path} is larger than {MOST_FILE_BYTES} bytes")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: {error}") from error
    rows = {".toml": _toml, ".csv": _csv, ".ndjson": _lines, ".jsonl": _lines}.get(path.suffix)
    if rows is None:
        raise ValueError(f"{path}: names are read from .toml, .csv, .ndjson and .jsonl")
    try:
        return _by_id(rows(text))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def written_name(value: Any) -> OwnName:
    """An own name of the values that somebody wrote; raises ValueError, saying which is wrong."""
    try:
        return OwnName.model_construct(**dict(WrittenName.model_validate(value)))
    except ValidationError as error:
        key, text = problems_of(error)[0]
        raise ValueError(f"{key}: {text}" if key else text) from error


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """Where in the values, steps joined by dots, and what is wrong there."""
    return [
        (".".join(map(str, wrong["loc"])), wrong["msg"].removeprefix("Value error, "))
        for wrong in error.errors(include_url=False, include_input=False)
    ]


def _by_id(rows: Iterable[tuple[str, Any]]) -> Names:
    names: Names = {}
    for where, row in rows:
        try:
            name = written_name(row)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        if name.name_id in names:
            raise ValueError(f"{where}: {name.name!r} is there twice")
        names[name.name_id] = name
    return names


def _toml(text: str) -> Iterator[tuple[str, Any]]:
    document = tomllib.loads(text)
    entries = document.pop("names", [])
    if document or not isinstance(entries, list):
        raise ValueError("holds nothing but tables [[names]]")
    yield from ((f"names.{number}", entry) for number, entry in enumerate(entries))


def _csv(text: str) -> Iterator[tuple[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    unknown = {*(reader.fieldnames or ())} - {*COLUMNS}
    if unknown or "name" not in (reader.fieldnames or ()):
        raise ValueError(f"the first line names columns, of {', '.join(COLUMNS)}")
    try:
        for row in reader:
            yield f"line {reader.line_num}", _cells(row)
    except (csv.Error, ValueError) as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _cells(row: dict[str | None, Any]) -> dict[str, Any]:
    """A row's cells as values; empty ones say nothing."""
    if None in row or None in row.values():
        raise ValueError("has another number of cells than the first line")
    cells = {str(key): value.strip() for key, value in row.items()}
    values: dict[str, Any] = {key: cell for key, cell in cells.items() if cell}
    for key in ("aliases", "never"):
        if key in values:
            values[key] = [part.strip() for part in values[key].split(SEPARATOR) if part.strip()]
    return {"name": "", **values}


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number} is not JSON: {error.msg}") from error
            except RecursionError as error:
                raise ValueError(f"line {number} is nested too deeply") from error
