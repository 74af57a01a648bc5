"""A newsroom's own names hold at every exit from the next article on, and editors' overrides are
reviewed."""

import itertools
import json

import httpx
import pytest

from newsman.cli import main

KEY = {"Authorization": "Bearer demo-key"}
HEADLINE = "Vessel Works of Antwerp hires"
TEXT = (
    "Vessel Works said on Monday that VWX would hire 200 people in Antwerp. Mira Sund, who leads "
    "Vessel Works, thanked the council. Sund was pleased."
)


@pytest.fixture(scope="module")
def ingest(newsroom):
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY, timeout=20) as client:
        yield client


@pytest.fixture(autouse=True)
def environment(newsroom, monkeypatch):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", newsroom.bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", newsroom.namespace)


@pytest.fixture(scope="module")
def shown(newsroom, ingest, eventually):
    """`shown()`: a new article as readers have it."""
    numbers = itertools.count()

    def shown() -> dict:
        body = {"uri": f"urn:own-names:{next(numbers)}", "headline": HEADLINE, "body_text": TEXT}
        answer = ingest.post("/v1/articles", json=body)
        assert answer.status_code == 202, answer.text
        url = f"{newsroom.url('feeds')}/v1/articles/{answer.json()['id']}"
        return eventually(lambda: (got := httpx.get(url)).status_code == 200 and got.json())

    return shown


@pytest.fixture
def entities(shown, eventually):
    """`entities(until)`: the entities by slug, of the first article that is as it should be."""

    def entities(until) -> dict[str, dict]:
        def found():
            by_slug = {each["slug"]: each for each in shown()["entities"]}
            return until(by_slug) and by_slug

        return eventually(found, what="an article that obeys")

    return entities


def printed(capsys, *words: str) -> list[dict]:
    """The answer of a command as JSON."""
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_names_over_http_hold_in_the_next_articles_and_are_taken_back(ingest, entities):
    works = {
        "name": "Vessel Works ASA",
        "type": "organisation",
        "identifier": "wikidata:Q77",
        "aliases": ["Vessel Works", "VWX"],
        "by": "Kari",
    }
    answer = ingest.post("/v1/names", json=[works, {"name": "Mira Sund", "never": ["person"]}])
    assert answer.status_code == 202, answer.text
    assert [item["id"] for item in answer.json()["items"]] == ["vessel-works-asa", "mira-sund"]
    assert ingest.get("/v1/names/vessel-works-asa").json()["identifier"] == "wikidata:Q77"
    own = entities(lambda found: "vessel-works-asa" in found)
    seen = own["vessel-works-asa"]
    assert (seen["type"], seen["scheme"], seen["identifier"]) == ("organisation", "wikidata", "Q77")
    assert seen["mentions"] == 4
    assert own.get("mira-sund", {}).get("type") != "person"

    listed = ingest.get("/v1/names", params={"limit": 1}).json()
    assert listed["items"][0]["id"] == "mira-sund"
    assert (listed["total"], listed["next"]) == (2, "mira-sund")
    rest = ingest.get("/v1/names", params={"after": listed["next"]}).json()
    assert [item["id"] for item in rest["items"]] == ["vessel-works-asa"]

    for slug in ("vessel-works-asa", "mira-sund"):
        assert ingest.delete(f"/v1/names/{slug}").status_code == 202
        assert ingest.get(f"/v1/names/{slug}").status_code == 404
        assert ingest.delete(f"/v1/names/{slug}").status_code == 404
    again = entities(lambda found: "vessel-works-asa" not in found)
    assert again["mira-sund"]["type"] == "person"


def test_a_name_that_is_none_is_refused_and_so_is_a_source_without_the_right(ingest):
    names = [{"name": "Antwerp", "type": "place"}, {"name": "\u202e", "type": "town", "more": 1}]
    answer = ingest.post("/v1/names", json=names)
    assert answer.status_code == 400
    problems = {each["pointer"]: each["detail"] for each in answer.json()["errors"]}
    assert problems.keys() == {"/1/name", "/1/type", "/1/more"}
    assert problems["/1/name"] == "has a character that nobody sees (U+202E)"
    assert ingest.get("/v1/names/antwerp").status_code == 404
    for body in ([], [names[0]] * 1_001, {"name": "Antwerp"}, "Antwerp", None):
        assert ingest.post("/v1/names", json=body).status_code == 400
    other = {"Authorization": "Bearer other-key"}
    assert ingest.post("/v1/names", json=names[0], headers=other).status_code == 401
    assert ingest.get("/v1/names", headers=other).status_code == 401


def test_the_command_adds_imports_lists_and_removes(tmp_path, capsys, entities):
    file = tmp_path / "names.csv"
    file.write_text(
        "name,type,aliases,never\nVWX Yard,work,VWX|Vessel Works,\nAntwerp,,,anything\n"
    )
    assert printed(capsys, "names", "import", str(file), "--dry-run")[0]["added"] == 2
    assert printed(capsys, "names", "list") == []
    assert printed(capsys, "names", "import", str(file), "--by", "Kari")[0]["added"] == 2
    assert printed(capsys, "names", "import", str(file))[0] == {
        "names": 2,
        "added": 0,
        "changed": 0,
        "dry_run": False,
    }
    own = entities(lambda found: "vwx-yard" in found)
    assert own["vwx-yard"]["type"] == "work"
    assert "antwerp" not in own
    assert printed(capsys, "names", "add", "Antwerp", "--type", "place") == [
        {"name": "Antwerp", "type": "place"}
    ]
    listed = printed(capsys, "names", "list", "--search", "vessel")
    assert listed == [{"name": "VWX Yard", "type": "work", "aliases": ["VWX", "Vessel Works"]}]
    assert printed(capsys, "names", "show", "vwx yard") == listed
    for name in ("VWX Yard", "antwerp"):
        printed(capsys, "names", "remove", name)
    for words in (["remove", "VWX Yard"], ["show", "Antwerp"], ["add", "!!!", "--type", "work"]):
        assert main(["names", *words]) == 1
    assert "needs two letters or digits" in capsys.readouterr().err
    file.write_text("name,type\nAntwerp,harbour\n")
    assert main(["names", "import", str(file)]) == 1
    assert "line 2: type: " in capsys.readouterr().err


def test_what_editors_take_away_is_counted_and_never_shown(shown, capsys, eventually, newsroom):
    article = shown()
    assert "mira-sund" in {each["slug"] for each in article["entities"]}
    mine = article["id"]
    assert main(["override", mine, "--remove", "mira-sund", "--add", "Shipyards"]) == 0
    url = f"{newsroom.url('feeds')}/v1/articles/{mine}"
    after = eventually(
        lambda: "mira-sund" not in (got := httpx.get(url).text) and got, what="the override"
    )
    assert "overruled" not in after
    (review,) = printed(capsys, "enrich", "review", "--since", "1h", "--limit", "1000")
    (row,) = [row for row in review["overridden"] if row["slug"] == "mira-sund"]
    assert (row["kind"], row["type"], row["overridden"]) == ("entity", "person", 1)
    assert row["shown"] >= 1
    rules = {each["method"]: each for each in review["rules"]}
    assert all(rules[method]["overridden"] >= 1 for method in row["methods"])
    assert {"name": "Shipyards", "articles": 1} in review["added"]
    confidences = [each["confidence"] for each in review["uncertain"]]
    assert confidences == sorted(confidences)
    capsys.readouterr()
    assert main(["enrich", "review"]) == 0
    assert "Mira Sund" in capsys.readouterr().out
