"""`newsman sections`: learn a newsroom's own sections, and see what a model says of a text."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsman.enrich.tags.sections import read_model
from newsman.enrich.tags.training import Report, TooLittle, TrainingText, train
from newsman.terminal.output import show

SHOWN_MISTAKES = 50
SUFFIXES = {".json", ".ndjson", ".jsonl"}


def run(arguments: argparse.Namespace) -> int:
    """Trains or guesses; 1 when the archive or the model is of no use."""
    try:
        return _train(arguments) if arguments.action == "train" else _guess(arguments)
    except (OSError, ValueError, TooLittle) as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: pip install 'newsman[train]'", file=sys.stderr)
        return 1


def read_archive(archive: Path) -> Iterator[TrainingText]:
    """The stories of a file, or of every JSON file under a folder; raises OSError, ValueError."""
    paths = [archive]
    if archive.is_dir():
        paths = sorted(path for path in archive.rglob("*") if path.suffix in SUFFIXES)
    for path in paths:
        for number, article in _articles(path):
            if text := _training_text(article, f"{path}:{number}"):
                yield text


def _training_text(article: dict[str, Any], place: str) -> TrainingText | None:
    """The article's text and section, None where it lacks one; `place` names it otherwise."""
    section, headline = article.get("section"), article.get("headline")
    text = f"{headline or ''}\n{article.get('body_text') or ''}".strip()
    if not isinstance(section, str) or not section.strip() or not text:
        return None
    return TrainingText(text, section.strip(), str(headline or place))


def _articles(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        document = json.loads(text)
        entries = document if isinstance(document, list) else [document]
    else:
        entries = [json.loads(line) for line in text.splitlines() if line.strip()]
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise ValueError(f"{path}:{number} is no article: expected a JSON object")
        yield number, entry


def _train(arguments: argparse.Namespace) -> int:
    model, report = train(list(read_archive(arguments.archive)))
    text = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
    # One term per line, so that the file can be read and compared.
    arguments.model.write_text(text.replace('],"', '],\n"'), encoding="utf-8")
    size = arguments.model.stat().st_size // 1024
    told = f"\n\nwrote {arguments.model} ({size} kB, {len(model['terms'])} terms)\n"
    told += f"use it with NEWSMAN_SECTIONS_MODEL={arguments.model}"
    shares = ("threshold", "coverage", "precision", "accuracy", "is_enough")
    document = {"model": str(arguments.model), **{name: getattr(report, name) for name in shares}}
    show(arguments, {**document, "stories": report.stories}, render(report) + told)
    return 0


def render(report: Report) -> str:
    """The report as text: coverage and precision, and what was mistaken for what."""
    shown = f"a section for {report.coverage:.0%} of stories, {report.precision:.0%} of them right"
    least = f"from probability {report.threshold:.2f} on"
    lines = [
        f"{shown}, by cross-validation on {report.stories.total()} stories",
        f"({least}; the best guess is right for {report.accuracy:.0%} of all stories)",
    ]
    if not report.is_enough:
        lines.append(
            "the examples are not enough for sections that are 95 % right: give more of each"
        )
    for section, count in sorted(report.stories.items()):
        lines.append(f"  {section}: {report.right[section]} of {count}")
    for section, count in sorted(report.left_out.items()):
        lines.append(f"  {section}: left out, {count} stories are too few")
    if report.mistakes:
        lines.append("mistakes, the surest first")
    surest = sorted(report.mistakes, key=lambda mistake: -mistake.confidence)
    for each in surest[:SHOWN_MISTAKES]:
        confusion = f"{each.section} was taken for {each.guessed} ({each.confidence:.2f})"
        lines.append(f"  {confusion}: {each.name[:80]}")
    if len(surest) > SHOWN_MISTAKES:
        lines.append(f"  and {len(surest) - SHOWN_MISTAKES} more")
    return "\n".join(lines)


def _guess(arguments: argparse.Namespace) -> int:
    guess = read_model(arguments.model).guess(sys.stdin.read())
    document = {"section": guess.section, "confidence": guess.confidence} if guess else {}
    text = f"{guess.section} ({guess.confidence:.2f})" if guess else "no section is likely enough"
    show(arguments, document, text)
    return 0
