"""`newsman contracts`: writes the generated contracts, checks them, takes them as released."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import newsman_schemas
from newsman.terminal.output import show
from newsman_schemas.documents.compatibility import breaking_changes
from newsman_schemas.documents.contract_documents import ASYNCAPI_FILE, documents, render

CONTRACTS = Path(newsman_schemas.__file__).parent / "contracts"
RELEASED = CONTRACTS / "released"

Documents = Mapping[str, dict[str, Any]]


def run(arguments: argparse.Namespace) -> int:
    """Does it; 1 when the check fails or a release would break readers."""
    if arguments.what == "write":
        write(documents(), CONTRACTS)
        show(arguments, {"written": sorted(documents())})
        return 0
    problems = check(documents(), CONTRACTS, RELEASED)
    show(arguments, {"problems": problems})
    for problem in [] if arguments.json else problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    if arguments.what == "release":
        write(_schemas(documents()), RELEASED)
    return 0


def write(generated: Documents, folder: Path) -> None:
    """Writes every document; a schema file that nothing generates any more is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in folder.glob("*.json")} - set(generated):
        (folder / stale).unlink()
    for name, document in generated.items():
        (folder / name).write_text(render(document), encoding="utf-8")


def check(generated: Documents, committed: Path, released: Path) -> list[str]:
    """Problems: files that are not current, and changes that break what was released."""
    return [*differences(generated, committed), *regressions(generated, released)]


def differences(generated: Documents, committed: Path) -> list[str]:
    """Files that are missing, left over or different from what the models say now."""
    actual = {path.name: path.read_text(encoding="utf-8") for path in committed.glob("*.json")}
    wanted = {name: render(document) for name, document in generated.items()}
    differing = sorted(name for name in {*actual, *wanted} if actual.get(name) != wanted.get(name))
    return [
        f"contracts/{name} is not what the models say: run make contracts" for name in differing
    ]


def regressions(generated: Documents, released: Path) -> list[str]:
    """Breaking changes since the last release; a released event may not vanish either."""
    problems: list[str] = []
    for path in sorted(released.glob("*.schema.json")):
        old = json.loads(path.read_text(encoding="utf-8"))
        if path.name not in generated:
            problems.append(f"{path.name}: the event was released and is gone")
            continue
        problems += [
            f"{path.name}: {change}; make a new version of the event instead"
            for change in breaking_changes(old, generated[path.name])
        ]
    return problems


def _schemas(generated: Documents) -> Documents:
    return {name: document for name, document in generated.items() if name != ASYNCAPI_FILE}
