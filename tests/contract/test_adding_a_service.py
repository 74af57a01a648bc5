"""`docs/adding-a-service.md` is followed in a copy of the tree: five places, and all finds it."""

import ast
from pathlib import Path

import pytest
from tests.recipe import Step, copy_of_the_tree, follow, places, run_in, steps

MOST_PLACES = 5
STEPS = steps("adding-a-service.md", "A whole one")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    copied = copy_of_the_tree(tmp_path_factory.mktemp("tree"))
    follow(STEPS, copied)
    return copied


def without(folder: Path, name: str) -> Path:
    """Another tree, in which the service was added but for one place."""
    copied = copy_of_the_tree(folder)
    follow([step for step in STEPS if step.path != name], copied)
    return copied


def checks(tree: Path, *files: str):
    return run_in(tree, "-m", "pytest", "-p", "no:cacheprovider", "--noconftest", *files)


def test_a_new_service_touches_five_places_at_the_most(tree):
    assert len(places(tree)) <= MOST_PLACES
    assert "services/newsman/front" in places(tree)


def test_boundaries_documentation_and_compose_hold_with_it(tree):
    ran = checks(
        tree,
        "tests/unit/test_boundaries.py",
        "tests/unit/front",
        "tests/contract/test_documentation.py",
        "tests/contract/test_compose_file.py",
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(
    ("place", "check"),
    [
        ("services/newsman/cli.py", "tests/unit/test_boundaries.py"),
        ("docker-compose.yml", "tests/contract/test_compose_file.py"),
        ("docs/reference.md", "tests/contract/test_documentation.py"),
    ],
)
def test_a_place_that_was_forgotten_is_found(tmp_path, place, check):
    ran = checks(without(tmp_path, place), check, "-k", "front or service or none_is_unknown")
    assert ran.returncode == 1, ran.stdout
    assert "front" in ran.stdout


def test_the_boundaries_guard_it_and_guard_against_it(tree):
    planted = {
        "services/newsman/front/spy.py": "from newsman.publish import core\n",
        "services/newsman/kafka/spy.py": "from newsman.front import core\n",
        "services/newsman/feeds/spy.py": "import newsman.front.store\n",
    }
    follow([Step(path, "python", line) for path, line in planted.items()], tree)
    try:
        ran = checks(tree, "tests/unit/test_boundaries.py::test_the_boundaries_hold", "-vv")
    finally:
        for path in planted:
            (tree / path).unlink()
    assert ran.returncode == 1, ran.stdout
    assert [path for path in planted if path not in ran.stdout] == []


def test_it_is_a_command_and_a_process_of_the_embedded_stack(tree):
    assert "last headline of every section" in run_in(tree, "-m", "newsman.cli", "--help").stdout
    assert run_in(tree, "-m", "newsman.cli", "front", "--help").returncode == 0
    layout = "from newsman.tools.local.layout import *; print({n: PORTS[n] for n in PROCESSES})"
    assert ast.literal_eval(run_in(tree, "-c", layout).stdout)["front"] == 8087
