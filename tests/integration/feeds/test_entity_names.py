"""Every name of an entity leads to its one page, over HTTP."""

from urllib.parse import urlsplit

import pytest

from newsman_schemas.articles import Entity


def entity(name: str, slug: str, kind: str = "organisation", **fields) -> Entity:
    return Entity(
        name=name, slug=slug, type=kind, mentions=1, confidence=1, method="test", **fields
    )


UN = entity("United Nations", "united-nations", known_as=("UN", "U.N."))
BERG = entity("Anna Berg", "anna-berg", "person", aliases=("Berg",))


@pytest.fixture
def told(press):
    press.publish("talks", entities=(UN, BERG))


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/entities/u-n", "/entities/united-nations"),
        ("/entities/un", "/entities/united-nations"),
        ("/entities/the-un.rss?limit=3", "/entities/united-nations.rss?limit=3"),
        ("/entities/the-united-nations.json", "/entities/united-nations.json"),
        ("/entities/berg", "/entities/anna-berg"),
        ("/entities/bergs.atom", "/entities/anna-berg.atom"),
        ("/entities/anna-bergs", "/entities/anna-berg"),
        ("/entities/anna-berg-s", "/entities/anna-berg"),
    ],
)
def test_another_name_leads_to_the_one_page(site_http, told, path, address):
    answer = site_http.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, address)
    assert answer.headers["cache-control"] == "max-age=3600"
    followed = site_http.get(path)
    assert followed.status_code == 200
    assert "News of talks" in followed.text


@pytest.mark.parametrize("name", ["u-n", "UN", "U.N.", "the UN", "united-nations"])
def test_filters_take_any_name(site_http, told, press, name):
    press.publish("others", entities=(entity("Oslo", "oslo", "place"),))
    (item,) = site_http.get("/v1/articles", params={"entity": name}).json()["items"]
    assert item["headline"] == "News of talks"
    feed = site_http.get("/feed", params={"entity": name, "format": "json"}).json()
    assert [entry["title"] for entry in feed["items"]] == ["News of talks"]
    assert urlsplit(feed["feed_url"]).query == "entity=united-nations&format=json"


def test_a_name_of_several_leads_nowhere_and_a_page_of_its_own_stays(site_http, told, press):
    press.publish("more", entities=(entity("Jan Berg", "jan-berg", "person", aliases=("Berg",)),))
    assert site_http.get("/entities/berg").status_code == 404
    press.publish("yet more", entities=(entity("Berg", "berg", "place"),))
    answer = site_http.get("/entities/berg")
    assert "News of yet more" in answer.text
    assert "News of talks" not in answer.text


def test_names_that_only_a_killed_article_used_lead_nowhere(site_http, told, press):
    assert site_http.get("/entities/un").status_code == 200
    press.kill("talks", entities=(UN, BERG))
    press.tell_of_the_kill("talks")
    assert site_http.get("/entities/un").status_code == 404


@pytest.mark.parametrize("name", ["u-n", "U.N.", "the UN", "united-nations"])
def test_rankings_and_series_take_any_name(site_http, desk, press, name):
    desk.count(press.publish("talks", entities=(UN, BERG)), 12, 7)
    desk.count(press.publish("others", entities=(entity("Oslo", "oslo", "place"),)), 90, 70)
    asked = {"entity": name, "window": "24h"}
    ranking = site_http.get("/v1/popular", params=asked).json()
    assert [row["headline"] for row in ranking["items"]] == ["News of talks"]
    assert ranking["scope"] == "entity:united-nations"
    feed = site_http.get("/popular.json", params=asked).json()
    assert [item["title"] for item in feed["items"]] == ["News of talks"]
    assert "News of talks" in site_http.get("/popular", params=asked).text
    series = site_http.get("/v1/series", params={"entity": name, "span": "hour"}).json()
    assert series["scope"] == "entity:united-nations"
