"""Attacks on the rankings without a key, through ingest and popularity as they run."""

import json
import re
import time
from collections import Counter

import httpx
import pytest
from kafka.producer import KafkaProducer
from tests.log import records_on
from tests.viewed import views_in

from newsman.kafka.clients import build_producer
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1

from . import test_ranking_service
from .test_ranking_service import held, newest

desk, read, changes = (
    test_ranking_service.desk,
    test_ranking_service.read,
    test_ranking_service.changes,
)
popularity, operator = test_ranking_service.popularity, test_ranking_service.operator
KEY = {"Authorization": "Bearer demo-key"}


def browser(number: int) -> str:
    return f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0"


@pytest.fixture
def ingest(start_service):
    service = start_service("ingest", NEWSMAN_TRUSTED_PROXIES="127.0.0.1/32")
    return service.wait_ready()


@pytest.fixture
def http(ingest):
    with httpx.Client(base_url=ingest.url, timeout=30) as client:
        yield client


@pytest.fixture
def view(http):
    """Sends a view of an article as a browser at an address."""

    def view(article: str, *, agent: int = 140, address: str = "203.0.113.7", **fields) -> None:
        headers = {"User-Agent": browser(agent), "X-Forwarded-For": address}
        told = {"article": article, **fields}
        assert http.post("/v1/views", json=told, headers=headers).status_code == 202

    return view


@pytest.fixture
def reasons(kafka_bootstrap, topics):
    """Why the views of an article on the log do not count, each with its number."""

    def reasons(article: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for event in views_in(records_on(kafka_bootstrap, ARTICLE_VIEWED.full_name(topics))):
            if event.article_id == article:
                reason = event.discounted or event.filtered or event.agent
                found[reason] = found.get(reason, 0) + 1
        return found

    return reasons


def test_made_up_readers_times_and_agents_are_one_reader_who_reads_now(
    popularity, http, desk, read, changes, eventually, operator
):
    honest, pushed = desk.publish("honest"), desk.publish("pushed")
    read(honest, 5)
    now = time.time()
    views = [
        {
            "article": pushed,
            "reader": f"r{n}",
            "id": f"i{n}",
            "agent": browser(n),
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - n % 840)),
        }
        for n in range(2_000)
    ]
    agent = {"User-Agent": browser(140)}
    assert http.post("/v1/views", json=views, headers=agent).status_code in (400, 413)
    for start in range(0, len(views), 50):
        answer = http.post("/v1/views", json=views[start : start + 50], headers=agent)
        assert (answer.status_code, len(answer.json()["ignored"])) == (202, 3)
    eventually(lambda: newest(changes()) == [honest, pushed])
    assert (changes()[-1].items[1].views, held(popularity)) == (1, 0)
    said = eventually(lambda: (s := operator("explain", pushed).stdout) and "1 counted" in s and s)
    assert re.search(r"\d+ rate", said)


def test_agents_that_rotate_at_one_address_count_up_to_their_bound_and_explain_says_so(
    popularity, view, desk, read, changes, eventually, operator
):
    honest, pushed = desk.publish("honest"), desk.publish("pushed")
    read(honest, 260)
    for number in range(300):
        view(pushed, agent=number)
    eventually(lambda: newest(changes()) == [honest, pushed])
    eventually(lambda: "50 agents, 250 counted" in operator("explain", pushed).stdout)
    assert held(popularity) == 0


def test_two_hundred_people_behind_one_address_all_count(
    popularity, view, desk, changes, eventually, reasons
):
    article = desk.publish("read by all")
    for number in range(200):
        view(article, agent=number)
        view(article, agent=number, leaving=True, seconds=20.0)
    eventually(lambda: changes() and changes()[-1].items[0].views >= 1)
    assert reasons(article) == {"reader": 400}


def test_one_subscribers_addresses_are_one_and_a_network_has_its_bound(
    popularity, view, desk, reasons, changes, eventually
):
    article, other = desk.publish("a"), desk.publish("b")
    for number in range(70):
        view(article, address=f"2001:db8:1:2::{number:x}")
    assert set(reasons(article)) <= {"reader", "rate"}
    eventually(lambda: changes() and changes()[-1].items[0].views == 1)
    for number in range(510):
        view(other, address=f"198.51.100.{number % 250}", agent=number // 250)
    assert reasons(other) == {"reader": 500, "network": 10}


def test_an_address_has_its_bound_over_all_articles_and_processes(
    start_service, kafka_bootstrap, topics
):
    env = {"NEWSMAN_INGEST_WORKERS": "3", "NEWSMAN_VIEWS_PER_ADDRESS": "100"}
    ingest = start_service("ingest", **env).wait_ready()
    for number in range(600):  # each on a connection of its own, which any process may take
        agent, view = {"User-Agent": browser(number)}, {"article": "abcdefgh"[number % 8] * 16}
        assert httpx.post(f"{ingest.url}/v1/views", json=view, headers=agent).status_code == 202
    records = records_on(kafka_bootstrap, ARTICLE_VIEWED.full_name(topics))
    events = views_in(records)
    minutes = Counter(event.occurred_at.minute for event in events)
    counted = Counter(e.occurred_at.minute for e in events if e.discounted is None)
    # Each of three lets 20 through before it shares, and what comes within 0.2 s.
    assert all(counted[minute] < 230 for minute in minutes)
    assert all(counted[minute] >= min(100, many) for minute, many in minutes.items())


def test_a_token_holds_for_its_article_only_and_explain_says_with_which_they_came(
    popularity, http, view, desk, eventually, operator
):
    one, other = desk.publish("one"), desk.publish("other")
    token = http.get("/v1/views/token", params={"article": other}).json()["token"]
    own = http.get("/v1/views/token", params={"article": one}).json()["token"]
    view(one, agent=1, token=own)
    view(one, agent=2, token=token)
    view(one, agent=3)
    eventually(lambda: "1 missing, 1 valid, 1 wrong" in operator("explain", one).stdout)


def test_pages_that_nobody_leaves_hold_an_article_until_somebody_says(
    popularity, desk, read, changes, eventually, operator, kafka_bootstrap, topics
):
    honest, pushed = desk.publish("honest"), desk.publish("pushed")
    read(honest, 5)
    producer: KafkaProducer = build_producer(kafka_bootstrap, client_id="attack")
    now = int(time.time())
    for number in range(400):
        at = now - 360 - (number * 7919) % 400
        event = {
            "event_id": str(number),
            "occurred_at": at,
            "article_id": pushed,
            "reader": f"r{number}",
            "token": "valid",
        }
        producer.send(
            ARTICLE_VIEWED_V1.full_name(topics),
            key=pushed.encode(),
            value=json.dumps(event).encode(),
            timestamp_ms=at * 1_000,
        )
    producer.close()
    eventually(lambda: newest(changes()) == [honest] and held(popularity) == 1)
    assert "pages that were opened 0 told that they were left" in operator("edits").stdout
    assert operator("admit", pushed).returncode == 0
    eventually(lambda: newest(changes()) == [pushed, honest])
