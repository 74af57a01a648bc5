"""No function branches so often that nobody can follow it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_BRANCHES = 13
"""One more than the decisions in a function (McCabe 1976), boolean operators and comprehensions
counted, which ruff's C901 leaves out."""
ROOT = Path(__file__).parents[2]
DECISIONS = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert)


def complexity(function: ast.AST) -> int:
    return 1 + sum(map(decisions, ast.walk(function)))


def decisions(node: ast.AST) -> int:
    match node:
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.comprehension():
            return 1 + len(node.ifs)
        case ast.Match():
            return len(node.cases) - 1
    return int(isinstance(node, DECISIONS))


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return 1", 1),
        ("def f(a):\n if a: return 1", 2),
        ("def f(a, b, c): return a and b or c", 3),
        ("def f(a): return [x for x in a if x if x > 1]", 4),
        ("def f(a):\n try: a()\n except A: pass\n except B: pass", 3),
        ("def f(a):\n match a:\n  case 1: pass\n  case 2: pass\n  case _: pass", 3),
        ("async def f(a):\n async for x in a:\n  while x: x = g() if x else h()", 4),
    ],
)
def test_every_decision_counts(source, expected):
    (function,) = functions(source)
    assert complexity(function) == expected


def test_no_function_branches_too_often():
    wrong = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {number}"
        for folder in ("services", "schemas")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for function in functions(path.read_text())
        if (number := complexity(function)) > MOST_BRANCHES
    ]
    assert wrong == []
