"""Subscriptions through the running edge: made, seen and changed by their owners alone."""

import concurrent.futures
import json
from urllib.parse import quote

import httpx
import pytest
from tests.integration.deliver.edge_stack import HOOK, OPERATOR_TOKEN

ABSENT = "/v1/subscriptions/aaaaaaaaaaaaaaaa"


def make(client: httpx.Client, **body) -> dict:
    answer = client.post("/v1/subscriptions", json={"url": HOOK, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_subscription_from_its_first_day_to_its_last(desk):
    made = make(desk, filter={"section": "sport", "q": "cup"}, events=["article.killed"])
    here = made["links"]["self"]
    assert made["secret"].startswith("whsec_")
    shown = desk.get(here).json()
    assert "secret" not in shown
    assert (shown["state"], shown["url"], shown["secrets"]) == ("active", HOOK, 1)
    assert shown["filter"]["section"] == ["sport"]
    assert shown["progress"]["success_rate"] is None
    assert [each["id"] for each in desk.get("/v1/subscriptions").json()["items"]] == [made["id"]]

    changed = desk.patch(here, json={"filter": {"tag": ["golf"]}, "concurrency": 2}).json()
    assert (changed["filter"]["tag"], changed["filter"]["section"]) == (["golf"], [])
    assert changed["concurrency"] == 2
    assert desk.post(f"{here}/pause").json()["state"] == "paused"
    assert desk.post(f"{here}/test").status_code == 409
    assert desk.post(f"{here}/resume").json()["state"] == "active"
    rotated = desk.post(f"{here}/rotate").json()
    assert rotated["secret"] != made["secret"]
    assert desk.get(here).json()["secrets"] == 2
    assert desk.get(f"{here}/deliveries").json() == {"items": []}
    assert desk.post(f"{here}/deliveries/msg_{'a' * 26}/resend").status_code == 404

    assert desk.delete(here).status_code == 204
    assert desk.get(here).status_code == 404
    assert desk.get("/v1/subscriptions").json() == {"items": []}


def test_nobody_sees_or_touches_what_is_somebody_elses(desk, subscriber, stack):
    made = make(desk)
    here = made["links"]["self"]
    _, token = subscriber()
    with stack.client(token) as other:
        for method, path in [
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/pause"),
            ("POST", "/resume"),
            ("POST", "/rotate"),
            ("POST", "/test"),
            ("POST", "/replay?from=now"),
            ("GET", "/deliveries"),
            ("POST", f"/deliveries/msg_{'a' * 26}/resend"),
            ("GET", "/events"),
            ("GET", "/stream"),
        ]:
            answer = other.request(method, here + path, json={"concurrency": 1})
            absent = other.request(method, ABSENT + path, json={"concurrency": 1})
            assert answer.status_code == absent.status_code == 404, path
            assert answer.json() == absent.json()
        assert other.get("/v1/subscriptions").json() == {"items": []}
        assert other.get("/v1/deliveries").status_code == 403
    assert desk.get(here).json()["state"] == "active"
    listed = stack.operator.get("/v1/subscriptions").json()["items"]
    assert made["id"] in [each["id"] for each in listed]
    assert stack.operator.post(f"{here}/pause").json()["state"] == "paused"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer nmsub_nobody",
        f"Basic {OPERATOR_TOKEN}",
        f"bearer {OPERATOR_TOKEN}x",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 8_000,
    ],
)
def test_a_token_that_opens_nothing_is_told_so(stack, authorization):
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    answer = httpx.get(f"{stack.url}/v1/subscriptions", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 60_000, 400),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, 400),
        (b'{"url": "\\ud800"}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"x"', 422),
        (b'{"url": "%s"}' % (b"x" * 65_000), 422),
        (b" " * (64 * 1024 + 1), 413),
        (json.dumps({"urll": HOOK}).encode(), 422),
        (json.dumps({"url": HOOK, "start": "yesterday"}).encode(), 422),
        (json.dumps({"url": HOOK, "start": [{"topic": "x", "partition": 0}]}).encode(), 422),
        (json.dumps({"url": "ftp://desk.example/"}).encode(), 422),
        (json.dumps({"url": "http://user:pass@desk.example/"}).encode(), 422),
        (json.dumps({"kind": "websub", "url": HOOK}).encode(), 422),
        (json.dumps({"url": HOOK, "events": ["subscription.disabled"]}).encode(), 422),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_made(desk, content, status):
    answer = desk.post("/v1/subscriptions", content=content)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["status"] == status
    if status == 422:
        assert all(set(each) == {"pointer", "detail"} for each in problem["errors"])
    assert desk.get("/v1/subscriptions").json() == {"items": []}


HOSTILE = [
    "\u0000",
    "\u202e\u200b",
    "'; DROP TABLE x;--",
    "{{7*7}}",
    "../..",
    "%00",
    "🗞" * 50,
    "a\r\nb",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_in_any_field_do_no_harm(desk, text):
    for field in ("url", "kind", "payload", "secret", "start", "events", "options"):
        value = {"events": [text], "options": {"x": text}}.get(field, text)
        answer = desk.post("/v1/subscriptions", json={"url": HOOK, field: value})
        assert answer.status_code in (201, 422), answer.text
    made = make(desk, filter={"q": f"a {text}", "section": [f"a{text}"]})
    shown = desk.get(made["links"]["self"]).json()["filter"]
    assert (shown["q"], shown["section"]) == (f"a {text}", [f"a{text}"])
    path = quote(text, safe="")
    assert desk.get(f"/v1/subscriptions/{path}").status_code in (200, 404)
    assert desk.get(f"/v1/subscriptions/{path}/events?cursor={path}").status_code == 404


def test_quotas_hold_whoever_asks_at_once(subscriber, stack):
    _, token = subscriber(most_subscriptions=3)

    def ask(_: int) -> int:
        with stack.client(token) as client:
            return client.post("/v1/subscriptions", json={"url": HOOK}).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(ask, range(8)))
    assert statuses == [201] * 3 + [403] * 5


def test_changes_at_the_same_time_do_not_undo_one_another(desk, stack):
    made = make(desk)
    here = made["links"]["self"]
    bodies = [{"concurrency": 5}, {"payload": "thin"}, {"events": ["article.killed"]}]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        statuses = list(pool.map(lambda body: desk.patch(here, json=body).status_code, bodies))
    assert statuses == [200] * 3
    shown = desk.get(here).json()
    assert (shown["concurrency"], shown["payload"]) == (5, "thin")
    assert shown["events"] == ["article.killed"]


def test_unknown_parameters_are_refused_by_name(desk):
    answer = desk.get("/v1/subscriptions?stat=active")
    assert answer.status_code == 400
    assert "is state meant?" in answer.json()["detail"]
