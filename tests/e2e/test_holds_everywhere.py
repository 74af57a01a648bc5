"""Kills, holds and moves, wherever they are said, through all services and after a rebuild."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

KEY = {"Authorization": "Bearer demo-key"}
WORD = "Thaumetopoea"
NINJS = ("1.3", "2.1", "3.1")
PICTURE = "https://img.example/thaumetopoea.jpg"


@pytest.fixture(scope="module")
def ingest(newsroom) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as client:
        yield client


@pytest.fixture(scope="module")
def feeds(newsroom) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=10) as client:
        yield client


@pytest.fixture
def push(ingest):
    def push(uri: str, version: int = 1, *, key: str = "demo-key", **fields) -> str:
        article = {"uri": uri, "version": version, "headline": f"{uri} {version}", **fields}
        headers = {"Authorization": f"Bearer {key}"}
        answer = ingest.post("/v1/articles", json=article, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    return push


@pytest.fixture
def pushed(push, feeds, eventually):
    """Pushes, and waits until readers see that version."""

    def pushed(uri: str, version: int = 1, **fields) -> str:
        article_id = push(uri, version, **fields)
        eventually(lambda: number(feeds, article_id) == version, what=f"{uri} {version}")
        return article_id

    return pushed


def number(feeds: httpx.Client, article_id: str) -> int | None:
    answer = feeds.get(f"/v1/articles/{article_id}")
    return answer.json()["version"] if answer.status_code == 200 else None


def status(feeds: httpx.Client, article_id: str) -> int:
    return feeds.get(f"/v1/articles/{article_id}").status_code


def copy(uri: str, **fields) -> dict:
    """A copy of an article as ninjs has it, with a picture."""
    return {
        "uri": uri,
        "type": "picture",
        "headline": f"{WORD} of {uri}",
        "description_text": f"{WORD} seen",
        "renditions": {"original": {"href": PICTURE, "mimetype": "image/jpeg"}},
        **fields,
    }


def with_copy(ingest: httpx.Client, uri: str, copied: str) -> str:
    item = {
        "guid": uri,
        "uri": uri,
        "type": "text",
        "version": "1",
        "versioncreated": datetime.now(UTC).isoformat(),
        "headline": f"News of {uri}",
        "body_html": f'<p>Trees.</p><figure><img src="{PICTURE}" alt=""></figure>',
        "service": [{"name": "Forest", "code": "f"}],
        "associations": {
            "featuremedia": copy(copied, version="1"),
            "other": copy(f"{copied}:other", renditions={}),
        },
    }
    answer = ingest.post("/v1/articles", params={"format": "ninjs"}, json=item)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def exits(article_id: str) -> list[str]:
    page = f"/articles/{article_id}"
    return [
        page,
        *(f"{page}.ninjs{chosen}" for chosen in ("", *(f"?version={n}" for n in NINJS))),
        *(f"{page}.{extension}" for extension in ("nitf", "newsml")),
        f"/v1/articles/{article_id}",
        f"/v1/articles/{article_id}/versions",
        f"{page}/history",
        "/v1/articles?section=forest&limit=100",
        "/v1/articles?since=0&limit=100",
        *(f"/sections/forest.{extension}" for extension in ("ninjs", "rss", "atom", "json")),
    ]


def telling(feeds: httpx.Client, article_id: str, word: str) -> list[str]:
    """The exits that answer with a word of the copy."""
    found = []
    for path in exits(article_id):
        text = feeds.get(path).text
        if f"{WORD} of {word}" in text.replace(f"{word}:other", "") or PICTURE in text:
            found.append(path)
    return found


class Stream:
    """Reads the live stream beside the test."""

    def __init__(self, url: str, **params: str) -> None:
        self.told: list[dict] = []
        self.is_open = threading.Event()
        self._url, self._params = url, params
        threading.Thread(target=self._read, daemon=True).start()
        assert self.is_open.wait(20)

    def _read(self) -> None:
        headers = {"Accept": "application/x-ndjson"}
        timeout = httpx.Timeout(10, read=120)
        with (
            suppress(httpx.RemoteProtocolError),  # the newsroom closes before the stream ends
            httpx.Client(timeout=timeout, headers=headers) as client,
            client.stream("GET", f"{self._url}/v1/stream", params=self._params) as answer,
        ):
            for line in answer.iter_lines():
                self.is_open.set()
                if line.startswith('{"event": "article.'):
                    self.told.append(json.loads(line))

    def of(self, article_id: str) -> list[tuple[str, str | None]]:
        events = [line for line in self.told if line["data"]["id"] == article_id]
        return [(line["event"], line["data"].get("reason")) for line in events]


@pytest.mark.parametrize("first", ["the copy", "the kill"])
def test_a_copy_of_what_is_killed_is_at_no_exit_whichever_came_first(
    newsroom, ingest, feeds, push, pushed, eventually, first
):
    copied = f"urn:everywhere:{first.split()[1]}"
    stream = Stream(newsroom.url("feeds"))
    killed = pushed(copied, headline=f"{WORD} of {copied}")
    if first == "the kill":
        push(copied, pubstatus="canceled")
        eventually(lambda: status(feeds, killed) == 410)
    main = with_copy(ingest, f"{copied}:main", copied)
    eventually(lambda: status(feeds, main) == 200)
    if first == "the copy":
        assert f"/articles/{main}.ninjs" in telling(feeds, main, copied)
        push(copied, pubstatus="canceled")
        eventually(lambda: status(feeds, killed) == 410)
    eventually(lambda: not telling(feeds, main, copied), timeout=10, what="the copy is gone")
    item = feeds.get(f"/articles/{main}.ninjs").json()
    assert list(item["associations"]) == ["other"]
    expected = [("article.published", None)]
    if first == "the copy":
        expected.append(("article.updated", None))
    eventually(lambda: stream.of(main) == expected, what=str(expected))
    # The copy says that it is of the version that was killed.
    pushed(copied, 2, headline="Found again")
    eventually(lambda: f"/articles/{main}.ninjs" in telling(feeds, main, copied), what="it is back")
    push(copied, 3, pubstatus="canceled")
    eventually(lambda: not telling(feeds, main, copied), what="it is gone again")


def test_what_is_withheld_leaves_its_copies_and_comes_back_with_them(
    newsroom, ingest, feeds, push, pushed, eventually
):
    copied = "urn:everywhere:held"
    pushed(copied)
    main = with_copy(ingest, "urn:everywhere:holder", copied)
    eventually(lambda: status(feeds, main) == 200)
    push(copied, 2, pubstatus="withheld")
    eventually(lambda: not telling(feeds, main, copied), what="it is gone")
    rebuild(newsroom)
    assert not telling(feeds, main, copied)
    revision = feeds.get(f"/v1/articles/{main}").json()["revision"]
    assert revision == 2
    push(copied, 3)
    eventually(lambda: f"/articles/{main}.ninjs" in telling(feeds, main, copied), what="it is back")
    assert feeds.get(f"/v1/articles/{main}").json()["revision"] > revision


def rebuild(newsroom) -> None:
    environment = {
        **os.environ,
        "NEWSMAN_KAFKA_BOOTSTRAP": newsroom.bootstrap,
        "NEWSMAN_REDIS_URL": newsroom.redis_url,
        "NEWSMAN_NAMESPACE": newsroom.namespace,
    }
    command = [sys.executable, "-m", "newsman.cli", "rebuild", "store"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def nitf(uri: str, docdata: str = "", attributes: str = "") -> bytes:
    return (
        f'<nitf><head><docdata {attributes}><doc-id id-string="{uri}"/>{docdata}</docdata></head>'
        f"<body><body.head><hedline><hl1>News of {uri}</hl1></hedline></body.head>"
        "<body.content><p>Text.</p></body.content></body></nitf>"
    ).encode()


def test_nitf_kills_the_story_that_it_names_and_waits_for_its_release(ingest, feeds, eventually):
    def push(uri: str, docdata: str = "", attributes: str = "") -> list[str]:
        headers = {"Content-Type": "application/nitf+xml"}
        document = nitf(uri, docdata, attributes)
        answer = ingest.post("/v1/articles", content=document, headers=headers)
        assert answer.status_code in (202, 207), answer.text
        items = answer.json().get("items", [answer.json()])
        return [item["id"] for item in items]

    (story,) = push("urn:nitf:story")
    eventually(lambda: status(feeds, story) == 200)
    attributes = 'management-doc-idref="urn:nitf:story" management-idref-status="canceled"'
    notice, kill = push("urn:nitf:notice", attributes=attributes)
    assert kill == story
    eventually(lambda: (status(feeds, story), status(feeds, notice)) == (410, 200))
    release = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    (held,) = push("urn:nitf:held", f'<date.release norm="{release:%Y%m%dT%H%M%SZ}"/>')
    (beside,) = push("urn:nitf:beside")
    eventually(lambda: status(feeds, beside) == 200)
    assert status(feeds, held) == 404
    eventually(lambda: status(feeds, held) == 200)
    assert datetime.now(UTC) >= release


def test_by_a_setting_of_the_source_an_embargo_leaves_what_was_public(
    newsroom, feeds, push, pushed, eventually
):
    impatient, patient = (pushed("urn:second", key=f"{name}-key") for name in ("demo", "patient"))
    release = datetime.now(UTC) + timedelta(seconds=15)
    for name in ("demo", "patient"):
        push("urn:second", 2, key=f"{name}-key", embargoed_until=release.isoformat())
    eventually(lambda: status(feeds, impatient) == 410)
    trail = eventually(
        lambda: (
            stages := feeds.get(f"/v1/articles/{patient}").json()["trail"],
            [s for s in stages if (s["stage"], s["version"]) == ("scheduled", 2)],
        )[1]
    )
    assert trail
    assert number(feeds, patient) == 1
    rebuild(newsroom)
    assert number(feeds, patient) == 1 or datetime.now(UTC) >= release
    versions = feeds.get(f"/v1/articles/{patient}/versions").json()["items"]
    assert [v["version"] for v in versions] == [1] or datetime.now(UTC) >= release
    eventually(lambda: number(feeds, patient) == number(feeds, impatient) == 2)
    assert datetime.now(UTC) >= release


def test_who_follows_what_an_update_left_is_told_also_after_being_away(
    newsroom, feeds, pushed, eventually
):
    url = newsroom.url("feeds")
    article = pushed("urn:moves", section="Moves One", language="en")
    began = str(int(datetime.now(UTC).timestamp() * 1000))
    streams = {
        name: Stream(url, **params)
        for name, params in (
            ("left", {"section": "moves-one"}),
            ("spoken", {"language": "en", "section": "moves-one"}),
            ("came", {"section": "Moves Two"}),
            ("neither", {"section": "moves-three"}),
        )
    }
    pushed("urn:moves", 2, section="Moves Two", language="en")
    pushed("urn:moves", 3, section="Moves Two", language="en", body_text="More of it.")
    moved = [("article.withdrawn", "moved")]
    updated = [("article.updated", None)] * 2
    eventually(lambda: streams["came"].of(article) == updated)
    assert streams["left"].of(article) == streams["spoken"].of(article) == moved
    assert streams["neither"].of(article) == []
    for name in ("left", "spoken"):
        assert not [line for line in streams[name].told if "headline" in line["data"]]
    later = Stream(url, section="moves-one", since=began)
    eventually(lambda: later.of(article) == moved)
    answer = feeds.get("/v1/stream?sectoin=moves-one")
    assert answer.status_code == 400
    assert "section" in answer.json()["detail"]
    assert feeds.get("/v1/articles?sectoin=x").status_code == 400
    assert feeds.get("/v1/articles?section=x&utm_source=y").status_code == 200
