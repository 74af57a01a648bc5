"""The boundaries: services know nothing of one another, schemas know no service, cores are pure."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = ("ingest", "enrich", "popularity", "publish", "feeds", "deliver")
IMPURE = {"faust", "kafka", "redis", "starlette", "time", "random", "socket", "uvicorn", "aiohttp"}


def imports(file: Path) -> set[str]:
    """Every module that a file imports, at any depth, under its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def package(name: str) -> str:
    return ".".join(name.split(".")[:2])


def offenders(root: Path, folder: str, pattern: str, is_wrong: Callable[[str], bool]) -> list[str]:
    return [
        f"{file.relative_to(root)} imports {name}"
        for file in sorted((root / folder).rglob(pattern))
        for name in sorted(imports(file))
        if is_wrong(name)
    ]


def violations(root: Path) -> list[str]:
    """What breaks a boundary in a checkout, a line each."""
    home = "services/newsman"
    services = {f"newsman.{service}" for service in SERVICES}
    found = offenders(root, "schemas", "*.py", lambda name: name.split(".")[0] == "newsman")
    for service in SERVICES:
        others = services - {f"newsman.{service}"}
        found += offenders(root, f"{home}/{service}", "*.py", lambda n, o=others: package(n) in o)
    for shared in ("kafka", "redis", "ninjs", "openapi", "runtime", "web"):
        found += offenders(root, f"{home}/{shared}", "*.py", lambda n: package(n) in services)
    return found + offenders(root, home, "core.py", lambda name: name.split(".")[0] in IMPURE)


def test_the_boundaries_hold():
    assert violations(REPOSITORY) == []


def test_every_service_has_a_core():
    for service in SERVICES:
        assert (REPOSITORY / "services" / "newsman" / service / "core.py").exists()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("services/newsman/feeds/web.py", "from newsman.publish import store"),
        ("services/newsman/feeds/web.py", "import newsman.publish.store"),
        ("services/newsman/feeds/web.py", "from newsman import publish"),
        ("services/newsman/publish/core.py", "import time"),
        ("services/newsman/publish/core.py", "from kafka import KafkaProducer"),
        ("services/newsman/publish/core.py", "def f():\n    import random"),
        ("services/newsman/kafka/records.py", "from newsman.enrich import core"),
        ("schemas/newsman_schemas/events.py", "import newsman.settings"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, file, line):
    for folder in ("schemas/newsman_schemas", *(f"services/newsman/{s}" for s in SERVICES)):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "services/newsman/kafka").mkdir()
    (tmp_path / file).write_text(line + "\n")
    assert len(violations(tmp_path)) >= 1


def test_clean_files_are_no_violation(tmp_path):
    core = tmp_path / "services/newsman/publish/core.py"
    core.parent.mkdir(parents=True)
    core.write_text("from datetime import datetime\nfrom newsman_schemas import articles\n")
    assert violations(tmp_path) == []
