"""The commands, paths and symbols that the documentation shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
FENCE = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")

NOT_RUN = {
    "docker compose": "needs a Docker engine; tests/compose runs the same file on one",
    "sudo chown": "needs root, and would give away this checkout's file",
    "make demo": "tests/e2e/test_demo.py runs it, and make status and make stop with it",
    "make status": "tests/e2e/test_demo.py",
    "make stop": "tests/e2e/test_demo.py",
    "make env": "made the environment that this test runs in",
    "make lint": "a test that runs all linters would run them twice in CI",
    "make test": "runs this test",
    ".ci/run": "runs this test",
    ".venv/bin/pytest": "runs this test among others",
    "curl -N http://127.0.0.1:8081/v1/stream": "goes on until it is interrupted; docs/subscribe.md "
    "has one that ends",
}
"""Beginnings of commands that no test of the documentation runs, and why."""


@dataclass(frozen=True)
class Block:
    """A code block that is marked `sh`; `needs` is `stack` where Newsman must be running."""

    page: Path
    needs: str
    text: str

    @property
    def name(self) -> str:
        first = self.text.strip().splitlines()[0]
        return f"{self.page.name}: {first[:60]}"

    @property
    def commands(self) -> list[str]:
        """The commands, each with its continuation lines, without those of NOT_RUN."""
        joined = re.split(r"(?<!\\)\n(?!JSON|[ {])", self.text.strip())
        return [command for command in joined if not command.startswith(tuple(NOT_RUN))]

    @property
    def script(self) -> str:
        return "\n".join(self.commands)


def blocks(page: Path) -> Iterator[Block]:
    """The `sh` blocks of a page, in order."""
    for language, needs, text in FENCE.findall(page.read_text()):
        if language == "sh":
            yield Block(page, needs, text)


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", page.read_text())


def inline_code(page: Path) -> set[str]:
    """What stands in backticks in a page's prose."""
    return set(INLINE.findall(prose(page)))


def documented_nginx(cache: Path, target: int, port: int) -> str:
    """The servers of docs/secure.md for nginx: a cache before the feeds at one port of this
    machine, listening at another."""
    page = (REPOSITORY / "docs" / "secure.md").read_text()
    (shown,) = (text for language, _, text in FENCE.findall(page) if language == "nginx")
    for said, here in (
        ("/var/cache/nginx/newsman", str(cache)),
        ("127.0.0.1:8081", f"127.0.0.1:{target}"),
        ("127.0.0.1:8000", f"127.0.0.1:{port}"),
    ):
        assert said in shown
        shown = shown.replace(said, here)
    return shown
