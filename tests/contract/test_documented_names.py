"""Every file, symbol and command that the documentation names is where it says."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import pytest
from tests.documentation import PAGES, REPOSITORY, inline_code, prose

HOMES = ("", "services", "services/newsman", "schemas/newsman_schemas", "tests")
"""Folders that paths in the documentation begin in."""
ROOTS = ("services", "schemas", "tests", "docs", "deploy", ".ci", ".github")
CODE_SUFFIXES = (".py", ".lua", ".sh", ".html", ".css")
FILES_OF_EVERY_SERVICE = {
    "app.py", "consumer.py", "core.py", "main.py", "metrics.py", "queue.py", "store.py", "web.py",
}  # fmt: skip
"""Named without a folder, since each service may have one."""
GUIDES = {"adding-a-format.md", "adding-a-service.md"}
"""They name files by the end of their path, and some that a reader makes by following them."""
MADE_BY_FOLLOWING = re.compile(r"\bfront\b|test_core\.py|Front[A-Z]|(test_)?lines\.py")
NO_SYMBOLS = {"newsman.article", "newsman.view"}
"""Names of EventGate's streams."""
FOREIGN_CLASSES = {"AsyncAPI", "EventGate", "GoatCounter", "NewsML"}
RULES = (REPOSITORY / "deploy" / "prometheus" / "rules.yml").read_text()
ALERTS = set(re.findall(r"- alert: (\w+)", RULES))


def is_path(code: str) -> bool:
    if not re.fullmatch(r"[\w.*-]+(/[\w.*-]*)*", code):
        return False
    return code.endswith(CODE_SUFFIXES) or (code.split("/")[0] in ROOTS and "/" in code)


def rooms() -> set[str]:
    """The folders of services/newsman that hold code, down to two levels."""
    home = REPOSITORY / "services" / "newsman"
    folders = {p.parent.relative_to(home) for p in home.rglob("__init__.py")}
    return {f"{folder}/" for folder in folders if 0 < len(folder.parts) <= 2}


@cache
def classes() -> dict[str, str]:
    """Each class of the code -> the module that defines it."""
    found = {}
    for root, package in (("services", "newsman"), ("schemas", "newsman_schemas")):
        for file in (REPOSITORY / root / package).rglob("*.py"):
            module = ".".join(file.relative_to(REPOSITORY / root).with_suffix("").parts)
            names = [
                n.name for n in ast.walk(ast.parse(file.read_text())) if type(n) is ast.ClassDef
            ]
            found |= dict.fromkeys(names, module.removesuffix(".__init__"))
    return found


def is_there(symbol: str) -> bool:
    """A module, or what it holds, under its dotted name."""
    parts = symbol.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            fields = getattr(thing, "model_fields", {})
            if not hasattr(thing, name) and name not in fields:
                return False
            thing = getattr(thing, name, fields.get(name))
        return True
    return False


def is_in_tree(code: str) -> bool:
    return any(list((REPOSITORY / home).glob(code.rstrip("/"))) for home in HOMES)


def ends_a_path(code: str) -> bool:
    return any(list((REPOSITORY / root).rglob(code)) for root in ROOTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_is_where_the_documentation_says(page):
    named = {code for code in inline_code(page) if is_path(code)} - FILES_OF_EVERY_SERVICE
    if page.name in GUIDES:
        named = {code for code in named if not MADE_BY_FOLLOWING.search(code)}
        missing = {code for code in named if not is_in_tree(code) and not ends_a_path(code)}
    else:
        missing = {code for code in named if not is_in_tree(code)}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_symbol_is_where_the_documentation_says(page):
    wrong = []
    for code in inline_code(page) - NO_SYMBOLS:
        if re.fullmatch(r"newsman(_schemas)?(\.\w+)+", code):
            wrong += [] if is_there(code) else [code]
        elif named := re.fullmatch(r"((?:[A-Z][a-z0-9]+){2,})((?:\.\w+)*)(\(.*\))?", code):
            name, rest = named[1], named[2]
            module = classes().get(name)
            if (
                name in FOREIGN_CLASSES | ALERTS
                or MADE_BY_FOLLOWING.match(name)
                or (module and is_there(f"{module}.{name}{rest}"))
            ):
                continue
            wrong.append(code)
    assert wrong == []


def test_the_architecture_names_every_room():
    text = prose(REPOSITORY / "docs" / "architecture.md")
    table = text.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    named = set()
    for room, inner in re.findall(r"^\| `(\w+/)` \|[^|]*\|([^|]*)\|$", table, re.MULTILINE):
        named |= {room, *(room + name for name in re.findall(r"`(\w+/)`", inner))}
    assert named == rooms()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_section_leads_to_one(page):
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
        there = page.parent / target if target else page
        assert anchor in anchors(there), f"{target}#{anchor}"


def test_every_page_can_be_read_in_ten_minutes():
    long_by_nature = {"reference.md", "benchmarks.md", "architecture.md"}
    words = {p.name: len(p.read_text().split()) for p in PAGES if p.name not in long_by_nature}
    assert {name: count for name, count in words.items() if count > 2_200} == {}


def test_the_index_names_every_page():
    index = (REPOSITORY / "docs" / "README.md").read_text()
    for page in (REPOSITORY / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index
