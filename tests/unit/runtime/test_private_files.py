"""Files with secrets: their owner's alone from the first byte, whatever the umask."""

import os
import stat
import subprocess
import sys

import pytest

from newsman.runtime.private_files import (
    close_folder,
    exposure,
    make_private_folder,
    replace_private,
)


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids="umask {:03o}".format)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_new_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "secret"
    replace_private(path, b"one")
    assert (mode(path), path.read_bytes()) == (0o600, b"one")
    replace_private(path, b"two", mode=0o640)
    assert (mode(path), path.read_bytes()) == (0o640, b"two")


def test_there_is_no_moment_in_which_others_can_read_it(tmp_path):
    """Traces every file that is made, by the mode that it is made with."""
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from newsman.runtime.private_files import replace_private\n"
        "os.umask(0)\n"
        "real = os.open\n"
        "def traced(path, flags, mode=0o777, **more):\n"
        "    fd = real(path, flags, mode, **more)\n"
        "    print(oct(os.fstat(fd).st_mode & 0o777))\n"
        "    return fd\n"
        "os.open = traced\n"
        "replace_private(Path(sys.argv[1]), b'secret', mode=0o644)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "file"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.split() == ["0o600"]
    assert mode(tmp_path / "file") == 0o644


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    owner = os.stat_result((0, 0, 0, 0, -2, -2, 0, 0, 0, 0))
    with pytest.raises((OSError, OverflowError)):
        replace_private(path, b"new", owner=owner)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_that_are_made_are_their_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]


def test_only_a_folder_of_ones_own_is_closed(tmp_path):
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    make_private_folder(there / "below")
    assert mode(there) == 0o755
    close_folder(there)
    assert mode(there) == 0o700


@pytest.mark.parametrize(
    ("bits", "said"), [(0o600, None), (0o640, None), (0o604, "0604"), (0o602, "0602")]
)
def test_a_file_is_open_when_others_can_read_or_write_it(tmp_path, bits, said):
    path = tmp_path / "file"
    path.touch()
    path.chmod(bits)
    assert exposure(path) == said
