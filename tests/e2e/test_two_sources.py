"""Two sources in one Newsman: whatever the one pushes, the other's stays as it is."""

import json
import uuid

import httpx
import pytest

from newsman.assets.store import asset_id
from newsman_schemas.articles import article_id

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
FAR = "2999-01-01T00:00:00Z"
TEXT = (
    "The harbour master of Bodø closed the northern quay on Tuesday after divers found cracks "
    "in eleven of its piers. Ferries to the islands leave from the fish market until further "
    "notice, and the council will hear on Thursday what a new quay would cost the town."
)


class Desk:
    """One source, by its key."""

    def __init__(self, ingest: str, feeds: str, name: str) -> None:
        self.name = name
        self._ingest = httpx.Client(
            base_url=ingest, headers={"Authorization": f"Bearer {name}-key"}, timeout=30
        )
        self._feeds = httpx.Client(base_url=feeds, timeout=30)

    def push(self, uri: str, **fields) -> str:
        told = {"headline": f"{self.name} on {uri}", "body_text": "Nothing much.", **fields}
        answer = self._ingest.post("/v1/articles", json={"uri": uri, **told})
        assert answer.status_code == 202, answer.text
        assert answer.json()["id"] == article_id(self.name, uri)
        return answer.json()["id"]

    def push_item(self, **item) -> None:
        answer = self._ingest.post("/push", json={"type": "text", **item})
        assert answer.status_code == 200, answer.text

    def push_file(self, media_id: str) -> str:
        answer = self._ingest.post(
            "/push_binary", data={"media_id": media_id}, files={"media": (media_id, PNG)}
        )
        assert answer.status_code == 201, answer.text
        return asset_id(self.name, media_id)

    def has_file(self, media_id: str) -> int:
        return self._ingest.get(f"/push_binary/{media_id}").status_code

    def reads(self, path: str) -> httpx.Response:
        return self._feeds.get(path)

    def status(self, article: str) -> int:
        return self.reads(f"/v1/articles/{article}").status_code


@pytest.fixture
def desks(newsroom):
    return [Desk(newsroom.url("ingest"), newsroom.url("feeds"), n) for n in ("demo", "other")]


@pytest.fixture
def mine(desks):
    return desks[0]


@pytest.fixture
def rival(desks):
    return desks[1]


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"urn:two:{uuid.uuid4().hex[:10]}"


def test_guids_kills_and_versions_of_the_other_are_its_own_articles(mine, rival, name, eventually):
    own = mine.push(name, headline="The quay is closed", version=3)
    eventually(lambda: mine.status(own) == 200)
    before = mine.reads(f"/v1/articles/{own}").json()
    copies = [
        rival.push(name, headline="The quay is open", version=9),
        rival.push(own, headline="Named by its id", version=9),
    ]
    rival.push_item(guid=f"{name}:kill", version="9", pubstatus="canceled", headline="Gone")
    rival.push(name, version=99, pubstatus="canceled")
    rival.push(f"{name}:last", headline="After all of these")
    last = article_id("other", f"{name}:last")
    eventually(lambda: rival.status(last) == 200)
    eventually(lambda: rival.status(copies[0]) == 410)
    after = mine.reads(f"/v1/articles/{own}").json()
    assert {**after, "related": None} == {**before, "related": None}
    assert after["headline"] == "The quay is closed"


def test_a_follow_up_of_anothers_article_replaces_and_joins_nothing(mine, rival, name, eventually):
    own = mine.push(name, headline="The first report")
    eventually(lambda: mine.status(own) == 200)
    links = {"evolved_from": name, "ancestors": [name], "original_id": name}
    followed = rival.push(f"{name}:2", headline="A rival's report", **links)
    again = rival.push(f"{name}:3", headline="Another", evolved_from=own)
    for article in (followed, again):
        eventually(lambda article=article: rival.status(article) == 200)
    latest = mine.reads("/v1/articles?source=demo&limit=100").text
    assert own in latest, "it is still the head of its chain"
    told = mine.reads(f"/v1/articles/{own}").json()
    assert not told.get("replaced_by")
    atom = mine.reads("/feed?source=demo&format=atom&limit=100").text
    assert f"urn:newsman:article:{own}" in atom
    rivals = mine.reads("/feed?source=other&format=atom&limit=100").text
    assert f"urn:newsman:article:{own}" not in rivals, "nor does its entry carry the other's name"


@pytest.mark.parametrize("version", [1, 2])
def test_a_copy_does_not_stand_for_anothers_story(mine, rival, name, version, eventually):
    text = f"{TEXT} Report {name.rpartition(':')[2]} of {version}."
    own = mine.push(name, headline="Cracks close the northern quay of Bodø", body_text=text)
    eventually(lambda: mine.status(own) == 200)
    copy = rival.push(
        name, headline="Cracks close the northern quay of Bodø", body_text=text, version=version
    )
    eventually(lambda: rival.status(copy) == 200)
    eventually(lambda: own in mine.reads("/v1/articles?limit=100&collapse=story").text)
    assert mine.status(own) == 200


def test_pictures_are_shown_and_kept_by_their_own_source_only(mine, rival, name, eventually):
    held, killed = mine.push_file(f"{name}:held"), mine.push_file(f"{name}:killed")
    mine.push(f"{name}:held", images=[{"href": f"http://news/assets/{held}"}], embargoed_until=FAR)
    own = mine.push(f"{name}:killed", images=[{"href": f"http://news/assets/{killed}"}])
    eventually(lambda: mine.reads(f"/assets/{killed}").status_code == 200)
    for number, fields in enumerate(ways_to_name(f"http://news/assets/{held} /assets/{killed}")):
        rival.push(f"{name}:{number}", **fields)
    rival.push_item(
        guid=f"{name}:item",
        headline="With renditions",
        associations={
            "a": {
                "guid": f"{name}:a",
                "type": "picture",
                "renditions": {
                    "x": {"href": f"http://news/assets/{held}", "media": f"{name}:held"},
                    "y": {"href": f"http://news/assets/{killed}", "media": f"{name}:killed"},
                },
            }
        },
    )
    item = article_id("other", f"{name}:item")
    eventually(lambda: rival.status(item) == 200)
    assert mine.reads(f"/assets/{held}").status_code == 404
    assert mine.reads(f"/assets/{killed}").status_code == 200
    mine.push(f"{name}:killed", version=2, pubstatus="canceled")
    eventually(lambda: mine.status(own) == 410)
    assert mine.reads(f"/assets/{killed}").status_code == 410
    assert mine.reads(f"/assets/{held}").status_code == 404
    told = json.dumps(rival.reads(f"/v1/articles/{item}").json())
    assert asset_id("other", f"{name}:held") not in told, "no file of its own has that name"


def ways_to_name(href: str) -> list[dict]:
    """Fields of an article in which the address of a rendition may stand."""
    one = href.partition(" ")[0]
    return [
        {"body_html": f'<p><img src="{one}"> {href}</p>'},
        {"body_text": href},
        {"images": [{"href": one}], "canonical_url": one},
        {"summary": href, "editorial_note": href, "usage_terms": href},
        {"extra": {"deep": [{"er": {"renditions": href}}]}},
        {"keywords": [one], "byline": one, "headline": f"See {one}"},
    ]


def test_files_of_one_name_are_each_sources_own(mine, rival, name, eventually):
    picture = mine.push_file(name)
    assert (mine.has_file(name), rival.has_file(name)) == (200, 404)
    mine.push(name, images=[{"href": f"http://news/assets/{picture}"}])
    eventually(lambda: mine.reads(f"/assets/{picture}").status_code == 200)
    other = rival.push_file(name)
    assert other != picture
    assert mine.reads(f"/assets/{other}").status_code == 404
    assert mine.reads(f"/assets/{picture}").content == PNG


def test_who_may_not_edit_rankings_edits_none(rival):
    edit = {"article": "a" * 16, "action": "ban"}
    answer = rival._ingest.post("/v1/ranking-edits", json=edit)
    assert answer.status_code == 401
