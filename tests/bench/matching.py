"""The processor time that an article costs where ten thousand standing queries wait for it."""

import random
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from labelled import Labelled, stories

from newsman.matching.standing_queries import StandingQueries
from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity, Tag, article_id
from newsman_schemas.names.slugs import slugify
from newsman_schemas.subscriptions import Filter

QUERIES = 10_000
ARTICLES = 2_000
PARAGRAPHS = 8
"""Of other stories, which make an article of about 4 kB."""
SECTIONS = tuple(f"section {number}" for number in range(20))
SOURCES = tuple(f"source {number}" for number in range(10))
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def articles(rng: random.Random, texts: Sequence[Labelled]) -> Iterator[EnrichedArticle]:
    """Articles that are put together of paragraphs, under terms of all kinds."""
    paragraphs = [part for story in texts for part in story.body.splitlines() if part]
    names = sorted({name for story in texts for name in _names(story)})
    topics = sorted({topic for story in texts for topic in story.topics})
    for number in range(ARTICLES):
        yield EnrichedArticle(
            id=article_id("bench", str(number)),
            source=rng.choice(SOURCES),
            uri=str(number),
            version_created=NOW,
            headline=rng.choice(texts).headline,
            slug="a",
            section=rng.choice(SECTIONS),
            language="en",
            urgency=rng.randint(1, 9),
            body_text="\n".join(rng.sample(paragraphs, PARAGRAPHS)),
            tags=tuple(map(_tag, rng.sample(topics, 3))),
            entities=tuple(map(_entity, rng.sample(names, 12))),
            enrichment=Enrichment(status="done", method="bench", duration_ms=0),
        )


def filters(rng: random.Random, texts: Sequence[Labelled], number: int) -> Iterator[Filter]:
    """Filters as people save them: words (as often as texts have them), names, and both with
    sections and sources."""
    counts = Counter(
        word for story in texts for word in set(re.findall(r"\w{4,}", story.body.lower()))
    )
    words, weights = list(counts), list(counts.values())
    names = sorted({name for story in texts for name in _names(story)})
    for _ in range(number):
        q = " ".join(rng.choices(words, weights, k=rng.randint(1, 3)))
        q += f" {rng.randrange(10**6)}" if rng.random() < 0.9 else ""
        yield rng.choice(
            (
                Filter(q=q),
                Filter(q=q, section=(rng.choice(SECTIONS),)),
                Filter(q=q, source=(rng.choice(SOURCES),), urgency_max=3),
                Filter(entity=(f"{rng.choice(names)} {rng.randrange(1_000)}", "Nobody")),
                Filter(entity=(rng.choice(names),), section=("elsewhere",), first_mention=True),
            )
        )


def matching() -> str:
    """A table of the cost of an article by the number of queries, and the memory of one."""
    rng = random.Random(7)
    texts = stories()
    made = list(articles(rng, texts))
    rows = [
        "| standing queries | CPU an article | matches an article | memory a query |",
        "| --- | --- | --- | --- |",
    ]
    numbers = (0, 100, QUERIES // 10, QUERIES)
    rows += [_row(made, list(filters(rng, texts, number))) for number in numbers]
    return "\n".join((*rows, ""))


def _row(made: Sequence[EnrichedArticle], asked: Sequence[Filter]) -> str:
    queries = StandingQueries()
    queries.put("warm", Filter(q="warm"))
    queries.match(made[0])
    tracemalloc.start()
    for number, one in enumerate(asked):
        queries.put(f"{number:016d}", one)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Queries settle down where articles are few while the first ones come.
    for article in made[: ARTICLES // 2]:
        queries.match(article)
    began, matched = time.thread_time(), 0
    for article in made[ARTICLES // 2 :]:
        matched += len(queries.match(article))
    count = ARTICLES - ARTICLES // 2
    each_ms = (time.thread_time() - began) / count * 1_000
    size = f"{memory / len(asked) / 1_000:.1f} kB" if asked else "–"
    return f"| {len(asked):,} | {each_ms:.2f} ms | {matched / count:.1f} | {size} |"


def _names(story: Labelled) -> Iterator[str]:
    for field, start, end, _ in story.names:
        yield (story.headline if field == "headline" else story.body)[start:end]


def _tag(name: str) -> Tag:
    return Tag(name=name, slug=slugify(name) or "a", confidence=1, method="bench")


def _entity(name: str) -> Entity:
    return Entity(
        name=name,
        slug=slugify(name) or "a",
        type="person",
        mentions=1,
        confidence=1,
        method="bench",
        known_as=(f"The {name}", f"{name}’s"),
    )


if __name__ == "__main__":
    print(matching())
