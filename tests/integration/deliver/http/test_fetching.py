"""Long polling and streams: from a cursor into the present without gap or double."""

import concurrent.futures
import itertools
import json
import threading

import httpx
import pytest
from tests.integration.deliver.edge_stack import article_id, killed, published

NUMBERS = itertools.count(1)


def numbers(count: int) -> list[int]:
    return list(itertools.islice(NUMBERS, count))


def subscribe(client: httpx.Client, **body) -> str:
    answer = client.post("/v1/subscriptions", json={"kind": "pull"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()["links"]["events"]


def fetch(client: httpx.Client, events: str, **query) -> dict:
    answer = client.get(events, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def drain(
    client: httpx.Client, events: str, cursor: str | None = None, limit: int = 3, least: int = 0
):
    """Everything up to the present, waiting for so many, and the cursor behind it."""
    items = []
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = fetch(client, events, limit=limit, wait=60 if len(items) < least else 0, **query)
        items += page["items"]
        cursor = page["next"]
        if page["live"] and not page["items"]:
            return items, cursor


def told(items: list[dict]) -> list[tuple[str, str, int]]:
    return [(item["type"], item["data"]["id"], item["data"]["revision"]) for item in items]


def test_from_the_past_into_the_present_without_gap_or_double(desk, stack):
    before, after = numbers(7), numbers(5)
    events = subscribe(desk, filter={"section": "rowing"}, start="now")
    stack.publish(*(published(n, section="rowing") for n in before))
    stack.publish(*(published(n, section="chess") for n in numbers(4)))
    items, cursor = drain(desk, events, least=len(before))
    assert sorted(told(items)) == [("article.published", article_id(n), 1) for n in before]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(fetch, desk, events, cursor=cursor, wait=60)
        stack.publish(*(published(n, section="rowing") for n in after))
        page = waiting.result()
    rest, _ = drain(desk, events, page["next"], least=len(after) - len(page["items"]))
    assert sorted(told(page["items"] + rest)) == [
        ("article.published", article_id(n), 1) for n in after
    ]
    again, _ = drain(desk, subscribe(desk, filter={"section": "rowing"}, start="beginning"))
    assert {item["data"]["id"] for item in again} == {article_id(n) for n in before + after}


def test_a_cursor_acknowledges_and_without_one_the_same_comes_again(desk, stack):
    first, second = numbers(2)
    events = subscribe(desk, filter={"section": "polo"})
    subscription = events.split("/")[3]
    stack.publish(published(first, section="polo"))
    page = fetch(desk, events, wait=60)
    assert fetch(desk, events)["items"] == page["items"]
    assert set(stack.noted(subscription)) == {("fetched", article_id(first), 1)}
    stack.publish(published(second, section="polo"))
    page = fetch(desk, events, cursor=page["next"], wait=60)
    assert told(page["items"]) == [("article.published", article_id(second), 1)]
    assert ("acknowledged", article_id(first), 1) in stack.noted(subscription)
    assert told(fetch(desk, events)["items"]) == [("article.published", article_id(second), 1)]
    assert desk.get(events.removesuffix("/events")).json()["progress"]["unacknowledged"] == 1


def test_items_come_in_the_payload_that_was_asked_for(desk, stack):
    (number,) = numbers(1)
    events = subscribe(desk, filter={"section": "bowls"}, payload="ninjs-3.1")
    stack.publish(published(number, section="bowls"))
    (item,) = fetch(desk, events, wait=60)["items"]
    assert item["type"] == "article.published"
    assert item["data"]["standard"]["name"] == "ninjs"
    assert item["data"]["uri"] == f"urn:harbour:{number}"


def test_what_was_killed_is_not_handed_out_and_who_had_it_hears_of_it(desk, stack):
    had, never = numbers(2)
    events = subscribe(desk, filter={"section": "judo"})
    stack.publish(published(had, section="judo"))
    page = fetch(desk, events, wait=60)
    assert told(page["items"]) == [("article.published", article_id(had), 1)]
    stack.publish(published(never, section="judo"))
    stack.publish(killed(never))
    stack.publish(killed(had))
    page = fetch(desk, events, cursor=page["next"], wait=60)
    rest, _ = drain(desk, events, page["next"])
    assert told(page["items"] + rest) == [("article.killed", article_id(had), 2)]
    start = subscribe(desk, filter={"section": "judo"}, start="beginning")
    assert drain(desk, start)[0] == []


def test_who_waits_hears_at_once_of_what_was_taken_away(desk, stack):
    had = numbers(5)
    events = subscribe(desk, filter={"section": "curling"})
    stack.publish(*(published(n, section="curling") for n in had))
    items, cursor = drain(desk, events, least=len(had))
    assert len(items) == len(had)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for number in had:
            waiting = pool.submit(fetch, desk, events, cursor=cursor, wait=60)
            stack.publish(killed(number))
            page = waiting.result(timeout=30)
            assert told(page["items"]) == [("article.killed", article_id(number), 2)]
            cursor = page["next"]


def test_an_update_that_leaves_the_filter_is_told_as_moved_to_those_who_had_it(desk, stack):
    (number,) = numbers(1)
    events = subscribe(desk, filter={"section": "golf"})
    stack.publish(published(number, section="golf"))
    page = fetch(desk, events, wait=60)
    stack.publish(published(number, 2, section="darts"))
    page = fetch(desk, events, cursor=page["next"], wait=60)
    assert told(page["items"]) == [("article.withdrawn", article_id(number), 2)]
    assert page["items"][0]["data"]["reason"] == "moved"
    assert "article" not in page["items"][0]["data"]


def test_a_revision_that_was_replaced_meanwhile_is_left_out(desk, stack):
    (number,) = numbers(1)
    events = subscribe(desk, filter={"section": "sumo"})
    stack.store(published(number, 2, section="sumo"))
    stack.log(published(number, section="sumo"), published(number, 2, section="sumo"))
    page = fetch(desk, events, wait=60)
    assert told(page["items"]) == [("article.updated", article_id(number), 2)]


def test_a_subscriber_fetches_what_its_products_hold_and_nothing_else(subscriber, stack):
    seen, hidden = numbers(2)
    _, token = subscriber(products=("section:luge",))
    with stack.client(token) as client:
        events = subscribe(client)
        stack.publish(published(hidden, section="finance"), published(seen, section="luge"))
        items, cursor = [], None
        while not items:
            page = fetch(client, events, wait=60, **({"cursor": cursor} if cursor else {}))
            items, cursor = page["items"], page["next"]
        rest, cursor = drain(client, events, cursor)
        assert told(items + rest) == [("article.published", article_id(seen), 1)]
        stack.publish(killed(hidden))
        stack.publish(published(seen, 2, section="luge"))
        page = fetch(client, events, cursor=cursor, wait=60)
        assert told(page["items"]) == [("article.updated", article_id(seen), 2)]


def test_no_more_is_fetched_in_a_second_than_the_quota_allows(subscriber, stack):
    _, token = subscriber(most_deliveries_per_second=1)
    with stack.client(token) as client:
        events = subscribe(client, filter={"section": "judo"})
        stack.publish(*(published(n, section="judo") for n in numbers(30)))
        answer, cursor, seen = client.get(events, params={"wait": 60}), "", 0
        # One after the other as quickly as can be, until there is no more for this second.
        while seen < 30 and answer.status_code == 200:
            cursor, seen = answer.json()["next"], seen + len(answer.json()["items"])
            answer = client.get(events, params={"cursor": cursor})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        stream = subscribe(client, kind="stream", filter={"section": "judo"}, start="beginning")
        with client.stream("GET", stream.replace("/events", "/stream")) as response:
            assert next(blocks(response))[1] == "article.published"


@pytest.mark.parametrize("query", ["cursor=x", "wait=61", "limit=0", "wait=-1", "curser=now"])
def test_a_query_that_makes_no_sense_is_refused(desk, query):
    answer = desk.get(f"{subscribe(desk)}?{query}")
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"]


def test_a_cursor_of_another_log_is_refused(desk, stack):
    topic = f"{stack.namespace}.article-published.v1"
    far = json.dumps([{"topic": topic, "partition": 0, "offset": 10**9}])
    answer = desk.get(subscribe(desk), params={"cursor": far})
    assert answer.status_code == 422
    assert "beyond the end" in answer.json()["detail"]


def test_what_is_paused_or_deleted_hands_out_nothing_and_lets_its_reader_go(desk):
    events = subscribe(desk)
    here = events.removesuffix("/events")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(desk.get, events, params={"wait": 60})
        assert desk.post(f"{here}/pause").status_code == 200
        assert waiting.result().status_code == 409
    assert desk.get(events).status_code == 409
    desk.post(f"{here}/resume")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(desk.get, events, params={"wait": 60})
        assert desk.delete(here).status_code == 204
        assert waiting.result().status_code == 404


def blocks(response: httpx.Response):
    """The events of a stream: id, name and data."""
    block: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        else:
            if "event" in block:
                yield block["id"], block["event"], json.loads(block["data"])
            block = {}


def test_a_stream_tells_the_same_and_resumes_exactly(desk, stack):
    first, second, third = numbers(3)
    answer = desk.post(
        "/v1/subscriptions", json={"kind": "stream", "filter": {"section": "curling"}}
    )
    stream = answer.json()["links"]["stream"]
    stack.publish(published(first, section="curling"), published(second, section="curling"))
    with desk.stream("GET", stream) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = blocks(response)
        got = [next(events), next(events)]
        assert sorted(data["data"]["id"] for _, _, data in got) == [
            article_id(first),
            article_id(second),
        ]
    stack.publish(published(third, section="curling"))
    with desk.stream("GET", stream, headers={"Last-Event-ID": got[0][0]}) as response:
        events = blocks(response)
        resumed = [next(events), next(events)]
    assert resumed[0][2] == got[1][2]
    assert resumed[1][2]["data"]["id"] == article_id(third)
    assert {name for _, name, _ in got + resumed} == {"article.published"}


def test_a_stream_ends_when_its_subscription_does(desk, stack):
    answer = desk.post("/v1/subscriptions", json={"kind": "stream"})
    links = answer.json()["links"]
    with desk.stream("GET", links["stream"]) as response:
        lines = response.iter_lines()
        assert next(lines) == ":ok"
        stack.operator.delete(links["self"])
        assert [line for line in lines if line.startswith("event")] == []


def test_two_hundred_long_polls_are_woken_together(desk, stack):
    (number,) = numbers(1)
    events = subscribe(desk, filter={"section": "biathlon"})
    cursor = fetch(desk, events)["next"]
    begun = threading.Semaphore(0)

    def poll(_: int) -> list:
        with stack.client(desk.headers["authorization"].removeprefix("Bearer ")) as client:
            begun.release()
            return told(fetch(client, events, cursor=cursor, wait=60)["items"])

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        waiting = [pool.submit(poll, n) for n in range(200)]
        for _ in waiting:
            begun.acquire()
        stack.publish(published(number, section="biathlon"))
        results = [each.result() for each in waiting]
    assert results == [[("article.published", article_id(number), 1)]] * 200
