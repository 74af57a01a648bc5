"""The program of the NLP processes: loads the models and the rules, then forks workers.

A worker that takes too long or dies is replaced, so nothing here guards against bad texts.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from newsman.enrich.core import look
from newsman.enrich.workers.fork_server import Limits, die_with_parent, serve_forks
from newsman.enrich.workers.knowledge import load_knowledge
from newsman.enrich.workers.question import Question
from newsman_schemas.articles import Article

FIRST_READ = "The council of Oslo met on Monday, Mayor Anne Lindboe told the Norwegian parliament."


def worker_command(
    memory_mb: int, cpu_seconds: float, sections_model: Path | None = None
) -> tuple[str, ...]:
    """The command line that starts this program."""
    command = (
        sys.executable,
        "-m",
        "newsman.enrich.workers.worker",
        str(memory_mb),
        str(cpu_seconds),
    )
    return (*command, str(sections_model)) if sections_model else command


def main() -> int:
    """Loads everything, says so, and forks workers until standard input ends."""
    limits = Limits(memory_mb=int(sys.argv[1]), cpu_seconds=float(sys.argv[2]))
    die_with_parent()
    knowledge = load_knowledge(Path(sys.argv[3]) if len(sys.argv) > 3 else None)

    def answer(line: bytes) -> bytes:
        question = Question.model_validate_json(line)
        return look(question.article, knowledge, question.found).model_dump_json().encode()

    # Lazily built parts are built here once for all workers.
    answer(Question(article=_first_article()).model_dump_json().encode())
    serve_forks(answer, hello=knowledge.method, limits=limits)
    return 0


def _first_article() -> Article:
    return Article(
        id="a" * 16,
        source="newsman",
        uri="urn:newsman:first",
        version_created=datetime.now(UTC),
        headline="Council meets",
        slug="council-meets",
        body_text=FIRST_READ,
    )


if __name__ == "__main__":
    sys.exit(main())
