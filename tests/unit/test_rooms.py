"""Rooms to find one's way in: few files each, type names and docstrings that mean one thing.

`docs/decisions/0077-rooms-one-can-find.md` has the numbers.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES = 16
MOST_SHARED_NAMES = 7
MOST_INDIRECT = 59
"""Docstrings that begin by asking what a thing is, instead of saying it."""
INDIRECT = re.compile(r"(What|Whether|How|Which|The same)\b")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def trees() -> dict[Path, ast.Module]:
    """The syntax tree of each file that runs, by its path."""
    files = (path for room in ("services", "schemas") for path in (ROOT / room).rglob("*.py"))
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in sorted(files)}


def public_types(tree: ast.Module) -> Iterator[str]:
    return (
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )


def docstrings(tree: ast.Module) -> Iterator[str]:
    nodes = (node for node in ast.walk(tree) if isinstance(node, DOCUMENTED))
    return (text for node in nodes if (text := ast.get_docstring(node)))


def test_a_room_has_few_files():
    rooms = Counter(path.parent for path in trees() if path.name != "__init__.py")
    assert {room.as_posix(): n for room, n in rooms.items() if n > MOST_FILES} == {}


def test_few_type_names_mean_two_things():
    where = defaultdict(set)
    for path, tree in trees().items():
        for name in public_types(tree):
            where[name].add(path.as_posix())
    shared = {name: sorted(paths) for name, paths in where.items() if len(paths) > 1}
    assert len(shared) <= MOST_SHARED_NAMES, shared


def test_docstrings_say_what_a_thing_is():
    indirect = [
        f"{path}: {text.splitlines()[0]}"
        for path, tree in trees().items()
        for text in docstrings(tree)
        if INDIRECT.match(text)
    ]
    assert len(indirect) <= MOST_INDIRECT, indirect


@pytest.mark.parametrize("text", ["What it is.", "Whether it holds.", "The same with more."])
def test_indirect_docstrings_are_found(text):
    (found,) = docstrings(ast.parse(f'def f():\n    """{text}"""'))
    assert INDIRECT.match(found)
