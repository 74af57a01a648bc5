"""Uses of the private parts of libraries, found in the text of a module and in its classes.

A name of a library's is private when it begins with one underscore. In a class that is derived
from a library's, `self._name` and a method `_name` count when the library's class has that name.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LIBRARIES = {
    "aiokafka": "aiokafka",
    "faust": "faust-streaming",
    "kafka": "kafka-python",
    "mode": "mode-streaming",
    "redis": "redis",
    "uvicorn": "uvicorn",
}
"""The distribution that each package is from."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def private_names(file: Path, home: Path) -> set[str]:
    """Private names of libraries that a module under `home`, a package's folder, makes use of."""
    tree = ast.parse(file.read_text())
    names = {*_imported(tree), *(_reached(tree) - _own(tree))}
    if _imports_a_library(tree):
        parts = file.relative_to(home.parent).with_suffix("").parts
        names |= set(_inherited(tree, ".".join(parts).removesuffix(".__init__")))
    return names


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _imports_a_library(tree: ast.AST) -> bool:
    nodes = list(ast.walk(tree))
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return any(module.partition(".")[0] in LIBRARIES for module in modules)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from filter(_is_private, parts)


def _reached(tree: ast.AST) -> set[str]:
    """Private attributes of anything but `self`, `cls` and modules of Python's own."""
    near = {"self", "cls"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            near |= {alias.name for alias in node.names if alias.name in sys.stdlib_module_names}
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_private(node.attr)
        if not (isinstance(node.value, ast.Name) and node.value.id in near)
    }


def _own(tree: ast.AST) -> set[str]:
    """Names that the module defines itself: functions, fields, and what is set on `self`."""
    nodes = list(ast.walk(tree))
    names = {node.name for node in nodes if isinstance(node, Function)}
    names |= {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    return names | {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _inherited(tree: ast.Module, module_name: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.bases:
            bases = getattr(importlib.import_module(module_name), node.name).__mro__
            theirs = [base for base in bases if base.__module__.partition(".")[0] in LIBRARIES]
            names = {method.name for method in node.body if isinstance(method, Function)}
            names |= {found.attr for found in ast.walk(node) if isinstance(found, ast.Attribute)}
            yield from (name for name in names if _is_private(name) and _has(theirs, name))


def _has(classes: list[type], name: str) -> bool:
    return any(name in vars(cls) or f"self.{name}" in _source(cls) for cls in classes)


@cache
def _source(cls: type) -> str:
    return inspect.getsource(cls)
