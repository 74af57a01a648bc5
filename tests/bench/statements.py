"""Statements without a stack: `python tests/bench/statements.py [ROUNDS]`, processor time."""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gate import story
from stack import machine

from newsman.provenance.canonical_json import canonical_json
from newsman.provenance.content import covered_of
from newsman.provenance.keys import make_key, read_keys_file, read_signing_key
from newsman.provenance.statements import signer
from newsman.provenance.verification import check
from newsman_schemas.articles import ArticlePublished, to_public

ROUNDS = 5_000
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def main() -> int:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        key_file, keys_file = Path(folder, "key.pem"), Path(folder, "keys.json")
        make_key(key_file, keys_file, now=NOW, overlap=timedelta())
        sign = signer("https://news.example", read_signing_key(key_file))
        keys = read_keys_file(keys_file)
    enriched = story(1)
    article = enriched.article
    event = ArticlePublished(
        event_id="event",
        occurred_at=NOW,
        action="published",
        revision=1,
        article_id=article.id,
        source=article.source,
        uri=article.uri,
        version=1,
        article=article,
        trail=enriched.trail,
    )
    statement, document = sign(event, None), to_public(article)
    rows: dict[str, Callable[[], object]] = {
        "canonical JSON of what is vouched for": lambda: canonical_json(covered_of(article)),
        "a signed statement, with it": lambda: sign(event, statement),
        "checking one, with its content": lambda: check([statement], keys, document),
    }
    print(machine())
    print(f"| statements ({len(canonical_json(covered_of(article))):,} bytes of content) | |")
    print("| --- | --- |")
    for name, work in rows.items():
        print(f"| {name} | {_microseconds(work, rounds):,.0f} µs |")
    print(f"| a statement | {len(statement):,} bytes |")
    return 0


def _microseconds(work: Callable[[], object], rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1_000_000


if __name__ == "__main__":
    sys.exit(main())
