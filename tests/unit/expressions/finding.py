"""Finds every regular expression of the tree: where it stands, what it is, how it is used.

Prints them as JSON. A process of its own, since what a module compiles is seen at its first import.
"""

import ast
import importlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
ROOTS = (REPOSITORY / "services", REPOSITORY / "schemas")
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall")
CALLS = frozenset((*METHODS, "compile", "subn", "finditer"))
BOUND = re.compile(r"# Sees at most ([\d,]+) characters")
SAMPLES = {
    "bare": "Ann Lee",
    "boundary": b"edge",
    "demonyms": frozenset({"Dutch", "Congolese"}),
    "name": "Ann Lee",
    "names": frozenset({"Ann Lee", "St. John's", "Oslo"}),
    "side": "Marks & Spencer",
    "title": "The Long Way Home",
    "wanted": {"Ann Lee": 1, "Ann": 2, "Oslo": 3},
    "word": "Oslo",
}
"""What the names stand for in expressions that are made while a service runs."""


@dataclass(frozen=True)
class Expression:
    """One expression at one place, and the methods that it is used with."""

    place: str
    pattern: str | bytes
    flags: int
    methods: tuple[str, ...]
    most_characters: int | None = None

    def as_case(self) -> dict[str, Any]:
        """What a trial needs to know of it, for JSON."""
        pattern = self.pattern
        text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
        return {**vars(self), "pattern": text, "is_bytes": isinstance(pattern, bytes)}


@dataclass(frozen=True)
class _Call:
    """A call of `re` in a file."""

    node: ast.Call
    function: str
    scope: ast.AST
    target: str | None


def expressions() -> list[Expression]:
    """All of them; raises ValueError naming a call whose pattern can't be told."""
    files = [file for root in ROOTS for file in sorted(root.rglob("*.py"))]
    trees = {file: ast.parse(file.read_text()) for file in files}
    compiled = _compiled_at_import(files)
    uses = {file: _uses(tree) for file, tree in trees.items()}
    found = []
    for file, tree in trees.items():
        for call in _calls(tree):
            place = f"{file.relative_to(REPOSITORY)}:{call.node.lineno}"
            patterns = _at(compiled[str(file)], call.node) or [_evaluated(file, call, place)]
            methods, bound = _methods(file, call, uses), _stated_bound(file, call.node)
            found += [Expression(place, *each, methods, bound) for each in patterns]
    return found


def module_name(file: Path) -> str:
    """The name that a file is imported under."""
    root = next(root for root in ROOTS if file.is_relative_to(root))
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _stated_bound(file: Path, node: ast.Call) -> int | None:
    """How many characters it sees at most, if a comment on the line above it says so."""
    stated = BOUND.search(file.read_text().splitlines()[node.lineno - 2])
    return int(stated[1].replace(",", "")) if stated else None


def _compiled_at_import(files: list[Path]) -> dict[str, dict[int, list[tuple[Any, int]]]]:
    """What each file's lines compile while the file is imported."""
    found: dict[str, dict[int, list[tuple[Any, int]]]] = defaultdict(lambda: defaultdict(list))
    original = re._compile  # type: ignore[attr-defined]

    def recording(pattern: Any, flags: Any) -> Any:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename == re.__file__:
            frame = frame.f_back
        value = original(pattern, flags)
        found[frame.f_code.co_filename][frame.f_lineno].append((value.pattern, value.flags))
        return value

    re._compile = recording  # type: ignore[attr-defined]
    try:
        for file in files:
            importlib.import_module(module_name(file))
    finally:
        re._compile = original  # type: ignore[attr-defined]
    return found


def _calls(tree: ast.Module) -> Iterator[_Call]:
    nodes = list(ast.walk(tree))
    aliases = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "re"
        for alias in node.names
    }
    called = [
        (node, name)
        for node in nodes
        if isinstance(node, ast.Call) and (name := _function(node.func, aliases))
    ]
    if not called:
        return
    scopes = [tree, *(node for node in nodes if isinstance(node, ast.FunctionDef))]
    scope_of = {id(inner): scope for scope in scopes for inner in ast.walk(scope)}
    targets = {
        id(node.value): target.id
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node, name in called:
        yield _Call(node, name, scope_of[id(node)], targets.get(id(node)))


def _function(func: ast.expr, aliases: set[str]) -> str | None:
    """The function of `re` that is called, if it is one."""
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return func.attr if func.value.id == "re" and func.attr in CALLS else None
    return func.id if isinstance(func, ast.Name) and func.id in aliases & CALLS else None


def _at(compiled: dict[int, list[tuple[Any, int]]], node: ast.Call) -> list[tuple[Any, int]]:
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return [each for line in lines for each in compiled.get(line, [])]


def _evaluated(file: Path, call: _Call, place: str) -> tuple[Any, int]:
    """The pattern of a call within a function, with samples for what is known later only."""
    module = vars(sys.modules[module_name(file)])
    local = dict(SAMPLES)
    for node in ast.walk(call.scope):
        if isinstance(node, ast.Assign) and node.lineno < call.node.lineno:
            _try_assign(node, module, local)
    try:
        pattern = _value(call.node.args[0], module, local)
        flags = next((k.value for k in call.node.keywords if k.arg == "flags"), None)
        if flags is None and call.function == "compile" and len(call.node.args) > 1:
            flags = call.node.args[1]
        made = re.compile(pattern, _value(flags, module, local) if flags else 0)
    except (NameError, TypeError, AttributeError) as error:
        raise ValueError(f"{place}: {error}: give its names samples in {__name__}") from error
    return made.pattern, made.flags


def _try_assign(node: ast.Assign, module: dict[str, Any], local: dict[str, Any]) -> None:
    target = node.targets[0]
    if not isinstance(target, ast.Name) or target.id in SAMPLES:
        return
    try:
        local[target.id] = _value(node.value, module, local)
    except Exception:  # noqa: BLE001 - another variable than the pattern, most likely
        return


def _value(node: ast.expr, module: dict[str, Any], local: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), {**module, **local})


def _uses(tree: ast.Module) -> dict[str, set[str]]:
    """The methods that are called on each name."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            found[name].add(node.attr)
    return found


def _methods(file: Path, call: _Call, uses: dict[Path, dict[str, set[str]]]) -> tuple[str, ...]:
    name = call.target or ""
    where = [file] if name.startswith("_") else list(uses)
    used = {method for each in where for method in uses[each].get(name, ())}
    used = used if call.function == "compile" else {call.function}
    same = {"finditer": "findall", "subn": "sub"}
    return tuple(sorted({same.get(each, each) for each in used})) or METHODS


if __name__ == "__main__":
    print(json.dumps([each.as_case() for each in expressions()]))
