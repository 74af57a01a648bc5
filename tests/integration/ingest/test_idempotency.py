"""Idempotency-Key against the real service and a real Redis: one push, one answer."""

import asyncio

import httpx
import pytest
import redis

from newsman.ingest.idempotency import KEEP_SECONDS
from newsman.kafka.topics import ensure_topics

KEY = {"Authorization": "Bearer demo-key"}
OTHER = {"Authorization": "Bearer other-key"}
ARTICLE = {"uri": "urn:story:1", "headline": "Ferry returns to the fjord"}


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()


def push(service, article, key="k1", headers=KEY, **options):
    return httpx.post(
        f"{service.url}/v1/articles",
        json=article,
        headers={**headers, "Idempotency-Key": key},
        timeout=20,
        **options,
    )


def test_the_first_answer_is_replayed_by_every_process(ingest, start_service):
    first = push(ingest, ARTICLE)
    again = push(ingest, ARTICLE)
    assert first.status_code == again.status_code == 202
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    ingest.kill()
    successor = start_service("ingest").wait_ready()
    assert push(successor, ARTICLE).headers["idempotency-replayed"] == "true"


def test_the_same_key_with_another_push_is_refused(ingest):
    push(ingest, ARTICLE)
    assert push(ingest, {**ARTICLE, "version": 2}).status_code == 422
    assert push(ingest, ARTICLE, params={"format": "native"}).status_code == 422


def test_a_key_belongs_to_its_source(ingest):
    push(ingest, ARTICLE)
    others = push(ingest, {**ARTICLE, "version": 2}, headers=OTHER)
    assert others.status_code == 202
    assert "idempotency-replayed" not in others.headers


def test_a_refusal_is_decided_again_and_keeps_nothing(ingest):
    refused = [push(ingest, {"version": "x"}, key="bad") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [400, 400]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_without_sense_is_refused(ingest, key):
    assert push(ingest, ARTICLE, key=key).status_code == 400


def test_of_many_at_once_one_is_stored_and_the_others_hear_so(ingest):
    async def all_at_once():
        async with httpx.AsyncClient(base_url=ingest.url, headers=KEY, timeout=20) as http:
            pushes = [
                http.post("/v1/articles", json=ARTICLE, headers={"Idempotency-Key": "same"})
                for _ in range(40)
            ]
            return await asyncio.gather(*pushes)

    answers = asyncio.run(all_at_once())
    first = [a for a in answers if a.status_code == 202 and "idempotency-replayed" not in a.headers]
    assert len(first) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert all("retry-after" in a.headers for a in answers if a.status_code == 409)


def test_answers_expire_after_a_day(ingest, redis_url, namespace):
    push(ingest, ARTICLE)
    with redis.Redis.from_url(redis_url) as client:
        (name,) = client.scan_iter(f"{namespace}:ingest:answer:*")
        assert KEEP_SECONDS - 60 < client.ttl(name) <= KEEP_SECONDS


def test_without_redis_a_key_cannot_be_kept_and_its_push_comes_again(
    start_service, own_valkey, eventually
):
    ingest = start_service("ingest", NEWSMAN_REDIS_URL=own_valkey.url).wait_ready()
    own_valkey.kill()
    refused = push(ingest, ARTICLE)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    # Who sends no key needs no Redis.
    assert httpx.post(f"{ingest.url}/v1/articles", json=ARTICLE, headers=KEY).status_code == 202
    own_valkey.start()
    own_valkey.wait_ready()
    eventually(lambda: push(ingest, ARTICLE).status_code == 202)
    assert push(ingest, ARTICLE).headers["idempotency-replayed"] == "true"


def test_while_one_process_has_the_push_another_answers_409_and_a_5xx_may_be_repeated(
    start_service, own_broker, namespace, eventually
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    options = {"NEWSMAN_KAFKA_BOOTSTRAP": own_broker.bootstrap}
    first = start_service("ingest", **options)
    second = start_service("ingest", **options).wait_ready()
    first.wait_ready()
    own_broker.pause()

    async def both():
        async with httpx.AsyncClient(timeout=20) as client:
            headers = {**KEY, "Idempotency-Key": "k1"}
            urls = [f"{service.url}/v1/articles" for service in (first, second)]
            return await asyncio.gather(
                *(client.post(url, json=ARTICLE, headers=headers) for url in urls)
            )

    answers = asyncio.run(both())
    assert sorted(answer.status_code for answer in answers) == [409, 503]
    assert all("retry-after" in answer.headers for answer in answers)
    own_broker.resume()
    eventually(lambda: push(second, ARTICLE).status_code == 202, timeout=20)
    assert push(first, ARTICLE).headers["idempotency-replayed"] == "true"
