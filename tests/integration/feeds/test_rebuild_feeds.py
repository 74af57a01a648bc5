"""`newsman rebuild feeds`: every process makes its catalogue anew from the log, and serves on."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

STORIES = 400
PATHS = (
    "/feed?section=sport&author=mira-holt&format=json",
    "/feed?section=arts&since=0&limit=100&format=json",
    "/authors/mira-holt.atom",
    "/languages/nb.rss?limit=100",
    "/v1/articles?q=quay&limit=100",
    "/v1/articles?section=sport&since=0&limit=100",
    "/search?q=quay",
    "/opml",
)
TABLES = {
    "articles": "id, part, at, revision, told_ms, action, uri, version, chain",
    "terms": "term, shown, at_ms, id",
    "assets": "asset, source, id, shown",
    "names": "term, name",
    "replaced": "id",
    "positions": "part, at",
}
ASSET = "a" * 26


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def feeds(desk, file, start_service):
    return start_service("feeds", NEWSMAN_CATALOGUE_FILE=str(file)).wait_ready()


@pytest.fixture
def told(desk, publish, feeds, eventually) -> None:
    """Stories, of which some were corrected, moved to another section, followed up or killed."""
    names = [f"story {number}" for number in range(STORIES)]
    first = {"section": "Sport", "byline": "Mira Holt", "language": "nb", "body_text": "The quay."}
    for name in names:
        desk.publish(name, **first)
    publish(*names, **first)
    moved = {**first, "section": "Arts", "body_html": f"<img src='https://x/assets/{ASSET}'>"}
    for name in names[::7]:
        desk.publish(name, revision=2, **moved)
    publish(*names[::7], revision=2, **moved)
    for name in names[1::9]:
        desk.take_away(name, **first)
    publish(*names[1::9], revision=3, action="killed")
    last = {**first, "headline": "The last one", "evolved_from": names[2]}
    desk.publish("last", **last)
    publish("last", **last)
    seen = f"{feeds.url}/v1/articles?q=the+last+one"
    eventually(lambda: httpx.get(seen).json()["items"])


def answers(url: str) -> dict[str, tuple[int, bytes]]:
    found = {path: httpx.get(url + path, timeout=20) for path in PATHS}
    return {path: (answer.status_code, answer.content) for path, answer in found.items()}


def dump(file: Path) -> dict[str, list]:
    connection = sqlite3.connect(file)
    rows = {
        table: sorted(connection.execute(f"SELECT {columns} FROM {table}"))
        for table, columns in TABLES.items()
    }
    words = (
        "SELECT a.id, headline, summary, text FROM words JOIN articles a ON number = words.rowid"
    )
    rows["words"] = sorted(connection.execute(words))
    connection.close()
    return rows


def rebuild(env: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "newsman.cli", "rebuild", "feeds"]
    return subprocess.Popen(
        command,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.usefixtures("told")
def test_what_feeds_know_is_made_anew_to_the_same_while_they_serve(
    feeds, file, start_service, eventually
):
    other = start_service("feeds").wait_ready()
    before, kept = answers(feeds.url), dump(file)
    assert all(status == 200 for status, _ in before.values())
    assert len(kept["articles"]) == STORIES + 1
    assert kept["assets"]
    with sqlite3.connect(file) as damaging:
        damaging.execute("DELETE FROM terms WHERE term LIKE 'author:%'")
        damaging.execute("DELETE FROM words")
    damaging.close()
    assert dump(file) != kept
    running = rebuild(feeds.env)
    while running.poll() is None:
        for path, expected in before.items():
            assert httpx.get(other.url + path, timeout=20).content == expected[1], path
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert (
        f"of {STORIES + len(range(0, STORIES, 7)) + len(range(1, STORIES, 9)) + 1} events" in said
    )
    assert "the catalogues of 2 processes of feeds are whole" in said
    assert dump(file) == kept
    assert answers(feeds.url) == before
    assert answers(other.url) == before
    assert not file.with_name(f"{file.name}.new").exists()


@pytest.mark.usefixtures("told")
def test_a_catalogue_made_anew_goes_on_with_the_log(feeds, desk, publish, eventually):
    for _ in range(2):
        running = rebuild(feeds.env)
        assert "whole" in running.communicate(timeout=60)[0]
        assert running.returncode == 0
    publish("fresh", section="Sport", headline="Fresh news")
    desk.publish("fresh", section="Sport", headline="Fresh news")
    found = f"{feeds.url}/v1/articles?q=fresh+news&section=sport"
    eventually(lambda: httpx.get(found).json()["items"])
    feeds.stop()
    gone = rebuild(feeds.env)
    # What was there a moment ago is waited for until it is known to be gone.
    said = gone.communicate(timeout=60)[0]
    assert gone.returncode == 1
    assert "ended before" in said or "no process of feeds" in said
