"""`newsman enrich diff`: what another model or other sections would change, changing nothing."""

import argparse
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice

from newsman.enrich.commands.differences import EnrichmentDifference, difference
from newsman.enrich.commands.enriched_log import newest_events
from newsman.enrich.commands.options import EXAMPLE
from newsman.enrich.core import look, readable
from newsman.enrich.own_names.command import all_names
from newsman.enrich.own_names.index import NameIndex, spellings_of
from newsman.enrich.text.languages import LANGUAGES
from newsman.enrich.workers.knowledge import load_knowledge
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.settings import KafkaSettings
from newsman.terminal.output import show
from newsman_schemas.articles import EnrichedArticle


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Compares and prints; 1 when Kafka is away or the model is not there."""
    try:
        return _compare(arguments, settings)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


def _compare(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    since = datetime.now(UTC) - arguments.last
    knowledge = load_knowledge(arguments.sections, dict(map(_package, arguments.model)))
    index = NameIndex(map(spellings_of, all_names(settings).values()))
    events = newest_events(settings, lambda _: True, since=since)
    total = different = 0
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for event in islice(events, arguments.limit):
        total += 1
        article = event.article
        diff = difference(article, look(article, knowledge, index.find(readable(article))))
        if diff:
            different += 1
            gained.update(diff.gained)
            lost.update(diff.lost)
            show(arguments, {"id": article.id, **asdict(diff)}, _text(article, diff))
    lines = [f"{different} of {total} articles would change, with {knowledge.method}"]
    for word, counts in (("gained", gained), ("lost", lost)):
        often = ", ".join(f"{name} {count}×" for name, count in counts.most_common(10))
        lines.append(f"most often {word}: {often or 'nothing'}")
    document = {"articles": total, "different": different, "gained": gained, "lost": lost}
    show(arguments, document, "\n".join(lines))
    return 0


def _text(article: EnrichedArticle, diff: EnrichmentDifference) -> str:
    lines = [f"{article.id}  {article.headline[:80]}"]
    for sign, names in (("+", diff.gained), ("-", diff.lost), ("~", diff.changed)):
        lines += [f"  {sign} {name}" for name in names]
    return "\n".join(lines)


def _package(text: str) -> tuple[str, str]:
    language, _, package = text.rpartition("=")
    language = language or "en"
    if language not in LANGUAGES:
        raise ValueError(f"{text!r}: no such language; example: {EXAMPLE}")
    return language, package
