"""Feeds and searches without a stack: `python tests/bench/making.py [ARTICLES]`, processor time.

A feed of 50 articles of which one is new, packed too, beside one of which nothing is kept; and
searches of a generated catalogue, beside ranking all that they find.
"""

import gzip
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from enriching import news
from stack import enriched, machine

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search
from newsman.feeds.pages.answers import rendered
from newsman.matching.words import match_of, words_of
from newsman.outputs import atom, jsonfeed, rss
from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Listing, Site
from newsman.redis.articles import StoredArticle

ROWS, ROUNDS, ARTICLES, TEXT = 50, 40, 100_000, 3_000
SITE = Site("https://news.example", "Bench")
NAMES = ("Lisbon", "Oslo", "Ghent", "Narvik", "Carris", "Ann Lee")
AT_MS = 1_772_452_800_000
SEARCHES = ("council", "council w77", "w29")
RANKED = (
    "SELECT a.id FROM words JOIN articles a ON a.number = words.rowid WHERE words MATCH ? "
    "ORDER BY bm25(words, 8.0, 4.0, 1.0), a.told_ms DESC, a.id LIMIT 50"
)


def main() -> int:
    """Prints both tables."""
    print(machine())
    print("| a feed of 50, one of them new | all made anew | of kept pieces | bytes in gzip |")
    print("| --- | --- | --- | --- |")
    stored = articles(ROWS + ROUNDS)
    for output in (rss.FORMAT, atom.FORMAT, jsonfeed.FORMAT):
        print(of_feed(output, stored))
    most = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    for size in (1_000, most):
        print(f"\n| {size:,} articles, search | all ranked | as it is |\n| --- | --- | --- |")
        print("\n".join(of_searches(generated(size))))
    return 0


def articles(count: int) -> list[StoredArticle]:
    """Articles of some 9 kB of JSON."""
    chooser = random.Random(1)
    texts = [text.body for text in news(200)]
    made = []
    for number in range(count):
        body = " ".join(chooser.choices(texts, k=3))[:TEXT]
        article = enriched(number, NAMES, headline=f"Number {number}", body=body)
        made.append(StoredArticle(article, 1, AT_MS + number, ()))
    return made


def of_feed(output: FeedFormat, stored: list[StoredArticle]) -> str:
    """The row of one format."""

    def listing(number: int) -> Listing:
        return Listing("Latest", "/", "/latest", tuple(stored[number : number + ROWS]))

    def anew(number: int) -> None:
        found = listing(number)
        bare = tuple(replace(one, pieces={}) for one in found.articles)
        gzip.compress(output.render(replace(found, articles=bare), SITE), compresslevel=6)

    rendered(listing(0), output, SITE)
    numbers = iter(range(1, ROUNDS)), iter(range(1, ROUNDS))
    whole = spent(lambda: anew(next(numbers[0])), ROUNDS - 1)
    kept = spent(lambda: rendered(listing(next(numbers[1])), output, SITE), ROUNDS - 1)
    body = rendered(listing(0), output, SITE)
    sizes = f"{len(gzip.compress(body.body, 6)):,}, {len(body.packed or b''):,}"
    return f"| {output.extension} | {whole:.1f} ms | {kept:.1f} ms | {sizes} |"


def of_searches(catalogue: Catalogue) -> Iterator[str]:
    """A row for each search."""
    for words in SEARCHES:
        every = spent(partial(catalogue.rows, RANKED, match_of(words_of(words))))
        bounded = spent(partial(search, catalogue, words, (), ROWS))
        yield f"| `{words}` | {every:.2f} ms | {bounded:.2f} ms |"


def generated(size: int) -> Catalogue:
    """A catalogue of so many articles; one word stands in all of them."""
    chooser = random.Random(1)
    words = [f"w{int(chooser.paretovariate(0.6)) % 30_000}" for _ in range(100_000)]
    catalogue = Catalogue()
    for number in range(1, size + 1):
        text = " ".join(["council", *chooser.choices(words, k=40)])
        headline = " ".join([*chooser.choices(words, k=5), *["council"][: number % 50 == 0]])
        name = f"id{number:014d}"
        catalogue.rows(
            "INSERT INTO articles VALUES (?,?,0,?,1,?,'published',?,1,?)",
            *(number, name, number, AT_MS + number, name, name),
        )
        catalogue.rows("INSERT INTO words (rowid, headline, text) VALUES (?,?,?)",
                       number, headline, text)  # fmt: skip
    return catalogue


def spent(work: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of processor time of one go."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e3


if __name__ == "__main__":
    raise SystemExit(main())
