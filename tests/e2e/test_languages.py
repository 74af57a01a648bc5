"""A language finds the same articles at every exit: lists, rankings, series, streams, stories."""

import json

import httpx
import pytest

ARTICLES = {
    "pt-BR": ("Ponte abre no Rio", "Ciclistas cruzam a baía desde segunda-feira sem pagar."),
    "pt_PT": ("Comboio parte do Porto", "A linha nova liga as duas cidades em uma hora e meia."),
    "gl": ("Chove en Lugo", "O mercado da praza queda pechado ata o xoves, di o concello."),
}
KEY = {"Authorization": "Bearer demo-key"}


@pytest.fixture(scope="module")
def http(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def pushed(newsroom, http, eventually) -> dict[str, str]:
    """The ids of an article in each language, published and read once."""
    ids = {}
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as ingest:
        for language, (headline, text) in ARTICLES.items():
            body = {
                "uri": f"urn:language:{language}",
                "headline": headline,
                "language": language,
                "section": "Pontes",
                "body_text": text,
            }
            answer = ingest.post("/v1/articles", json=body)
            assert answer.status_code == 202, answer.text
            ids[language] = str(answer.json()["id"])
        for one in ids.values():
            eventually(lambda one=one: http.get(f"/v1/articles/{one}").status_code == 200)
            view = {"article": one, "reader": f"reader of {one}"}
            assert ingest.post("/v1/views", json=view).status_code == 202
    return ids


def listed(http: httpx.Client, path: str) -> set[str]:
    """The ids of the articles at an exit."""
    answer = http.get(path)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return {item["id"].rpartition(":")[2] for item in items}


@pytest.mark.parametrize(
    ("asked", "languages"),
    [
        ("pt", {"pt-BR", "pt_PT"}),
        ("PT", {"pt-BR", "pt_PT"}),
        ("pt-BR", {"pt-BR"}),
        ("pt_br", {"pt-BR"}),
        ("pt-pt", {"pt_PT"}),
        ("gl", {"gl"}),
        ("en-GB", set()),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/feed?format=json&language={}",
        "/feed?format=json&lang={}",
        "/feed?format=json&collapse=story&language={}",
        "/v1/articles?language={}",
        "/v1/popular?language={}",
        "/v1/popular?order=decayed&lang={}",
        "/popular.json?window=24h&language={}",
        "/popular.json?window=24h&section=pontes&language={}",
        "/feed?format=json&window=24h&language={}",
    ],
)
def test_every_exit_finds_the_same_articles_of_a_language(
    http, pushed, eventually, path, asked, languages
):
    # Other tests push articles in these languages too.
    ours, wanted = set(pushed.values()), {pushed[language] for language in languages}
    path = path.format(asked)
    eventually(lambda: listed(http, path) & ours == wanted, what=path)


def test_the_views_of_a_language_are_those_of_its_regions(http, pushed, eventually):
    def views(language: str) -> int:
        answer = http.get(f"/v1/series?span=hour&last=2&language={language}").json()
        return sum(point["views"] for point in answer["points"])

    eventually(lambda: views("pt") == 2)
    assert (views("pt-BR"), views("pt_PT"), views("gl")) == (1, 1, 1)


@pytest.mark.parametrize("asked", ["language=pt", "scope=language:PT"])
def test_the_stream_of_a_languages_rankings_has_its_regions(http, pushed, asked):
    headers = {"Accept": "application/x-ndjson"}
    wanted = {pushed["pt-BR"], pushed["pt_PT"]}
    with http.stream("GET", f"/v1/stream/rankings?since=0&{asked}", headers=headers) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            told = json.loads(line) if line else {}
            if told.get("event") == "ranking.changed":
                assert told["data"]["scope"] == "language:pt"
                if {row["id"] for row in told["data"]["items"]} == wanted:
                    return
    pytest.fail("the stream ended before the ranking came")


def test_the_stream_of_a_languages_articles_has_its_regions(http, pushed):
    headers = {"Accept": "application/x-ndjson"}
    wanted, seen = {pushed["pt-BR"], pushed["pt_PT"]}, set()
    with http.stream("GET", "/v1/stream?since=0&language=pt", headers=headers) as answer:
        for line in answer.iter_lines():
            told = json.loads(line) if line else {}
            # Other tests push too; an article comes once for each of its revisions, and what is
            # taken away is told to everybody and names no language.
            if "language" in told.get("data", {}):
                assert told["data"]["language"].lower().startswith("pt")
                seen.add(told["data"]["id"])
            if seen >= wanted:
                return
    pytest.fail("the stream ended before both articles came")
