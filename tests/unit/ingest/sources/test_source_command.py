"""newsman source: what an operator types and what comes of it."""

import errno
import hashlib
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from newsman.cli import main
from newsman.ingest.sources import source_command
from newsman.ingest.sources.sources_file import Sources


@pytest.fixture
def source(tmp_path, monkeypatch, capsys):
    """Runs the command in this process; `path` is its file."""
    path = tmp_path / "sources.toml"
    monkeypatch.setenv("NEWSMAN_SOURCES_FILE", str(path))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        status = main(["source", *words])
        return subprocess.CompletedProcess(words, status, *capsys.readouterr())

    run.path = path
    return run


def key_in(text: str) -> str:
    return re.search(r"^(?:key|secret): (\S+)$", text, re.MULTILINE).group(1)


def finds(source, key: str) -> str | None:
    found = Sources(source.path).find(f"Bearer {key}")
    return found and found.id


def test_a_key_is_added_rotated_and_revoked(source):
    first = key_in(source("add", "desk", "--language", "nb", "--title", "The desk").stdout)
    assert finds(source, first) == "desk"
    assert first not in source.path.read_text()
    second = key_in(source("rotate", "desk").stdout)
    assert [finds(source, key) for key in (first, second)] == ["desk", "desk"]
    digest = hashlib.sha256(first.encode()).hexdigest()
    listed = source("list").stdout
    assert "The desk" in listed
    assert digest[:12] in listed
    assert source("revoke", "desk", "--key", digest[:12]).returncode == 0
    assert [finds(source, key) for key in (first, second)] == [None, "desk"]
    assert source("revoke", "desk").returncode == 0
    assert finds(source, second) is None
    assert "revoked" in source("list").stdout


def test_what_else_is_in_the_file_stays(source):
    source.path.write_text(
        '# who may push\n[sources.old]\nkeys = []  # none now\nlanguage = "en"\n'
    )
    assert source("add", "desk").returncode == 0
    text = source.path.read_text()
    assert "# who may push" in text
    assert "# none now" in text
    assert {found.id for found in Sources(source.path)} == {"old", "desk"}


def test_a_signing_secret_is_kept_whole_and_never_listed(source):
    secret = key_in(source("add", "desk", "--hmac").stdout)
    (found,) = Sources(source.path)
    assert found.secrets == (secret,)
    assert secret not in source("list").stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("add", "Not A Name"), 2, "may hold only"),
        (("add", "desk", "--timezone", "Mars/Olympus"), 2, "no zone"),
        (("add", "old"), 1, "old is there already"),
        (("rotate", "nobody"), 1, "no source nobody"),
        (("revoke", "nobody"), 1, "no source nobody"),
        (("revoke", "old", "--key", "abc"), 1, "no key of old begins with abc"),
    ],
)
def test_a_mistake_is_said_and_changes_nothing(source, words, status, said):
    source.path.write_text("[sources.old]\nkeys = []\n")
    before = source.path.read_text()
    done = source(*words)
    assert done.returncode == status
    assert said in done.stderr
    assert source.path.read_text() == before


def test_a_name_is_taken_once(source):
    source("add", "desk")
    command = [sys.executable, "-m", "newsman.cli", "source", "add", "desk"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there already" in done.stderr


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_sources_file_is_its_owners_alone(source, umask):
    before = os.umask(umask)
    try:
        assert source("add", "desk", "--hmac").returncode == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(source.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_sources_file_keeps_its_mode_and_its_link(source, tmp_path, mode):
    place = tmp_path / "elsewhere" / "sources.toml"
    place.parent.mkdir()
    place.write_text("[sources.old]\nkeys = []\n")
    place.chmod(mode)
    source.path.symlink_to(place)
    assert source("add", "desk").returncode == 0
    assert source.path.is_symlink()
    assert stat.S_IMODE(place.stat().st_mode) == mode
    assert {found.id for found in Sources(place)} == {"old", "desk"}
    assert list(place.parent.iterdir()) == [place]


def test_a_mounted_file_is_written_by_its_owner_alone(source, monkeypatch):
    """What a container finds: the file can't be replaced, and belongs to a user of the machine."""
    source("add", "desk")

    def refuse(error: OSError):
        def raise_it(*_: object, **__: object) -> None:
            raise error

        return raise_it

    busy = OSError(errno.EBUSY, "Device or resource busy")
    monkeypatch.setattr(source_command, "replace_private", refuse(busy))
    assert source("add", "wire").returncode == 0
    monkeypatch.setattr(Path, "write_bytes", refuse(PermissionError(errno.EACCES, "denied")))
    refused = source("add", "agency")
    assert refused.returncode == 2
    assert f"is user {os.getuid()}'s" in refused.stderr
    assert "docker compose run --rm --user" in refused.stderr


def test_a_source_for_superdesk_may_be_asked_without_a_signature(source):
    secret = key_in(source("add", "wire", "--superdesk").stdout)
    source("add", "desk", "--hmac")
    wire, desk = Sources(source.path)
    assert (wire.secrets, wire.unsigned_binary_checks) == ((secret,), True)
    assert not desk.unsigned_binary_checks
    assert source("list").stdout.count("anybody may ask which files it has sent") == 1


def test_search_engines_are_pointed_to_a_sources_own_pages_where_it_says_so(source):
    source("add", "agency", "--canonical-at-source")
    source("add", "desk")
    agency, desk = Sources(source.path)
    assert (agency.canonical_at_source, desk.canonical_at_source) == (True, False)
    assert source("list").stdout.count("search engines are pointed to its own pages") == 1


def test_a_source_may_keep_what_was_public_before_an_embargo(source):
    source("add", "desk", "--embargo-keeps-earlier")
    source("add", "wire")
    desk, wire = Sources(source.path)
    assert (desk.embargo_keeps_earlier, wire.embargo_keeps_earlier) == (True, False)
    assert source("list").stdout.count("an embargo leaves the version before it public") == 1
