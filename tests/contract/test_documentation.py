"""The documentation names everything that there is, and nothing it links to is missing."""

import re
from pathlib import Path

import pytest

from newsman import settings
from newsman.cli import COMMANDS
from newsman.ingest.formats.table import FORMATS as INPUT_FORMATS
from newsman.outputs import FORMATS as OUTPUT_FORMATS
from newsman.runtime.environment import secret_fields, secret_file_variable
from newsman.tools.local.layout import PORTS, PROCESSES
from newsman_schemas.topics import TOPICS

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
CHANGE = re.compile(r"^```diff\n.*?^```$", re.DOTALL | re.MULTILINE)
"""An example of how a page is changed, which documents nothing itself."""
TEXT = CHANGE.sub("", "\n".join(page.read_text() for page in PAGES))


def setting_names() -> set[str]:
    classes = [c for c in vars(settings).values() if isinstance(c, type)]
    return {
        f"NEWSMAN_{name.upper()}"
        for found in classes
        if issubclass(found, settings.BaseSettings) and found is not settings.BaseSettings
        for name in found.model_fields
    }


def secret_file_names() -> set[str]:
    classes = [c for c in vars(settings).values() if isinstance(c, type)]
    found = (c for c in classes if issubclass(c, settings.EnvironmentSettings))
    return {secret_file_variable(name) for c in found for name in secret_fields(c)}


@pytest.mark.parametrize("name", sorted(setting_names() | secret_file_names()))
def test_every_setting_is_documented(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("process", PROCESSES)
def test_the_port_of_every_process_is_documented(process):
    assert f"| `NEWSMAN_PORT` | {process} | `{PORTS[process]}` |" in TEXT


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name):
    assert f"`newsman {name}" in TEXT


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_every_topic_is_documented(topic):
    assert f"`{topic}`" in TEXT


@pytest.mark.parametrize("name", [*INPUT_FORMATS, *OUTPUT_FORMATS])
def test_every_format_is_documented(name):
    assert f"`{name}`" in (REPOSITORY / "docs" / "adding-a-format.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_make_target_that_is_named_exists():
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", TEXT))
    named |= set(re.findall(r"^make ([a-z-]+)", TEXT, re.MULTILINE))
    assert {"demo", "test", "stop", "clean"} <= named
    assert named <= targets
