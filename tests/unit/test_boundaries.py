"""The boundaries: services know nothing of one another, and nothing else knows a service.

Where a module stands says what it may import: a service its own folder and the rooms that all
share, a room no service and no tool, a tool no service, schemas nothing of Newsman's. Only `cli.py`
may name a service's modules, as strings. Cores are pure.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsman import settings
from newsman.cli import COMMANDS
from newsman.services import SERVICES, services_in

REPOSITORY = Path(__file__).resolve().parents[2]
NEWSMAN, SCHEMAS = "services/newsman", "schemas/newsman_schemas"
IMPURE = {"faust", "kafka", "redis", "starlette", "time", "random", "socket", "uvicorn", "aiohttp"}


def module_of(file: Path, root: Path) -> tuple[str, ...]:
    """The parts of a module's name; those of a package end with `__init__`."""
    return file.relative_to(root).with_suffix("").parts[1:]


def imports(tree: ast.AST, module: tuple[str, ...]) -> Iterator[str]:
    """Full names of all modules that a module imports, at any depth, and of what it takes there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module[: len(module) - node.level] if node.level else ()
            source = ".".join((*above, *([node.module] if node.module else ())))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def strings(tree: ast.AST) -> Iterator[str]:
    """All texts in a module that could be a module's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def breach(module: tuple[str, ...], name: str, services: tuple[str, ...]) -> bool:
    """Whether a module must not import a name."""
    top = name.partition(".")[0]
    if module[0] == "newsman_schemas":
        return top == "newsman"
    is_impure = module[-1] == "core" and top in IMPURE
    return is_impure or is_elsewhere(module, name, services)


def is_elsewhere(module: tuple[str, ...], name: str, services: tuple[str, ...]) -> bool:
    """Whether a name is of a service or a tool, and the module is not."""
    top, room, *_ = (*name.split("."), "")
    return top == "newsman" and room in (*services, "tools") and room != module[1]


def violations(root: Path) -> list[str]:
    """All breaches of a boundary in a checkout, a line each."""
    services = services_in(root / NEWSMAN)
    found = []
    for file in sorted(path for home in (NEWSMAN, SCHEMAS) for path in (root / home).rglob("*.py")):
        tree, module = ast.parse(file.read_text()), module_of(file, root)
        imported = {name for name in imports(tree, module) if breach(module, name, services)}
        found += [f"{file.relative_to(root)} imports {name}" for name in sorted(imported)]
        if module != ("newsman", "cli"):
            named = {text for text in strings(tree) if is_elsewhere(module, text, services)}
            found += [f"{file.relative_to(root)} names {text}" for text in sorted(named)]
    return found


def test_the_boundaries_hold():
    assert violations(REPOSITORY) == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_core_a_command_and_settings(service):
    assert (REPOSITORY / NEWSMAN / service / "core.py").exists()
    assert COMMANDS[service].module == f"newsman.{service}.main"
    assert issubclass(settings.settings_of(service), settings.ServiceSettings)


def test_the_services_are_the_folders_with_a_main():
    assert {"ingest", "enrich", "publish", "popularity", "feeds", "deliver"} <= set(SERVICES)
    assert {"kafka", "redis", "web", "runtime", "rankings", "assets", "ninjs"} <= set(ROOMS)


FOLDERS = {file.parent.name for file in (REPOSITORY / NEWSMAN).glob("*/__init__.py")}
ROOMS = tuple(sorted(FOLDERS - {*SERVICES, "tools"}))
OUTSIDE_SERVICES = (*ROOMS, "kafka/commands", "web/server", "tools", "tools/local", "tools/push")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A small tree with two services and the rooms that there are."""
    for folder in ("feeds", "feeds/pages", "publish", *OUTSIDE_SERVICES):
        (tmp_path / NEWSMAN / folder).mkdir(parents=True, exist_ok=True)
    for service in ("feeds", "publish"):
        (tmp_path / NEWSMAN / service / "main.py").touch()
    (tmp_path / SCHEMAS).mkdir(parents=True)
    return tmp_path


def planted(checkout: Path, file: str, line: str) -> list[str]:
    (checkout / file).write_text(f"{line}\n")
    return violations(checkout)


@pytest.mark.parametrize(
    "line",
    [
        "from newsman.publish import store",
        "from newsman.publish.store import article_store",
        "import newsman.publish.store",
        "from newsman import publish",
        "import newsman.redis.keys, newsman.publish",
        "def f():\n    import newsman.publish",
        "if TYPE_CHECKING:\n    from newsman.publish.core import decide",
        "import_module('newsman.publish.core')",
        "[sys.executable, '-m', 'newsman.publish.main']",
    ],
)
@pytest.mark.parametrize(
    "file",
    [
        *(f"{NEWSMAN}/{folder}/planted.py" for folder in ("feeds", "feeds/pages")),
        *(f"{NEWSMAN}/{folder}/planted.py" for folder in OUTSIDE_SERVICES),
        f"{NEWSMAN}/planted.py",
        f"{NEWSMAN}/feeds/__init__.py",
        f"{NEWSMAN}/__init__.py",
    ],
)
def test_nothing_outside_a_service_imports_it(checkout, file, line):
    assert len(planted(checkout, file, line)) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"{NEWSMAN}/feeds/planted.py", "from ..publish import store"),
        (f"{NEWSMAN}/feeds/planted.py", "from .. import publish"),
        (f"{NEWSMAN}/feeds/__init__.py", "from ..publish import store"),
        (f"{NEWSMAN}/feeds/pages/planted.py", "from ...publish.store import article_store"),
        (f"{NEWSMAN}/planted.py", "from . import publish"),
        (f"{NEWSMAN}/kafka/planted.py", "from ..publish import core"),
    ],
)
def test_a_relative_import_is_no_way_around(checkout, file, line):
    assert len(planted(checkout, file, line)) == 1


@pytest.mark.parametrize("line", ["from newsman.tools.push import client", "import newsman.tools"])
@pytest.mark.parametrize("room", [*ROOMS, "kafka/commands", "feeds", ""])
def test_nothing_but_a_tool_imports_a_tool(checkout, room, line):
    assert len(planted(checkout, str(Path(NEWSMAN, room, "planted.py")), line)) == 1


@pytest.mark.parametrize("line", ["import newsman.settings", "from newsman import kafka"])
def test_schemas_import_nothing_of_newsman(checkout, line):
    assert len(planted(checkout, f"{SCHEMAS}/planted.py", line)) == 1


@pytest.mark.parametrize(
    "line", ["import time", "from kafka import KafkaProducer", "def f():\n    import random"]
)
@pytest.mark.parametrize("folder", ["publish", "rankings", "tools/push"])
def test_a_core_that_is_not_pure_is_found(checkout, folder, line):
    assert len(planted(checkout, f"{NEWSMAN}/{folder}/core.py", line)) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("publish/core.py", "from datetime import datetime\nfrom newsman_schemas import articles"),
        ("publish/app.py", "from newsman.publish import core\nimport newsman.kafka.records\n"),
        ("feeds/pages/front.py", "from . import render\nfrom ..core import Site\n"),
        ("outputs/listing.py", "'time, random and the newsman.publish of old'"),
        ("tools/local/demo.py", "from newsman.tools.push import client"),
        ("cli.py", "COMMANDS = {'feeds': ('newsman.feeds.main', '')}"),
    ],
)
def test_what_is_allowed_is_no_violation(checkout, file, line):
    assert planted(checkout, f"{NEWSMAN}/{file}", line) == []
