"""Which files are taken, and where they go."""

import os

import pytest

from newsman.runtime.settings_error import SettingsError
from newsman.tools.push.hot_folder import (
    FileSignature,
    HotFolder,
    Settling,
    fitting_name,
    is_temporary,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def signature(size: int = 1, mtime: int = 1, inode: int = 1) -> FileSignature:
    return FileSignature(inode, size, mtime)


@pytest.fixture
def folder(tmp_path):
    found = HotFolder(tmp_path)
    found.prepare()
    yield found
    found.release()


@pytest.mark.parametrize(
    "name", [".a", "~a", "a~", "a.tmp", "a.PART", "a.xml.filepart", ".newsman-watch.lock"]
)
def test_temporary_names(name):
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["a.xml", "tmp", "part.json", "a~b", "a.tmp.xml"])
def test_names_that_only_look_temporary(name):
    assert not is_temporary(name)


def test_a_file_is_whole_once_it_looks_the_same_for_long_enough():
    clock = Clock()
    settling = Settling(2.0, clock)
    assert settling.settled({"a": signature()}) == []
    clock.now = 1.9
    assert settling.settled({"a": signature()}) == []
    clock.now = 2.0
    assert settling.settled({"a": signature()}) == ["a"]


@pytest.mark.parametrize("changed", [signature(size=2), signature(mtime=2), signature(inode=2)])
def test_any_change_starts_the_wait_again(changed):
    clock = Clock()
    settling = Settling(2.0, clock)
    settling.settled({"a": signature()})
    clock.now = 1.5
    settling.settled({"a": changed})
    clock.now = 3.0
    assert settling.settled({"a": changed}) == []
    clock.now = 3.5
    assert settling.settled({"a": changed}) == ["a"]


def test_who_waits_longest_comes_first_and_who_went_away_begins_again():
    clock = Clock()
    settling = Settling(1.0, clock)
    settling.settled({"b": signature()})
    clock.now = 0.5
    settling.settled({"a": signature(), "b": signature()})
    clock.now = 5.0
    assert settling.settled({"a": signature(), "b": signature()}) == ["b", "a"]
    settling.settled({})
    assert settling.settled({"a": signature()}) == []


def test_only_whole_looking_regular_files_of_the_folder_itself_are_present(folder):
    root = folder.folder
    (root / "a.json").write_text("{}")
    (root / "b.json.part").write_text("{")
    (root / "sub").mkdir()
    (root / "sub" / "c.json").write_text("{}")
    (root / "done" / "d.json").write_text("{}")
    (root / "link.json").symlink_to(root / "a.json")
    os.mkfifo(root / "pipe")
    assert set(folder.present()) == {"a.json"}


def test_nothing_in_done_or_failed_is_overwritten(folder):
    for text in ("1", "2", "3", "4", "5"):
        (folder.folder / "a.xml").write_text(text)
        folder.put_done("a.xml")
        (folder.folder / "a.xml").write_text(text)
        folder.put_failed("a.xml", f"because {text}")
    done = {path.name: path.read_text() for path in folder.done.iterdir()}
    assert len(done) == 5
    assert sorted(done.values()) == ["1", "2", "3", "4", "5"]
    failed = {path.name: path.read_text() for path in folder.failed.iterdir()}
    assert len(failed) == 10
    assert all(
        failed[f"{name}.reason.txt"] == f"because {text}"
        for name, text in failed.items()
        if not name.endswith(".reason.txt")
    )


def test_a_file_named_like_a_reason_is_not_overwritten_by_one(folder):
    for name in ("a.reason.txt", "a"):
        (folder.folder / name).write_text(f"the file {name}")
        folder.put_failed(name, "a reason")
    kept = [path.read_text() for path in folder.failed.iterdir()]
    assert sorted(kept) == ["a reason", "a reason", "the file a", "the file a.reason.txt"]


def test_a_reason_without_its_file_does_not_stay(folder):
    with pytest.raises(FileNotFoundError):
        folder.put_failed("gone.xml", "why")
    assert list(folder.failed.iterdir()) == []


@pytest.mark.parametrize("name", ["ø" * 125 + ".xml", "x" * 255, "a." + "y" * 253, "\udcff" * 250])
def test_the_longest_names_fit_with_number_and_reason(folder, name):
    for text in ("1", "2"):
        (folder.folder / name).write_text(text)
        folder.put_failed(name, "why")
    assert len(list(folder.failed.iterdir())) == 4
    assert len(os.fsencode(fitting_name(name, ".1", 11))) <= 244


def test_one_watcher_a_folder(folder):
    with pytest.raises(SettingsError, match="another newsman"):
        HotFolder(folder.folder).prepare()
    folder.release()
    second = HotFolder(folder.folder)
    second.prepare()
    second.release()


def test_a_folder_that_cannot_be_watched_is_told_at_once(tmp_path):
    with pytest.raises(SettingsError, match="is no folder"):
        HotFolder(tmp_path / "nowhere").prepare()
    (tmp_path / "done").write_text("a file")
    with pytest.raises(SettingsError, match="cannot be watched"):
        HotFolder(tmp_path).prepare()
