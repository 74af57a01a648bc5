"""Everything that is installed is locked by hash, and every place that installs verifies it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
INSTALLS = re.compile(r"(?:uv |-m |bin/)?\bpip(?:3)? install\b.*|\bpip sync\b.*")
UNPINNED_BY_NATURE = ("--no-deps",)
"""The project itself, whose packages have been installed before."""


@pytest.fixture
def supply(monkeypatch):
    """The modules of deploy/supply."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "deploy" / "supply"))
    import audit
    import locked
    import sbom

    yield {"audit": audit, "locked": locked, "sbom": sbom}
    for name in ("audit", "locked", "sbom"):
        sys.modules.pop(name, None)


def wanted() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"]
    groups = PROJECT["dependency-groups"]
    lists = [PROJECT["project"]["dependencies"], *extras.values(), *groups.values()]
    return sorted(
        {one for each in lists for one in each} | set(PROJECT["build-system"]["requires"])
    )


@pytest.mark.parametrize("requirement", wanted())
def test_each_dependency_is_locked_in_its_range_with_hashes(supply, requirement):
    asked = Requirement(requirement)
    locked = supply["locked"].read_lock()[canonicalize_name(asked.name)]
    assert asked.specifier.contains(locked.version)
    assert locked.hashes


def test_no_entry_of_a_lock_lacks_its_hashes(supply):
    for name in ("requirements.lock", "build.lock"):
        entries = supply["locked"].read_lock(REPOSITORY / name)
        assert entries
        for each in entries.values():
            assert each.hashes, each.name
            assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in each.hashes), each.name


def test_what_comes_along_with_a_dependency_is_locked_too(supply):
    lock = supply["locked"].read_lock()
    extras = PROJECT["project"]["optional-dependencies"]
    packages = supply["locked"].closure("newsman", ("nlp", "french", "dev", "local"))
    assert extras.keys() >= {"nlp", "french", "dev", "local"}
    assert set(packages) - {"newsman"} <= set(lock)
    assert len(packages) > 100


def test_both_locks_say_the_same(supply):
    everything = supply["locked"].read_lock()
    for name, entry in supply["locked"].read_lock(REPOSITORY / "build.lock").items():
        assert entry == everything[name]


def test_the_locks_name_no_index_and_no_address():
    for name in ("requirements.lock", "build.lock"):
        assert not re.search(r"https?://|--index|--find-links", (REPOSITORY / name).read_text())


@pytest.mark.parametrize("path", ["Makefile", "deploy/Dockerfile", ".ci/run"])
def test_every_place_that_installs_asks_for_hashes(path):
    text = (REPOSITORY / path).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        for command in re.split(r"&&|;|\|\|", line):
            if INSTALLS.search(command) and not any(one in command for one in UNPINNED_BY_NATURE):
                assert "--require-hashes" in command


def test_another_file_under_a_locked_name_is_not_installed(tmp_path):
    wheel = _wheel(tmp_path)
    lock = tmp_path / "wrong.lock"
    lock.write_text(f"morsel==1.0 --hash=sha256:{'0' * 64}\n")
    refused = _install(tmp_path, lock)
    assert refused.returncode != 0
    assert "hash" in refused.stderr.lower()
    lock.write_text(f"morsel==1.0 --hash=sha256:{_sha256(wheel)}\n")
    assert _install(tmp_path, lock).returncode == 0
    assert (tmp_path / "into" / "morsel.py").exists()


def _install(folder: Path, lock: Path) -> subprocess.CompletedProcess[str]:
    """Installs a range that a lock narrows down, as the Makefile and the Dockerfile do."""
    uv = Path(sys.executable).with_name("uv")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "meal"\nversion = "1"\ndependencies = ["morsel>=1"]\n'
    )
    options = ["--no-config", "--offline", "--no-cache", "--no-index", "--find-links", folder]
    return subprocess.run(
        [uv, "pip", "install", "--python", sys.executable, "--target", folder / "into", *options]
        + ["--no-build", "--require-hashes", "--constraint", lock]
        + ["-r", folder / "pyproject.toml"],
        capture_output=True,
        text=True,
        check=False,
    )


def _wheel(folder: Path) -> Path:
    path = folder / "morsel-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: morsel\nVersion: 1.0\n"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {
        "morsel.py": "",
        "morsel-1.0.dist-info/METADATA": about,
        "morsel-1.0.dist-info/WHEEL": tags,
    }
    record = "".join(f"{name},,\n" for name in (*files, "morsel-1.0.dist-info/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "morsel-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_bills_of_materials_are_cyclonedx_and_list_what_each_image_installs(supply, tmp_path):
    script = REPOSITORY / "deploy" / "supply" / "sbom.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    bills = {
        name: json.loads((tmp_path / f"sbom-{name}.cdx.json").read_text())
        for name in supply["sbom"].IMAGES
    }
    lock = supply["locked"].read_lock()
    for bill in bills.values():
        assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
        for each in bill["components"]:
            assert each["version"] == lock[canonicalize_name(each["name"])].version
            *_, source = each["externalReferences"]
            assert source["hashes"]
        refs = {"root-component", *(each["bom-ref"] for each in bill["components"])}
        assert {each["ref"] for each in bill["dependencies"]} == refs
        assert all(set(each["dependsOn"]) <= refs for each in bill["dependencies"])
    names = {name: {each["name"] for each in bill["components"]} for name, bill in bills.items()}
    assert names["newsman"] < names["newsman-enrich"]
    assert "spacy" in names["newsman-enrich"] - names["newsman"]
    assert not names["newsman-enrich"] & {"pytest", "mypy", "moto"}


def test_a_bill_of_materials_that_is_not_cyclonedx_is_refused(supply):
    with pytest.raises(SystemExit, match="CycloneDX"):
        supply["sbom"].check({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]})


def package(name: str, *found: str) -> dict:
    vulnerabilities = [{"id": one, "fix_versions": ["9"]} for one in found]
    return {"name": name, "version": "1.0", "vulns": vulnerabilities}


def test_the_audit_fails_on_a_vulnerable_package_and_names_it(supply, tmp_path):
    status, text = supply["audit"].audit(
        tmp_path,
        lambda path: (
            [package("requests", "CVE-2018-18074")]
            if path != tmp_path
            else [package("good"), package("bad", "PYSEC-1")]
        ),
    )
    assert status == 1
    assert "bad 1.0: PYSEC-1 (mended in 9)" in text
    assert "2 packages looked up, 1 vulnerable" in text


@pytest.mark.parametrize(
    "answer", [None, [], [{"name": "requests", "skip_reason": "not found", "vulns": []}]]
)
def test_the_audit_says_that_it_reached_no_database_and_passes(supply, tmp_path, answer):
    status, text = supply["audit"].audit(tmp_path, lambda _: answer)
    assert (status, text) == (0, supply["audit"].UNREACHED)


def test_the_audit_passes_where_nothing_is_vulnerable(supply, tmp_path):
    status, text = supply["audit"].audit(
        tmp_path,
        lambda path: [package("good")] if path == tmp_path else [package("requests", "CVE-1")],
    )
    assert status == 0
    assert "1 packages looked up, 0 vulnerable" in text


@pytest.fixture
def osv():
    """An OSV database on loopback in which requests and lz4 are vulnerable."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = asked["package"]["name"]
            event = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}
            affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [event]}]
            found = [{"id": "OSV-1", "summary": "bad", "affected": affected}]
            known = {"vulns": found} if name in ("requests", "lz4") else {}
            body = json.dumps(known).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pip_audit_itself_ends_with_one_on_a_vulnerable_package(osv, tmp_path):
    lock = tmp_path / "some.lock"
    lock.write_text("lz4==4.4.5\ncffi==2.1.1\n")
    script = REPOSITORY / "deploy" / "supply" / "audit.py"
    options = {"AUDIT_OPTIONS": f"--vulnerability-service osv --osv-url {osv}"}
    done = subprocess.run(
        [sys.executable, script, lock],
        capture_output=True,
        text=True,
        env={**os.environ, **options},
        check=False,
    )
    assert "lz4 4.4.5: OSV-1 (mended in 999)" in done.stdout
    assert "cffi" not in done.stdout
    assert done.returncode == 1


def test_the_ci_makes_the_bills_and_the_audit_and_ends_with_the_tests():
    lines = (REPOSITORY / ".ci" / "run").read_text().strip().splitlines()
    assert "make sbom" in lines
    assert "make audit" in lines
    assert any("--dry-run test-all" in line for line in lines)
    assert ".venv/bin/pytest" in lines[-1]
