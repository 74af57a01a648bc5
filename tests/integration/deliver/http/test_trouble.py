"""Kafka away, the store being rebuilt, many cursors: nobody loses anything, nothing is hidden."""

import json

import httpx
import pytest
import redis
from tests.integration.deliver.edge_stack import HOOK, article_id, published

from newsman.deliver.pull.following import frame
from newsman.deliver.pull.items import Item
from newsman.redis.keys import ArticleKeys, FetchKeys


@pytest.fixture
def without_kafka(stack):
    stack.producer.is_away.set()
    yield
    stack.producer.is_away.clear()


def is_put_off(answer: httpx.Response) -> bool:
    assert answer.status_code == 503, answer.text
    return answer.headers["retry-after"].isdigit()


def test_without_kafka_nothing_changes_and_who_asks_is_put_off(desk, stack, request):
    made = desk.post("/v1/subscriptions", json={"url": HOOK}).json()
    here = made["links"]["self"]
    stack.producer.is_away.set()
    request.addfinalizer(stack.producer.is_away.clear)
    assert is_put_off(desk.post("/v1/subscriptions", json={"url": HOOK}))
    assert is_put_off(desk.patch(here, json={"concurrency": 2}))
    assert is_put_off(desk.post(f"{here}/pause"))
    assert is_put_off(desk.delete(here))
    shown = desk.get(here).json()
    assert (shown["concurrency"], shown["state"]) == (8, "active")
    stack.producer.is_away.clear()
    assert desk.post(f"{here}/pause").json()["state"] == "paused"


def test_what_the_ledger_cannot_note_is_not_handed_out(desk, stack, request):
    made = desk.post("/v1/subscriptions", json={"kind": "pull", "filter": {"section": "rugby"}})
    events = made.json()["links"]["events"]
    stack.publish(published(9_001, section="rugby"))
    stack.producer.is_away.set()
    request.addfinalizer(stack.producer.is_away.clear)
    assert is_put_off(desk.get(events, params={"wait": 5}))
    stack.producer.is_away.clear()
    items = desk.get(events, params={"wait": 60}).json()["items"]
    assert [item["data"]["id"] for item in items] == [article_id(9_001)]


def test_while_the_store_is_rebuilt_nothing_is_handed_out_and_nothing_is_lost(desk, stack):
    made = desk.post("/v1/subscriptions", json={"kind": "pull", "filter": {"section": "skiing"}})
    events = made.json()["links"]["events"]
    stack.publish(published(9_002, section="skiing"))
    with redis.Redis.from_url(stack.redis_url) as client:
        client.delete(ArticleKeys(stack.namespace).marker)
        assert is_put_off(desk.get(events, params={"wait": 5}))
    stack.store()
    items = desk.get(events, params={"wait": 60}).json()["items"]
    assert [item["data"]["id"] for item in items] == [article_id(9_002)]


def test_those_who_are_up_to_date_are_answered_from_memory(desk, stack):
    made = desk.post("/v1/subscriptions", json={"kind": "pull", "filter": {"section": "tennis"}})
    events = made.json()["links"]["events"]
    cursor = desk.get(events).json()["next"]
    before = stack.past.readings
    for number in range(9_010, 9_020):
        stack.publish(published(number, section="tennis"))
        page = desk.get(events, params={"cursor": cursor, "wait": 60}).json()
        assert [item["data"]["id"] for item in page["items"]] == [article_id(number)]
        cursor = page["next"]
    assert stack.past.readings == before
    assert desk.get(events, params={"cursor": "beginning"}).status_code == 200


def test_after_redis_was_flushed_a_cursor_goes_on_from_where_it_is(desk, stack):
    made = desk.post("/v1/subscriptions", json={"kind": "pull", "filter": {"section": "squash"}})
    events = made.json()["links"]["events"]
    stack.publish(published(9_030, section="squash"))
    page = desk.get(events, params={"wait": 60}).json()
    with redis.Redis.from_url(stack.redis_url) as client:
        client.delete(FetchKeys(stack.namespace).handed(made.json()["id"]))
    stack.publish(published(9_031, section="squash"))
    page = desk.get(events, params={"cursor": page["next"], "wait": 60}).json()
    assert [item["data"]["id"] for item in page["items"]] == [article_id(9_031)]


def test_hostile_texts_of_an_article_break_no_frame_of_a_stream():
    content = json.dumps({"x": "a\u2028b\u2029c\x85d\r\n\n"}, ensure_ascii=False).encode()
    sent = frame(Item("msg_1", "article.published", content, {("t", 0): 1}))
    lines = sent.decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["id", "event", "data", ""]
    assert json.loads(lines[2].removeprefix("data: ")) == json.loads(content)
