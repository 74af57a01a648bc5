"""Views in every shape that they are pushed in: lines, beacons, in haste, GoatCounter's."""

import json

import pytest
from tests.unit.ingest import test_web
from tests.viewed import views_in

from newsman.ingest import metrics
from newsman.ingest.routes import views as views_web
from newsman.ingest.views.goatcounter_hits import named_article
from newsman_schemas.articles import article_id
from newsman_schemas.popularity import ArticleViewed

sender, edge, http = test_web.sender, test_web.edge, test_web.http
KEY, FIREFOX = test_web.KEY, test_web.FIREFOX
ID = "a" * 16
VIEW = json.dumps({"article": ID})
HIT = {"path": f"/articles/{ID}", "ip": "192.0.2.7", "user_agent": FIREFOX}


def viewed(sender) -> list[ArticleViewed]:
    return views_in(sender.on("article-viewed.v2"))


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/jsonl", "text/plain"])
def test_views_come_in_lines_too_and_a_bad_line_costs_that_line_only(http, sender, media_type):
    body = f"{VIEW}\n\n{{broken\n{VIEW}\n"
    answer = http.post("/v1/views", content=body, headers={"Content-Type": media_type})
    assert answer.status_code == 207
    assert [row["status"] for row in answer.json()["items"]] == ["accepted", "rejected", "accepted"]
    assert len(viewed(sender)) == 2


@pytest.mark.parametrize("body", [VIEW, f"[{VIEW}]", json.dumps({"article": ID}, indent=2)])
def test_a_beacon_holds_one_view_or_an_array(http, sender, body):
    answer = http.post("/v1/views", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    assert [event.article_id for event in viewed(sender)] == [ID]


def test_a_format_that_is_no_view_is_refused(http):
    answer = http.post("/v1/views", content=VIEW, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415


def dropped() -> float:
    return metrics.views_dropped._value.get()


def test_a_hasty_push_is_answered_at_once_and_what_is_lost_is_counted(http, sender, eventually):
    before = dropped()
    assert http.post("/v1/views?hasty", content=VIEW).status_code == 202
    eventually(lambda: len(viewed(sender)) == 1)
    sender.is_down = True
    assert http.post("/v1/views", content=VIEW).status_code == 503
    assert http.post("/v1/views?hasty", content=f"[{VIEW}, {VIEW}]").status_code == 202
    eventually(lambda: dropped() == before + 2)
    assert http.post("/v1/views?hasty", content="{broken").status_code == 400


def test_hasty_pushes_beyond_the_limit_are_dropped_and_counted(http, sender, monkeypatch):
    monkeypatch.setattr(views_web, "MAX_HASTY", 0)
    before = dropped()
    assert http.post("/v1/views?hasty", content=VIEW).status_code == 202
    assert (dropped(), viewed(sender)) == (before + 1, [])


def test_one_line_of_html_is_all_that_another_site_needs(http):
    script = http.get("/v1/views.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "sendBeacon" in script.text


def test_hits_of_goatcounters_clients_are_views(http, sender):
    push = {"hits": [HIT, {**HIT, "ip": "192.0.2.8"}, {"path": f"/{ID}", "session": "s1"}]}
    answer = http.post("/api/v0/count", json=push, headers=KEY)
    assert (answer.status_code, answer.json()) == (202, {})
    first, second, third = viewed(sender)
    assert first.article_id == second.article_id == ID
    assert first.source == "desk"
    assert len({first.reader, second.reader, third.reader}) == 3
    assert {event.agent for event in (first, second, third)} == {"reader"}


def test_hits_that_are_wrong_are_named_and_the_others_are_taken(http, sender):
    nameless = {"path": f"/articles/{ID}"}
    late = {**HIT, "created_at": "2026-02-28T12:00:00Z"}
    ahead = {**HIT, "created_at": "2026-03-01T12:05:01Z"}
    push = {"hits": [HIT, nameless, {"path": ""}, late, ahead, 7]}
    answer = http.post("/api/v0/count", json=push, headers=KEY)
    assert answer.status_code == 400
    assert sorted(answer.json()["errors"]) == ["1", "2", "4", "5"]
    assert [event.occurred_at.day for event in viewed(sender)] == [1, 28]


def test_a_session_names_the_reader_whatever_the_address(http, sender):
    hits = [{**HIT, "session": "s1"}, {**HIT, "session": "s1", "ip": "192.0.2.99"}]
    assert http.post("/api/v0/count", json={"hits": hits}, headers=KEY).status_code == 202
    assert len({event.reader for event in viewed(sender)}) == 1


def test_without_sessions_every_nameless_hit_is_a_reader_of_its_own(http, sender):
    push = {"no_sessions": True, "hits": [{"path": ID}, {"path": ID}]}
    assert http.post("/api/v0/count", json=push, headers=KEY).status_code == 202
    assert len({event.reader for event in viewed(sender)}) == 2


def test_bots_do_not_count_and_clicks_are_no_views(http, sender):
    push = {"hits": [{**HIT, "bot": 3}, {**HIT, "event": True}, {**HIT, "user_agent": "curl/8"}]}
    assert http.post("/api/v0/count", json=push, headers=KEY).status_code == 202
    assert [event.agent for event in viewed(sender)] == ["crawler", "crawler"]


NO_PUSHES = [{}, {"hits": []}, {"hits": [HIT] * 501}, {"hits": [HIT], "no_sessions": "yes"}, [], 1]


@pytest.mark.parametrize("push", NO_PUSHES)
def test_a_push_of_no_hits_or_too_many_is_refused_in_goatcounters_words(http, push):
    answer = http.post("/api/v0/count", json=push, headers=KEY)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_goatcounters_clients_need_a_key(http):
    assert http.post("/api/v0/count", json={"hits": [HIT]}).status_code == 401


def test_a_path_names_an_article_by_its_id_its_page_or_its_uri():
    for path in (ID, f"/articles/{ID}", f"https://news.example/articles/{ID}/?utm=1"):
        assert named_article(path, "desk") == ID
    assert named_article("/2026/03/ferry.html", "desk") == article_id("desk", "/2026/03/ferry.html")


def test_what_comes_out_of_a_datacentre_is_no_reader_and_says_so(http, sender):
    hits = [{**HIT, "ip": "192.0.2.200"}, {**HIT, "ip": "::ffff:192.0.2.201"}, HIT]
    assert http.post("/api/v0/count", json={"hits": hits}, headers=KEY).status_code == 202
    assert [(event.agent, event.filtered) for event in viewed(sender)] == [
        ("crawler", "datacentre"),
        ("crawler", "datacentre"),
        ("reader", None),
    ]


def test_a_reader_who_is_faster_than_anybody_reads_is_none(http, sender):
    def view(reader: str, minute: int) -> dict[str, str]:
        return {"article": ID, "reader": reader, "at": f"2026-03-01T11:{minute:02}:30Z"}

    rush = [view("rushing", 1)] * 7
    calm = [view("calm", minute) for minute in range(10)]
    assert http.post("/v1/views", json=[*rush, *calm], headers=KEY).status_code == 202
    reasons = [event.filtered for event in viewed(sender)]
    assert reasons == [None] * 5 + ["rate"] * 2 + [None] * 10


def test_one_who_leaves_tells_how_it_was_read_and_is_no_view(http, sender):
    told = {"article": ID, "leaving": True, "seconds": 42.5, "read_to_end": True}
    assert http.post("/v1/views", content=json.dumps(told)).status_code == 202
    (event,) = viewed(sender)
    assert (event.leaving, event.seconds, event.read_to_end) == (True, 42.5, True)


def test_crawlers_say_that_they_are_and_need_no_other_reason(http, sender):
    hit = {**HIT, "ip": "192.0.2.200", "user_agent": "Googlebot/2.1"}
    assert http.post("/api/v0/count", json={"hits": [hit]}, headers=KEY).status_code == 202
    assert [(event.agent, event.filtered) for event in viewed(sender)] == [("crawler", None)]
