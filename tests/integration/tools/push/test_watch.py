"""newsman watch as a process, on a real folder."""

import json
import resource
import signal

import pytest
from tests.waiting import paced

FAST = ("--settle", "0.3")
SETTLE_SECONDS = 3
WRITE_SECONDS = SETTLE_SECONDS / 12


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "incoming"
    made.mkdir()
    return made


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_good_files_are_done_and_bad_ones_failed_with_the_reason(newsman, ingest, folder):
    (folder / "good.json").write_text('{"uri": "urn:a", "headline": "Ferry returns"}')
    (folder / "bad.json").write_text('{"uri": "urn:b", "headline": 5}')
    (folder / "half.json.part").write_text('{"uri": "urn:c"')
    ended = newsman("watch", folder, "--once", *FAST, url=ingest.url)
    assert ended.code == 1
    assert names(folder / "done") == ["good.json"]
    assert names(folder / "failed") == ["bad.json", "bad.json.reason.txt"]
    reason = (folder / "failed" / "bad.json.reason.txt").read_text()
    assert "/headline" in reason
    assert "400" in reason
    assert (folder / "half.json.part").exists()


def test_what_a_file_was_taken_without_is_told_and_it_is_done(newsman, ingest, folder):
    item = {"guid": "urn:a", "type": "text", "version": "1", "headline": "H", "expires": "never"}
    (folder / "a.json").write_text(json.dumps(item))
    ended = newsman("watch", folder, "--once", *FAST, url=ingest.url)
    assert ended.code == 0, ended.err
    assert "a.json: 1 warning: /expires: " in ended.err
    assert names(folder / "done") == ["a.json"]


def test_a_file_that_grows_is_not_taken(newsman, server, folder, eventually):
    process = newsman.start("watch", folder, "--settle", str(SETTLE_SECONDS), url=server.url)
    growing = folder / "story.json"
    with growing.open("w") as file:
        for _ in paced(range(16), every_seconds=WRITE_SECONDS):
            file.write(" ")
            file.flush()
        file.write("{}")
    eventually(lambda: names(folder / "done") == ["story.json"])
    assert [asked.body.strip() for asked in server.asked] == [b"{}"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_name_that_is_taken_gets_a_number(newsman, server, folder):
    for text in ("{}", "[]", "{} "):
        (folder / "story.json").write_text(text)
        assert newsman("watch", folder, "--once", *FAST, url=server.url).code == 0
    assert names(folder / "done") == ["story.1.json", "story.2.json", "story.json"]


def test_two_watchers_do_not_share_a_folder(newsman, server, folder, eventually):
    newsman.start("watch", folder, *FAST, url=server.url)
    eventually(lambda: (folder / "done").exists())
    eventually(lambda: newsman("watch", folder, "--once", url=server.url).code == 2)
    assert "another newsman" in newsman("watch", folder, "--once", url=server.url).err


def test_killed_at_any_moment_it_loses_no_file(newsman, server, folder):
    expected = [f"{number:03}.json" for number in range(60)]
    for name in expected:
        (folder / name).write_text(json.dumps({"name": name}))

    watchers = []

    usual = server.default

    def take_and_kill(asked):
        """Takes a file; at three of them kills the watcher before it knows."""
        if len(server.asked) in (1, 17, 40):
            watchers[-1].kill()
        return usual(asked)

    server.default = take_and_kill
    for _ in range(3):
        watchers.append(newsman.start("watch", folder, *FAST, url=server.url))
        watchers[-1].wait(30)
    assert newsman("watch", folder, "--once", *FAST, url=server.url).code == 0
    assert names(folder / "done") == expected
    assert {asked.body for asked in server.asked} == {
        json.dumps({"name": name}).encode() for name in expected
    }


def no_room() -> None:
    """Every write to a file fails in this process, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_on_a_full_disk_files_stay_until_their_reasons_can_be_written(newsman, ingest, folder):
    (folder / "good.json").write_text('{"uri": "urn:a", "headline": "Ferry returns"}')
    (folder / "bad.json").write_text('{"uri": "urn:b", "headline": 5}')
    process = newsman.start("watch", folder, "--once", *FAST, url=ingest.url, preexec_fn=no_room)
    assert process.wait(30) == 1
    assert names(folder / "done") == ["good.json"]
    assert (folder / "bad.json").exists()
    assert names(folder / "failed") == []
    assert newsman("watch", folder, "--once", *FAST, url=ingest.url).code == 1
    assert names(folder / "failed") == ["bad.json", "bad.json.reason.txt"]
    assert "/headline" in (folder / "failed" / "bad.json.reason.txt").read_text()


def test_a_server_that_is_away_leaves_the_file_where_it_is(newsman, server, say, folder):
    (folder / "story.json").write_text("{}")
    server.default = lambda _: say(503)
    ended = newsman("watch", folder, "--once", *FAST, "--retry-for", "1", url=server.url)
    assert ended.code == 1
    assert (folder / "story.json").exists()
    assert names(folder / "failed") == []
