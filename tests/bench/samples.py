"""How well the stories of the shared samples are told apart, which are in several formats each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from newsman.enrich import core
from newsman.enrich.core import Knowledge, look
from newsman.enrich.stories.placing import RememberedArticle, describe, place
from newsman.enrich.text.sentences import words_apart
from newsman.enrich.workers.knowledge import load_knowledge
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.pushes import parse
from newsman_schemas.articles import Article

SAMPLES = Path(__file__).parents[3] / "shared" / "data"
FILES = ("first-article.txt", "ninjs/examples/**/*.json", "ninjs/examples/**/*.xml")
FILES += ("ninjs/**/should_pass/*.json", "newsml-g2/*.xml")
LEAST_WORDS = 20
"""Samples of fewer words show a field of a format, and are no stories."""
BEGINNING_WORDS = 12
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def articles(folder: Path) -> Iterator[Article]:
    """The stories among the samples, each folder a source of its own."""
    for file in (file for pattern in FILES for file in sorted(folder.glob(pattern))):
        source = str(file.parent.relative_to(folder)).replace("/", "-")
        kind = "text/plain" if file.suffix == ".txt" else None
        defaults = Defaults(source, "en", ZoneInfo("UTC"), None, NOW)
        try:
            items = parse(
                file.read_bytes(), content_type=kind, format_name=None, defaults=defaults
            ).items
        except (BadDocument, UnknownFormat):
            continue  # Concepts, schemas and bare XML: no articles.
        for item in items:
            if item.article and len(words_apart(item.article.body_text)) >= LEAST_WORDS:
                yield item.article


def placed(knowledge: Knowledge, found: list[Article]) -> list[str]:
    """The story of each, in the order of arrival."""
    known: list[RememberedArticle] = []
    for article in found:
        findings = look(article, knowledge)
        enriched = core.enriched(article, findings, duration_ms=0)
        story = place(enriched, findings.signature, known)
        known.append(describe(enriched, findings.signature, story.id))
    return [each.story for each in known]


def is_one_story(one: Article, other: Article) -> bool:
    """What the samples' makers copied: the headline, or the text from its beginning."""
    begins, beginning = (each.body_text.split()[:BEGINNING_WORDS] for each in (one, other))
    return one.headline == other.headline or begins == beginning


def scores(found: list[Article], stories: list[str]) -> tuple[float, float]:
    """Precision and recall over all pairs of articles."""
    pairs = list(combinations(range(len(found)), 2))
    told = {(a, b) for a, b in pairs if stories[a] == stories[b]}
    # A text with another headline belongs to whatever its copies belong to.
    roots = list(range(len(found)))
    for a, b in pairs:
        if is_one_story(found[a], found[b]):
            old, new = roots[b], roots[a]
            roots = [new if root == old else root for root in roots]
    true = {(a, b) for a, b in pairs if roots[a] == roots[b]}
    return len(told & true) / max(1, len(told)), len(told & true) / len(true)


def samples() -> str:
    """A table of precision and recall; empty where the samples are not there."""
    found = list(articles(SAMPLES)) if SAMPLES.exists() else []
    if not found:
        return ""
    stories = placed(load_knowledge(), found)
    precision, recall = scores(found, stories)
    head = "| samples | stories | precision of pairs | recall of pairs |\n| --- | --- | --- | --- |"
    return f"{head}\n| {len(found)} | {len(set(stories))} | {precision:.2f} | {recall:.2f} |\n"


if __name__ == "__main__":
    print(samples())
