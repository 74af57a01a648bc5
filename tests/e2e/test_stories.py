"""The same story from two newsrooms: one article in lists, the other beside it until its kill."""

import httpx
import pytest

TEXT = (
    "The council of Lower Quayside agreed on Monday to build a new ferry for the islands. "
    "It will carry forty cars and two hundred people, and it runs on batteries alone. "
    "The mayor, Ada Lindgren, said that nobody would miss the smoke of the old one."
)


@pytest.fixture(scope="module")
def http(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=20) as client:
        yield client


def push(newsroom, source: str, **fields) -> str:
    body = {"section": "Quaysides", "language": "en", "body_text": TEXT, **fields}
    headers = {"Authorization": f"Bearer {source}-key"}
    url = f"{newsroom.url('ingest')}/v1/articles"
    answer = httpx.post(url, json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def standing(http: httpx.Client) -> list[dict]:
    return http.get("/v1/articles?section=quaysides&collapse=story").json()["items"]


def test_a_story_of_two_newsrooms_stands_once_and_a_kill_takes_its_part_away(
    newsroom, http, eventually
):
    mine = push(newsroom, "demo", uri="urn:quay:1", headline="New ferry for the islands")
    eventually(lambda: len(standing(http)) == 1, what="the original is listed")
    other = push(newsroom, "other", uri="q-7", headline="Islands get battery ferry")
    items = eventually(lambda: (i := standing(http)) and i[0].get("others") and i)
    assert [item["id"] for item in items] == [mine]
    (copy,) = items[0]["others"]["newest"]
    assert (copy["id"], copy["role"], copy["source"]) == (other, "copy", "other")
    assert "Islands get battery ferry" in http.get(f"/articles/{mine}").text
    assert "New ferry for the islands" in http.get(f"/articles/{other}").text

    push(
        newsroom,
        "other",
        uri="q-7",
        headline="Islands get battery ferry",
        version=2,
        pubstatus="canceled",
    )
    eventually(lambda: http.get(f"/articles/{other}").status_code == 410)
    eventually(lambda: "battery ferry" not in http.get(f"/articles/{mine}").text)
    assert [item.get("others") for item in standing(http)] == [None]


def test_another_name_leads_to_the_page_of_an_entity(newsroom, http, eventually):
    body = "The U.N. Security Council met in New York. The U.N. was asked to mediate."
    push(newsroom, "demo", uri="urn:quay:2", headline="Council meets", body_text=body)
    answer = eventually(
        lambda: (a := http.get("/entities/u-n-security-council")).status_code == 301 and a
    )
    assert answer.headers["location"] == "/entities/un-security-council"
    assert "Council meets" in http.get(answer.headers["location"]).text
