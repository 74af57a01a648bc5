"""The commands of the documentation: those that need nothing running are run here."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.documentation import FENCE, NOT_RUN, PAGES, REPOSITORY, Block, blocks, inline_code
from tests.ports import free_port

from newsman.cli import COMMANDS, build_command_parser

FOLLOWED_ELSEWHERE = {"adding-a-service.md"}
"""tests/contract/test_adding_a_service.py follows its steps in a copy of the tree."""
OFFLINE = [
    block
    for page in PAGES
    for block in blocks(page)
    if not block.needs and block.commands and page.name not in FOLLOWED_ELSEWHERE
]
COMMAND_WORDS = re.compile(r"^(newsman|make|curl|docker|sudo|export|pip|\.venv/\S+) ", re.MULTILINE)
ARCHIVE = "".join(
    f'{{"headline": "{section} {n}", "body_text": "{words} {n}", "section": "{section}"}}\n'
    for section, words in (
        ("Sport", "the team won the match in the last minute of the final"),
        ("Economy", "the central bank left its interest rates where they are"),
    )
    for n in range(12)
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[Path, Path]:
    """For each page a folder in which its blocks are run, one after the other."""
    made = {page: tmp_path_factory.mktemp(page.stem) for page in PAGES}
    for folder in made.values():
        (folder / "archive.ndjson").write_text(ARCHIVE)
        (folder / "story.txt").write_text("Cup final\n\nThe team won the match.\n")
    return made


@pytest.mark.parametrize("block", OFFLINE, ids=lambda block: block.name)
def test_a_command_that_needs_nothing_running_does_what_it_says(block, folders):
    folder = REPOSITORY if block.script.startswith(".venv/") else folders[block.page]
    settings = {"NEWSMAN_SOURCES_FILE": "sources.toml", "NEWSMAN_NAMESPACE": "newsman"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.script.replace("8099", str(free_port()))],
        cwd=folder,
        env={**os.environ, **settings, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_exception_is_a_command_that_the_documentation_shows():
    shown = "\n".join(block.text for page in PAGES for block in blocks(page))
    for beginning in NOT_RUN:
        assert re.search(rf"^{re.escape(beginning)}", shown, re.MULTILINE), beginning


def test_a_block_needs_nothing_or_the_stack():
    assert {block.needs for page in PAGES for block in blocks(page)} == {"", "stack"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_stands_in_a_block_that_is_run(page):
    for language, _, text in FENCE.findall(page.read_text()):
        # The README's transcript shows commands among what the demo prints.
        if language not in ("sh", "python", "html", "toml", "nginx"):
            assert not COMMAND_WORDS.search(text), text


def options_of(parser: argparse.ArgumentParser, words: list[str]) -> set[str]:
    """The options of a parser, or of the subcommand that the words name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and words and words[0] in action.choices:
            return options_of(action.choices[words[0]], words[1:])
        if action.choices and not action.option_strings:
            assert not words or words[0] in action.choices or words[0].startswith("--"), words[0]
    return set(parser._option_string_actions)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_subcommand_and_option_in_the_text_exists(page):
    for code in sorted(c for c in inline_code(page) if re.match("newsman [a-z]", c)):
        _, name, *words = code.split()
        assert name in COMMANDS, code
        known = options_of(build_command_parser(name), words)
        assert {word for word in words if word.startswith("--")} <= known, code


def test_every_command_is_read_whole():
    page = REPOSITORY / "docs" / "push.md"
    text = 'cat > a <<\'JSON\'\n{"a": 1,\n "b": 2}\nJSON\ncurl \\\n  -f x\nmake demo    # all\nls\n'
    assert Block(page, "", text).commands == [
        'cat > a <<\'JSON\'\n{"a": 1,\n "b": 2}\nJSON',
        "curl \\\n  -f x",
        "ls",
    ]
