"""`newsman subscriber` on a real Kafka, and deliver as a process beside it."""

import json

import httpx
import pytest
from tests.integration.deliver.edge_stack import article_id, killed, published


@pytest.fixture
def token(newsman, service, names, eventually) -> str:
    made = newsman.json("subscriber", "add", next(names), "--title", "A desk")
    with service.client(made["token"]) as client:
        eventually(lambda: client.get("/v1/subscriptions").status_code == 200, what="it is known")
    return made["token"]


def test_subscribers_are_added_listed_and_removed(newsman, names):
    name = next(names)
    products = "section:Sport,tag:Climate Change"
    printed = newsman("subscriber", "add", name, "--title", "Desk\x1b[31m", "--products", products)
    assert printed.startswith("token: nmsub_")
    assert "already" in newsman("subscriber", "add", name, expected=1)
    (mine,) = [each for each in newsman.json("subscriber", "list")["items"] if each["name"] == name]
    assert mine["products"] == ["section:sport", "tag:climate-change"]
    shown = newsman("subscriber", "list")
    assert name in shown
    assert "\x1b" not in shown
    assert "begins with" in newsman("subscriber", "revoke", name, "--token", "x", expected=1)
    assert json.loads(newsman("subscriber", "revoke", name, "--json"))["left"] == 0
    newsman("subscriber", "remove", name)
    assert name not in newsman("subscriber", "list")
    assert "there is no subscriber" in newsman("subscriber", "rotate", name, expected=1)


@pytest.mark.parametrize(
    "words",
    [
        ("add", "Desk"),
        ("add", "operator"),
        ("add", "hub"),
        ("add", "x", "--products", "sport"),
        ("add", "x", "--products", "section:!!!"),
        ("add", "x", "--most-subscriptions", "-1"),
        ("add", "x", "--title", "x" * 5_000),
    ],
)
def test_a_subscriber_that_makes_no_sense_ends_with_2(newsman, words):
    assert "Traceback" not in newsman("subscriber", *words, expected=2)


def test_a_kafka_that_is_away_ends_with_1(newsman):
    env = {"NEWSMAN_KAFKA_BOOTSTRAP": "127.0.0.1:9"}
    assert "Kafka at 127.0.0.1:9" in newsman("subscriber", "list", expected=1, **env)


def test_a_revoked_token_opens_nothing_from_then_on(newsman, service, token, eventually):
    name = [each["name"] for each in newsman.json("subscriber", "list")["items"]][-1]
    second = newsman.json("subscriber", "rotate", name)["token"]
    with service.client(token) as old, service.client(second) as new:
        eventually(lambda: new.get("/v1/subscriptions").status_code == 200, what="both open")
        assert old.get("/v1/subscriptions").status_code == 200
        made = new.post("/v1/subscriptions", json={"kind": "pull"}).json()
        listed = newsman.json("subscriber", "list")["items"]
        (mine,) = [each for each in listed if each["name"] == name]
        assert (len(mine["tokens"]), mine["subscriptions"]) == (2, 1)
        newsman("subscriber", "revoke", name, "--token", mine["tokens"][0])
        eventually(lambda: old.get("/v1/subscriptions").status_code == 401, what="it is revoked")
        assert new.get(made["links"]["self"]).status_code == 200
        newsman("subscriber", "remove", name)
        eventually(lambda: new.get("/v1/subscriptions").status_code == 401, what="it is removed")
        assert service.operator.get(made["links"]["self"]).status_code == 404


def test_the_document_is_served_beside_health(service):
    described = httpx.get(f"{service.ops_url}/openapi.json").json()
    assert "/v1/subscriptions" in described["paths"]
    assert httpx.get(f"{service.ops_url}/docs").status_code == 200
    assert httpx.get(f"{service.url}/metrics").status_code == 404


def test_a_subscriber_fetches_from_a_real_log_into_the_present(service, token):
    with service.client(token) as desk:
        made = desk.post("/v1/subscriptions", json={"kind": "pull", "start": "beginning"}).json()
        events = made["links"]["events"]
        service.publish(*(published(number) for number in range(1, 6)))
        items, cursor = [], None
        while len(items) < 5:
            query = {"wait": 60, "limit": 2, **({"cursor": cursor} if cursor else {})}
            page = desk.get(events, params=query).json()
            items, cursor = items + page["items"], page["next"]
        assert {item["data"]["id"] for item in items} == {article_id(n) for n in range(1, 6)}
        service.publish(killed(1))
        (told,) = desk.get(events, params={"wait": 60, "cursor": cursor}).json()["items"]
        assert (told["type"], told["data"]["id"]) == ("article.killed", article_id(1))
        again = desk.get(events, params={"cursor": "beginning"}).json()["items"]
        assert {item["data"]["id"] for item in again} == {article_id(n) for n in range(1, 6)}
    assert ("acknowledged", article_id(2), 1) in service.noted(made["id"])
