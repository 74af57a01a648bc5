"""Views without a key: what is asked of them, what is not used, and what is told of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient
from tests.unit.ingest import test_web
from tests.viewed import views_in

from newsman.ingest.web import build_web
from newsman_schemas.popularity import ArticleViewed

sender, edge, http = test_web.sender, test_web.edge, test_web.http
KEY, FIREFOX, NOW = test_web.KEY, test_web.FIREFOX, test_web.NOW
ID, OTHER = "a" * 16, "b" * 16
BROWSER = {"User-Agent": FIREFOX}


def viewed(sender) -> list[ArticleViewed]:
    return views_in(sender.on("article-viewed.v2"))


def serving(edge, **changes):
    """The same service with other judges of views."""
    web = build_web(replace(edge, views=replace(edge.views, **changes)))
    return TestClient(web, headers=BROWSER)


def test_made_up_fields_are_not_used_and_the_answer_says_which(http, sender):
    made_up = {"reader": "r1", "at": "2026-03-01T11:50:00Z", "agent": "Googlebot"}
    views = [{"article": ID, **made_up}, {"article": ID, "reader": "r2"}]
    answer = http.post("/v1/views", json=views, headers=BROWSER)
    assert (answer.status_code, answer.json()["ignored"]) == (202, ["agent", "at", "reader"])
    first, second = viewed(sender)
    assert first.occurred_at == second.occurred_at == NOW
    assert (first.reader, first.agent, first.source) == (second.reader, "reader", None)
    alone = http.post("/v1/views", json=views[1], headers=BROWSER)
    assert alone.json()["ignored"] == ["reader"]
    plain = http.post("/v1/views", json={"article": ID}, headers=BROWSER)
    assert set(plain.json()) == {"id", "status"}


def test_a_key_makes_the_same_fields_count(http, sender):
    view = {"article": ID, "reader": "r1", "at": "2026-03-01T11:50:00Z", "agent": "Googlebot"}
    assert "ignored" not in http.post("/v1/views", json=view, headers=KEY).json()
    (event,) = viewed(sender)
    assert (event.occurred_at, event.agent) == (NOW - timedelta(minutes=10), "crawler")


def test_fifty_views_come_in_one_push_and_no_more(http, sender):
    for media_type, body in (
        ("application/json", json.dumps([{"article": ID}] * 51)),
        ("application/x-ndjson", '{"article": "aaaaaaaaaaaaaaaa"}\n' * 51),
        ("text/plain", '{"article": "aaaaaaaaaaaaaaaa"}\n' * 51),
    ):
        answer = http.post("/v1/views", content=body, headers={"Content-Type": media_type})
        assert (answer.status_code, "more than 50 views" in answer.text) == (400, True)
    assert http.post("/v1/views", json=[{"article": ID}] * 50).status_code == 202
    assert http.post("/v1/views", json=[{"article": ID}] * 51, headers=KEY).status_code == 202


def test_sixty_four_kilobytes_come_without_a_key_and_nothing_packed(http):
    large = json.dumps([{"article": ID, "id": "x" * 200}] * 50).ljust(65_537)
    assert http.post("/v1/views", content=large).status_code == 413
    assert http.post("/v1/views", content=large[:65_536]).status_code == 202
    assert http.post("/v1/views", content=large, headers=KEY).status_code == 202
    packed = {"Content-Encoding": "gzip"}
    assert http.post("/v1/views", content=b"x", headers=packed).status_code == 415


def test_an_id_drops_the_senders_own_repeats_and_nobody_elses(http, sender):
    first = {"article": ID, "id": "v1"}
    for view, agent in (
        (first, FIREFOX),
        (first, FIREFOX),
        (first, "another"),
        ({**first, "article": OTHER}, FIREFOX),
    ):
        http.post("/v1/views", json=view, headers={"User-Agent": agent})
    ids = [event.resend_id for event in viewed(sender)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_push_that_was_not_stored_counts_towards_no_bound(edge, sender):
    bounds = test_web.judges(address_minute=3)
    with serving(edge, filter=bounds.filter) as http:
        sender.is_down = True
        for _ in range(9):
            assert http.post("/v1/views", json={"article": ID}).status_code == 503
        sender.is_down = False
        for _ in range(4):
            assert http.post("/v1/views", json={"article": ID}).status_code == 202
    assert [event.discounted for event in viewed(sender)] == [None] * 3 + ["address"]
    assert [event.agent for event in viewed(sender)] == ["reader"] * 3 + ["crawler"]


def test_a_page_gets_a_token_and_its_view_is_known_by_it(http, sender):
    asked = http.get(
        "/v1/views/token", params={"article": ID}, headers={"Origin": "https://n.example"}
    )
    assert asked.headers["cache-control"] == "no-store"
    assert asked.headers["access-control-allow-origin"] == "*"
    token = asked.json()["token"]
    for view in (
        {"article": ID, "token": token},
        {"article": OTHER, "token": token},
        {"article": ID},
        {"article": ID, "token": "nonsense"},
    ):
        assert http.post("/v1/views", json=view, headers=BROWSER).status_code == 202
    assert [event.token for event in viewed(sender)] == ["valid", "wrong", "missing", "wrong"]
    assert {event.agent for event in viewed(sender)} == {"reader"}


def test_by_a_setting_what_has_no_token_does_not_count(edge, sender):
    with serving(edge, counts_untokened=False) as http:
        token = http.get("/v1/views/token", params={"article": ID}).json()["token"]
        http.post("/v1/views", json={"article": ID})
        http.post("/v1/views", json={"article": ID, "token": token})
        http.post("/v1/views", json={"article": ID, "reader": "r"}, headers=KEY)
    assert [event.discounted for event in viewed(sender)] == ["untokened", None, None]


@pytest.mark.parametrize("article", [None, "", "A" * 16, "a" * 17, f"{ID}\n"])
def test_there_is_no_token_for_what_is_no_article(http, article):
    params = {} if article is None else {"article": article}
    answer = http.get("/v1/views/token", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/article")


def test_three_problems_of_a_view_are_told_and_how_many_more(http):
    odd = {"article": ID} | {f"field{n}": n for n in range(10)}
    told = http.post("/v1/views", json=odd, headers=KEY).json()["errors"]
    assert len(told) == 4
    assert told[-1] == {"pointer": "", "detail": "and 7 more"}


def test_a_hundred_problems_of_a_push_are_told_and_how_many_more(http):
    odd = {"article": ID, "odd": 1, "odder": 2}
    views = [{"article": ID}] + [odd] * 1_000
    answer = http.post("/v1/views", json=views, headers=KEY)
    assert answer.status_code == 207
    rows = answer.json()["items"]
    assert sum(len(row.get("errors", ())) for row in rows) == 100
    assert answer.json()["more_errors"] == 1_900
    assert len(rows) == 1_001
    none = http.post("/v1/views", json=views[1:], headers=KEY)
    assert (none.status_code, len(none.json()["errors"])) == (400, 100)
    assert none.json()["more_errors"] == 1_900


@pytest.mark.parametrize(
    "view",
    [
        {f"field{n}": n for n in range(31)},
        {"article": ID, "x" * 50_000: 1},
        {"article": [{"a": 1}] * 20},
        {"article": ID, "at": "2" * 50_000},
        {"article": ID, "reader": "r" * 50_000},
    ],
)
def test_the_answer_to_one_bad_view_is_short(http, view):
    answer = http.post("/v1/views", json=view, headers=KEY)
    assert answer.status_code == 400
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"{}," * 1_000_000 + b"{}]",
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b"[" + b"1," * 1_000_000 + b"1]",
        b"[{" + b'"":1,' * 1_000_000 + b'"":1}]',
        b'[{"a":[' + b"1," * 1_000_000 + b"1]}]",
    ],
)
def test_what_has_more_parts_than_views_have_is_not_parsed(http, body):
    answer = http.post("/v1/views", content=body, headers=KEY)
    assert answer.status_code == 400
    assert "more than" in answer.json()["detail"]


def test_ten_thousand_views_come_in_one_push_with_a_key(http, sender):
    full = {
        "article": ID,
        "at": "2026-03-01T11:50:00Z",
        "seconds": 12.5,
        "read_to_end": True,
        "agent": FIREFOX,
    }
    views = [{**full, "reader": f"r{n}", "id": f"v{n}"} for n in range(10_000)]
    assert http.post("/v1/views", json=views, headers=KEY).status_code == 202
    assert len(viewed(sender)) == 10_000
    assert http.post("/v1/views", json=[*views, full], headers=KEY).status_code == 400
