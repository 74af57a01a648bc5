"""Public pages of many kinds, read by Newsman's intake and by trafilatura alone.

`page_sets.py` names the sets and fetches them. Texts are scored by shingles of four words, each
page counting the same, or by the pieces that belong to the article and those that do not. Mistakes
are looked at in one half of a set only: `--half 0 --wrong` names them, `--half 1` is kept aside.
"""

import argparse
import statistics
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from labelled_pages import Reader, Reading, newsman, overlap, trafilatura_alone, words
from page_sets import SETS, PublicPage

READERS: dict[str, Reader] = {"newsman": newsman, "trafilatura": trafilatura_alone}


@dataclass
class Result:
    """The sums over all pages."""

    shares: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """Of pages whose text is known: shares in both, in the reading alone, in the label alone."""
    kept: int = 0
    lost: int = 0
    """Pieces of the article that are in the reading, and that are not."""
    foreign: int = 0
    """Pieces beside the article that are in the reading."""
    titles: int = 0
    days: int = 0
    wrong: list[str] = field(default_factory=list)
    """A line on each piece, title and day that is not the label's."""
    wrong_titles: int = 0
    wrong_days: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, page: PublicPage, reading: Reading, seconds: float) -> None:
        """Counts a page."""
        self.seconds.append(seconds)
        if page.text:
            self.shares[page.name] = overlap(page.text, reading.text)
        text = _one_line(reading.text)
        lost = [piece for piece in page.within if _one_line(piece) not in text]
        foreign = [piece for piece in page.without if _one_line(piece) in text]
        self.lost += len(lost)
        self.kept += len(page.within) - len(lost)
        self.foreign += len(foreign)
        self.wrong += [f"{page.name}: lost {piece[:100]!r}" for piece in lost]
        self.wrong += [f"{page.name}: foreign {piece[:100]!r}" for piece in foreign]
        self.titles += bool(page.title)
        if page.title and words(page.title) != words(reading.title or ""):
            self.wrong_titles += 1
            self.wrong.append(f"{page.name}: title {reading.title!r} for {page.title!r}")
        self.days += bool(page.day)
        if page.day and page.day != reading.day:
            self.wrong_days += 1
            self.wrong.append(f"{page.name}: day {reading.day} for {page.day}")

    def row(self, name: str) -> str:
        """A row of the table."""
        ordered = sorted(self.seconds)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return (
            f"| {name} | {_figures(self.shares.values())} | {self._pieces()} "
            f"| {_share(self.titles, self.wrong_titles)} | {_share(self.days, self.wrong_days)} "
            f"| {statistics.fmean(ordered) * 1e3:.0f} | {p99 * 1e3:.0f} |"
        )

    def _pieces(self) -> str:
        if not self.kept:
            return "–"
        precision = self.kept / (self.kept + self.foreign)
        recall = self.kept / (self.kept + self.lost)
        return _f1(precision, recall)

    def worst(self, count: int) -> list[str]:
        """The pages whose texts are least like their labels."""
        ordered = sorted(self.shares.items(), key=lambda item: item[1][0])
        return [
            f"{name}: {both:.3f} right, {read:.3f} too much, {labelled:.3f} missing"
            for name, (both, read, labelled) in ordered[:count]
        ]


def _figures(shares: Iterable[tuple[float, float, float]]) -> str:
    listed = list(shares)
    if not listed:
        return "–"
    both, read, labelled = (sum(column) for column in zip(*listed, strict=True))
    return _f1(both / (both + read), both / (both + labelled))


def _f1(precision: float, recall: float) -> str:
    f1 = 2 * precision * recall / (precision + recall)
    return f"{f1:.3f} ({precision:.3f}, {recall:.3f})"


def _share(count: int, wrong: int) -> str:
    return f"{count - wrong} of {count}" if count else "–"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="score the reading of public pages")
    parser.add_argument("--sets", default=",".join(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--half", type=int, choices=(0, 1), help="read only this half of each set")
    parser.add_argument("--every", type=int, default=1, help="read only every so many pages")
    parser.add_argument("--wrong", action="store_true", help="tell what Newsman has otherwise")
    arguments = parser.parse_args()
    print(
        "| set, reader | F1 of texts (precision, recall) | of pieces | title | day "
        "| CPU ms, mean | p99 |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with ProcessPoolExecutor() as pool:
        for name in arguments.sets.split(","):
            pages = [p for p in SETS[name]() if arguments.half in (None, p.half)]
            pages = pages[:: arguments.every]
            for reader in READERS:
                result = Result()
                for page, found in zip(pages, pool.map(partial(_read, reader), pages), strict=True):
                    result.add(page, *found)
                print(result.row(f"{name} ({len(pages)}), {reader}"), flush=True)
                if arguments.wrong and reader == "newsman":
                    print(*result.worst(25), *result.wrong, sep="\n")


def _read(name: str, page: PublicPage) -> tuple[Reading, float]:
    markup = page.path.read_bytes()
    begun = time.process_time()
    try:
        reading = READERS[name](markup)
    except ValueError:
        reading = Reading("", None, None)
    return reading, time.process_time() - begun


def _one_line(piece: str) -> str:
    return " ".join(piece.split())


if __name__ == "__main__":
    main()
