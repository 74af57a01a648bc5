"""Statements from the gate to readers: signed once, checked by anybody, whatever is killed."""

import json
import os
import subprocess
import sys

import httpx
import pytest
from kafka import TopicPartition
from lxml import html
from tests.integration.publish.conftest import NOON, killed, pushed
from tests.integration.publish.test_rebuild import send
from tests.unit.provenance.conftest import published

from newsman.kafka.clients import build_consumer
from newsman.kafka.records import decode
from newsman.provenance.keys import make_key, read_signing_key
from newsman.provenance.keys_file import KeysFile
from newsman.provenance.statements import signer
from newsman_schemas.articles import ArticlePublished, StatementIssued, article_id
from newsman_schemas.topics import ARTICLE_PUBLISHED, STATEMENT_ISSUED

from .serving import serving

ID = article_id("desk", "urn:signed")


@pytest.fixture
def keys(tmp_path):
    make_key(tmp_path / "key.pem", tmp_path / "keys.json", now=NOON, overlap=NOON - NOON)
    return tmp_path / "keys.json"


@pytest.fixture
def services(start_service, keys):
    signing = {"NEWSMAN_SIGNING_KEYS_FILE": str(keys)}
    feeds = start_service("feeds", **signing)
    signing |= {"NEWSMAN_PUBLIC_URL": feeds.url}
    signing |= {"NEWSMAN_SIGNING_KEY_FILE": str(keys.with_name("key.pem"))}
    publish = start_service("publish", **signing)
    for service in (publish, feeds):
        service.wait_ready()
    return publish, feeds


def verify(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsman.cli", "verify", *words],
        env=os.environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def on_the_log(bootstrap: str, topic, event, namespace: str) -> list:
    consumer = build_consumer(bootstrap=bootstrap, group=None, client_id="test")
    try:
        name = topic.full_name(namespace)
        parts = [TopicPartition(name, n) for n in range(topic.partitions)]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends, found = consumer.end_offsets(parts), []
        while any(consumer.position(part) < ends[part] for part in parts):
            for records in consumer.poll(timeout_ms=200).values():
                found += [decode(event, record.value) for record in records]
        return found
    finally:
        consumer.close(autocommit=False)


def test_what_is_published_is_signed_and_anybody_can_check_it(
    services, keys, kafka_bootstrap, topics, eventually, tmp_path
):
    publish, feeds = services
    told = f"{feeds.url}/v1/articles/{ID}/provenance"
    assert httpx.get(told).status_code == 404
    send(kafka_bootstrap, topics, [pushed("urn:signed", headline="Harbour opens")])
    eventually(lambda: httpx.get(told).status_code == 200)
    # A process that is killed and comes again goes on with the same chain.
    publish.kill()
    updates = [pushed("urn:signed", n, body_text=f"Take {n}.") for n in (2, 3)]
    send(kafka_bootstrap, topics, updates)
    publish.start()
    eventually(lambda: len(httpx.get(told).json()["statements"]) == 3)

    answer = httpx.get(told).json()
    assert answer["holds"], answer
    assert [row["revision"] for row in answer["statements"]] == [1, 2, 3]
    article = httpx.get(f"{feeds.url}/v1/articles/{ID}").json()
    assert article["statement"] == answer["statements"][-1]["statement"]
    done = verify(f"{feeds.url}/articles/{ID}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exactly what was published" in done.stdout
    served = httpx.get(f"{feeds.url}/.well-known/jwks.json")
    assert served.headers["content-type"] == "application/jwk-set+json"
    assert [key["kid"] for key in served.json()["keys"]] == [answer["statements"][0]["key"]]

    forged = tmp_path / "article.json"
    forged.write_text(json.dumps({**article, "body_text": "Another."}))
    assert verify(str(forged), "--keys", str(keys)).returncode == 3

    page = html.fromstring(httpx.get(f"{feeds.url}/articles/{ID}/provenance").text)
    assert "exactly what was published" in page.xpath("string(//p[@role='note'])")
    assert len(page.xpath("//ol[@class='timeline']/li")) == 3
    assert f"/articles/{ID}/provenance" in httpx.get(f"{feeds.url}/articles/{ID}").text

    events = on_the_log(kafka_bootstrap, ARTICLE_PUBLISHED, ArticlePublished, topics)
    issued = on_the_log(kafka_bootstrap, STATEMENT_ISSUED, StatementIssued, topics)
    by_revision = {one.revision: one.statement for one in issued}
    assert {event.revision: event.statement for event in events} == by_revision

    send(kafka_bootstrap, topics, [killed("urn:signed", 3)])
    eventually(lambda: len(httpx.get(told).json()["statements"]) == 4)
    after = httpx.get(told).json()
    assert after["holds"], after
    assert (after["statements"][-1]["action"], "article" in after) == ("killed", False)
    assert "Take 3" not in json.dumps(after)
    shown = httpx.get(f"{feeds.url}/articles/{ID}/provenance")
    assert (shown.status_code, "Harbour" in shown.text) == (200, False)
    assert verify(f"{feeds.url}/articles/{ID}").returncode == 0


@pytest.fixture
def stated(desk, keys):
    """Puts signed statements of an article into the store, as publish does; answers its id."""
    sign = signer("https://news.example", read_signing_key(keys.with_name("key.pem")))

    def put(name: str, revisions: int, **changed) -> str:
        article = desk.article(name)
        made: list[str] = []
        for number in range(1, revisions + 1):
            event = published(number, article=article)
            event = event.model_copy(update={"article_id": article.id})
            made.append(sign(event, made[-1] if made else None))
        desk.publish(name, revision=revisions, **changed)
        desk.client.hset(desk.keys.article(article.id), "stated", f"{revisions} {made[-1]}")
        for number, earlier in enumerate(made[:-1], start=1):
            desk.client.hset(desk.keys.statements(article.id), str(number), earlier)
        return article.id

    return put


def test_a_page_says_what_is_wrong(stated, desk, keys, redis_url, namespace):
    whole, forged = stated("whole", 60), stated("forged", 2, headline="Another")
    cut = stated("cut", 12)
    desk.client.hdel(desk.keys.statements(cut), "9")
    late = stated("late", 1)
    desk.client.hset(desk.keys.article(late), "revision", 2)
    with serving(redis_url, namespace, keys=KeysFile(keys)) as http:

        def told(article: str) -> tuple[bool, str]:
            answer = http.get(f"/v1/articles/{article}/provenance").json()
            page = html.fromstring(http.get(f"/articles/{article}/provenance").text)
            assert answer["summary"] in " ".join(page.xpath("string(//main)").split())
            assert page.xpath("//input[@name='q']/@value") == []  # nothing was searched for
            return answer["holds"], answer["summary"]

        assert told(whole)[0]
        changed = (
            "The content is not the one that was published: it was changed after it was signed."
        )
        assert told(forged) == (False, f"The check found 1 fault. {changed}")
        assert "was changed, or taken out" in told(cut)[1]
        assert "Nothing was signed of its newest revision, which is 2" in told(late)[1]
        page = http.get(f"/articles/{whole}/provenance").text
        assert ("10 before these." in page, page.count("Version ")) == (True, 50)


def test_what_is_not_signed_says_why(desk, keys, redis_url, namespace):
    article = desk.publish("plain")
    with serving(redis_url, namespace) as http:
        assert "statement" not in http.get(f"/v1/articles/{article}").json()
        assert "provenance" not in http.get(f"/articles/{article}").text
        for path in (f"/v1/articles/{article}/provenance", "/.well-known/jwks.json"):
            answer = http.get(path)
            assert (answer.status_code, "does not sign" in answer.json()["detail"]) == (404, True)
        page = http.get(f"/articles/{article}/provenance")
        assert (page.status_code, "does not sign" in page.text) == (404, True)
    with serving(redis_url, namespace, keys=KeysFile(keys)) as http:
        for path, said in ((article, "No statement was signed"), ("a" * 16, "no such article")):
            answer = http.get(f"/v1/articles/{path}/provenance")
            assert (answer.status_code, said in answer.json()["detail"]) == (404, True)
