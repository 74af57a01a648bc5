"""Public pages of many kinds with pieces of text that belong to the article and pieces that do not.

They are the comparison of go-trafilatura (Apache-2.0), which `go mod download` fetches: about 980
pages, most of them German, few of them news. Newsman's intake and trafilatura alone are scored.
`tests/bench/public_pages.py --every 3` reads a third of them.
"""

import argparse
import ast
import json
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from labelled_pages import Reader, Reading, newsman, trafilatura_alone, words

MODULE = "github.com/markusmobius/go-trafilatura@v1.12.2"
LABELS, PAGES = "scripts/comparison/data.go", ("test-files/comparison", "test-files/mock")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|[{}]|[A-Z][A-Za-z]+(?=:)')
READERS: dict[str, Reader] = {"newsman": newsman, "trafilatura": trafilatura_alone}


@dataclass
class Result:
    """The sums over all pages."""

    kept: int = 0
    lost: int = 0
    """Pieces of the article that are in the reading, and that are not."""
    foreign: int = 0
    left_out: int = 0
    """Pieces beside the article that are in the reading, and that are not."""
    titles: list[bool] = field(default_factory=list)
    days: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, label: dict[str, Any], reading: Reading, seconds: float) -> None:
        """Counts a page."""
        text = _one_line(reading.text)
        kept = sum(_one_line(piece) in text for piece in label.get("With", ()))
        foreign = sum(_one_line(piece) in text for piece in label.get("Without", ()))
        self.kept += kept
        self.lost += len(label.get("With", ())) - kept
        self.foreign += foreign
        self.left_out += len(label.get("Without", ())) - foreign
        if label.get("Title"):
            self.titles.append(words(label["Title"]) == words(reading.title or ""))
        if label.get("Date"):
            self.days.append(label["Date"][:10] == reading.day)
        self.seconds.append(seconds)

    def row(self, name: str) -> str:
        """A row of the table."""
        precision = self.kept / (self.kept + self.foreign)
        recall = self.kept / (self.kept + self.lost)
        f1 = 2 * precision * recall / (precision + recall)
        ordered = sorted(self.seconds)
        return (
            f"| {name} | {f1:.3f} | {precision:.3f} | {recall:.3f} | "
            f"{sum(self.titles)} of {len(self.titles)} | {sum(self.days)} of {len(self.days)} | "
            f"{statistics.fmean(ordered) * 1e3:.0f} | {ordered[int(len(ordered) * 0.99)] * 1e3:.0f}"
            " |"
        )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="score the reading of public pages")
    parser.add_argument("--every", type=int, default=1, help="read only every so many pages")
    folder = _downloaded()
    labels = _labels((folder / LABELS).read_text(encoding="utf-8"))[:: parser.parse_args().every]
    print("| reader | F1 | precision | recall | title | day | CPU ms, mean | p99 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with ProcessPoolExecutor() as pool:
        for name in READERS:
            result = Result()
            for found in pool.map(partial(_read, name, folder), labels, chunksize=8):
                if found:
                    result.add(*found)
            print(result.row(name), flush=True)


def _downloaded() -> Path:
    said = subprocess.check_output(["go", "mod", "download", "-json", MODULE], text=True)
    return Path(json.loads(said)["Dir"])


def _read(
    name: str, folder: Path, label: dict[str, Any]
) -> tuple[dict[str, Any], Reading, float] | None:
    paths = [folder / pages / label["File"] for pages in PAGES]
    path = next((path for path in paths if path.exists()), None)
    if path is None:
        return None
    markup = path.read_bytes()
    begun = time.process_time()
    reading = _reading(READERS[name], markup)
    return label, reading, time.process_time() - begun


def _reading(read: Callable[[bytes], Reading], markup: bytes) -> Reading:
    try:
        return read(markup)
    except ValueError:
        return Reading("", None, None)


def _labels(source: str) -> list[dict[str, Any]]:
    """The entries of the map literal in the Go source: strings, and lists of strings."""
    tokens = _TOKEN.findall(source, source.index("map[string]ComparisonEntry{"))
    return list(_entries(iter(tokens[2:])))


def _entries(tokens: Iterator[str]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        if token != "{":
            continue  # the page's address
        entry: dict[str, Any] = {}
        name = ""
        for inner in tokens:
            if inner == "}":
                break
            if inner == "{":
                entry[name] = [_text(each) for each in iter(partial(next, tokens), "}")]
            elif inner[0] in '"`':
                entry[name] = _text(inner)
            else:
                name = inner
        yield entry


def _text(literal: str) -> str:
    return literal[1:-1] if literal[0] == "`" else str(ast.literal_eval(literal))


def _one_line(piece: Sequence[str] | str) -> str:
    return " ".join(str(piece).split())


if __name__ == "__main__":
    main()
