"""Documentation that is followed: what a page has one write, written into a copy of the tree.

A fenced block after a line that begins with a path in backticks and ends with a colon is that
file's whole text or, where it is a `diff`, a change of it. A block of `sh` is run.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = ("services", "schemas", "docs", "deploy", "tests/contract")
BLOCK = re.compile(r"^(?:`([\w./-]+)`[^\n]*:\n\n)?```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A block of a page: the file that it is about, its language, and its text."""

    path: str
    language: str
    text: str


def steps(page: str, heading: str) -> list[Step]:
    """The steps that a section of a page of `docs/` takes."""
    text = (REPOSITORY / "docs" / page).read_text()
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = [Step(path or "", language, body) for path, language, body in BLOCK.findall(section)]
    return [step for step in found if step.path or step.language == "sh"]


def copy_of_the_tree(folder: Path) -> Path:
    """A checkout in `folder`, of what can be imported and of what tests of documents read."""
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored, dirs_exist_ok=True)
    for file in [path for path in REPOSITORY.iterdir() if path.is_file()]:
        shutil.copy(file, folder)
    (folder / "tests" / "unit").mkdir()
    shutil.copy(REPOSITORY / "tests" / "unit" / "test_boundaries.py", folder / "tests" / "unit")
    return folder


def follow(taken: list[Step], tree: Path) -> None:
    """Does in a tree what the steps say."""
    for step in taken:
        if step.language == "sh":
            subprocess.run(["sh", "-e", "-c", step.text], cwd=tree, check=True)
        elif step.language == "diff":
            _change(tree / step.path, step.text)
        else:
            (tree / step.path).parent.mkdir(parents=True, exist_ok=True)
            (tree / step.path).write_text(step.text)


def places(tree: Path) -> set[str]:
    """Places where a tree differs from this one, beside tests: a new folder is one."""
    touched: set[str] = set()
    for file in sorted(path for path in tree.rglob("*") if path.is_file()):
        name = file.relative_to(tree)
        if "__pycache__" in name.parts or name.parts[0] == "tests":
            continue
        original = REPOSITORY / name
        if not original.exists():
            has_folder = original.parent.exists()
            touched.add(str(name if has_folder else name.parent))
        elif original.read_bytes() != file.read_bytes():
            touched.add(str(name))
    return touched


def environment(tree: Path) -> dict[str, str]:
    """Variables with which Python imports Newsman from a tree."""
    return {"PYTHONPATH": f"{tree / 'services'}:{tree / 'schemas'}"}


def run_in(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python WORDS…` in a tree, with the Newsman that is there."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env={"PATH": "/usr/bin:/bin", **environment(tree)},
        capture_output=True,
        text=True,
        timeout=100,
    )


def _change(file: Path, difference: str) -> None:
    """Applies hunks whose lines before the change stand in the file exactly once."""
    for hunk in re.split(r"^@@.*\n", difference, flags=re.MULTILINE):
        lines = hunk.splitlines()
        before = [line[1:] for line in lines if not line.startswith("+")]
        after = [line[1:] for line in lines if not line.startswith("-")]
        if not lines:
            continue
        text = f"\n{file.read_text()}"
        old, new = (f"\n{chr(10).join(part)}\n" for part in (before, after))
        assert text.count(old) == 1, f"{file.name} has {text.count(old)} times:{old}"
        file.write_text(text.replace(old, new)[1:])
