"""Public news pages with labels: the words, the title and the day that a person sees.

A folder has `NAME.html` and `NAME.json` (`text`, `title`, `date`; what is missing is not counted),
or is laid out as Zyte's article extraction benchmark: `ground-truth.json` and `html/ID.html.gz`.
"""

import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura

from newsman.ingest.core import normalise
from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.page import html as html_page
from newsman.ingest.formats.values.dates import parse_date

SHINGLE = 4
DEFAULTS = Defaults("bench", None, UTC, None, datetime.now(UTC))
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class LabelledPage:
    """A page, and what a person found in it; None where nobody looked."""

    name: str
    markup: bytes
    text: str
    title: str | None
    day: str | None


@dataclass(frozen=True)
class Reading:
    """What a reader found in a page."""

    text: str
    title: str | None
    day: str | None


@dataclass
class Score:
    """A reader's results on all pages."""

    pages: dict[str, tuple[float, float, float]]
    """Shares of a page's shingles: in both, in the reading alone, in the label alone."""
    titles: list[str]
    days: list[str]
    """Names of the pages whose title or day is not the label's."""
    seconds: list[float]

    def figures(self) -> tuple[float, float, float]:
        """F1, precision and recall, each page counting the same."""
        both, read, labelled = (sum(column) for column in zip(*self.pages.values(), strict=True))
        precision, recall = both / (both + read), both / (both + labelled)
        return 2 * precision * recall / (precision + recall), precision, recall


Reader = Callable[[bytes], Reading]


def labelled_pages(folder: Path) -> Iterator[LabelledPage]:
    """The pages of a folder in either layout."""
    truth = folder / "ground-truth.json"
    if truth.exists():
        labels = json.loads(truth.read_text(encoding="utf-8"))
        for name, label in labels.items():
            markup = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield _labelled(name, markup, {**label, "text": label["articleBody"]})
        return
    for path in sorted(folder.glob("*.json")):
        label = json.loads(path.read_text(encoding="utf-8"))
        yield _labelled(path.stem, path.with_suffix(".html").read_bytes(), label)


def _labelled(name: str, markup: bytes, label: dict[str, Any]) -> LabelledPage:
    day = (label.get("date") or "")[:10] or None
    return LabelledPage(name, markup, label["text"], label.get("title"), day)


def newsman(markup: bytes) -> Reading:
    """The article that Newsman's intake makes of a page."""
    (draft,) = html_page.read(markup, DEFAULTS)
    article = normalise(draft, DEFAULTS, index=0).article
    if article is None:
        return Reading("", None, None)
    # The day where the page was made: an article's own times are in UTC.
    said = draft.fields["published_at"]
    day = str(parse_date(said, UTC).date()) if said else None
    return Reading(article.body_text or "", article.headline, day)


def trafilatura_alone(markup: bytes) -> Reading:
    """The page as trafilatura reads it by itself."""
    page = trafilatura.bare_extraction(
        markup.decode("utf-8", "replace"), include_comments=False, with_metadata=True
    )
    return Reading(page.text or "", page.title, page.date) if page else Reading("", None, None)


def score(pages: Iterable[LabelledPage], read: Reader) -> Score:
    """The reader's results, with its processor time on each page."""
    result = Score({}, [], [], [])
    for page in pages:
        begun = time.process_time()
        reading = read(page.markup)
        result.seconds.append(time.process_time() - begun)
        result.pages[page.name] = overlap(page.text, reading.text)
        if page.title and words(page.title) != words(reading.title or ""):
            result.titles.append(page.name)
        if page.day and page.day != reading.day:
            result.days.append(page.name)
    return result


def overlap(labelled: str, read: str) -> tuple[float, float, float]:
    """Shares of shingles in both, in the reading alone, and in the label alone."""
    wanted, got = _shingles(labelled), _shingles(read)
    both = sum((wanted & got).values())
    parts = (both, sum(got.values()) - both, sum(wanted.values()) - both)
    total = sum(parts)
    return (parts[0] / total, parts[1] / total, parts[2] / total) if total else (1.0, 0.0, 0.0)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    listed = words(text)
    return Counter(
        tuple(listed[start : start + SHINGLE]) for start in range(max(1, len(listed) - SHINGLE + 1))
    )


def words(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    return _WORD.findall(text.casefold())


def main() -> None:
    """Prints the figures of a folder's pages; `-v` names the pages that are wrong."""
    folder, is_verbose = Path(sys.argv[1]), "-v" in sys.argv[2:]
    pages = list(labelled_pages(folder))
    titles, days = sum(bool(p.title) for p in pages), sum(bool(p.day) for p in pages)
    print(f"| {len(pages)} pages | F1 | precision | recall | title | day | CPU, mean | most |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, read in (("Newsman", newsman), ("trafilatura alone", trafilatura_alone)):
        read(pages[0].markup)
        got = score(pages, read)
        f1, precision, recall = got.figures()
        mean, most = statistics.mean(got.seconds) * 1000, max(got.seconds) * 1000
        print(
            f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} "
            f"| {titles - len(got.titles)} of {titles} | {days - len(got.days)} of {days} "
            f"| {mean:.0f} ms | {most:.0f} ms |"
        )
        if is_verbose:
            _print_errors(got)


def _print_errors(got: Score) -> None:
    worst = sorted(got.pages.items(), key=lambda item: item[1][0])
    for name, (both, read, labelled) in worst[:25]:
        print(f"  {name}: {both:.3f} right, {read:.3f} too much, {labelled:.3f} missing")
    print("  title:", *got.titles)
    print("  day:", *got.days)


if __name__ == "__main__":
    main()
