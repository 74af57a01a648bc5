"""What a release carries, and the files that hosting services and editors read."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
LICENSE = (REPOSITORY / "LICENSE").read_bytes()


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    """The folder of a freshly built wheel and source distribution."""
    folder = tmp_path_factory.mktemp("release")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return folder


def test_the_wheel_carries_the_license(release):
    (wheel,) = release.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/licenses/LICENSE")]
        (metadata,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        assert archive.read(name) == LICENSE
        assert "License-Expression: Apache-2.0" in archive.read(metadata).decode()


def test_the_wheel_carries_every_file_that_the_services_read(release):
    (wheel,) = release.glob("*.whl")
    services = REPOSITORY / "services"
    read = {
        path.relative_to(services).as_posix()
        for path in services.rglob("*")
        if path.is_file()
        and path.suffix in {".yaml", ".html", ".css", ".js", ".lua", ".toml", ".zdict"}
    }
    assert "newsman/feeds/api/openapi.yaml" in read
    with zipfile.ZipFile(wheel) as archive:
        assert read <= set(archive.namelist())


def test_the_source_distribution_carries_the_license(release):
    (source,) = release.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        (name,) = [n for n in archive.getnames() if re.fullmatch(r"[^/]+/LICENSE", n)]
        assert archive.extractfile(name).read() == LICENSE


def test_the_license_is_apache_2_whole():
    text = LICENSE.decode()
    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_images_are_built_with_the_license():
    assert "!LICENSE" in (REPOSITORY / ".dockerignore").read_text().split()
    assert " LICENSE ./" in (REPOSITORY / "deploy" / "Dockerfile").read_text()


def test_the_hosted_workflow_runs_ci_with_pinned_actions():
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "ci.yml").read_text())
    steps = workflow["jobs"]["ci"]["steps"]
    assert any(".ci/run" in step.get("run", "") for step in steps)
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)
    assert workflow["permissions"] == {"contents": "read"}


def test_the_hooks_are_the_tools_of_the_locked_environment():
    config = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())
    hooks = {hook["id"]: hook for repo in config["repos"] for hook in repo["hooks"]}
    assert set(hooks) == {"ruff", "ruff-format", "mypy"}
    locked = (REPOSITORY / "requirements.lock").read_text()
    for hook in hooks.values():
        tool = hook["entry"].split()[0]
        assert hook["language"] == "system"
        assert re.fullmatch(r"\.venv/bin/(ruff|mypy)", tool)
        assert f"\n{Path(tool).name}==" in locked


def test_the_changelog_keeps_to_the_headings_of_keep_a_changelog():
    headings = re.findall(r"^##+ .*$", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "## [Unreleased]"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert {h.removeprefix("### ") for h in headings if h.startswith("### ")} <= kinds
