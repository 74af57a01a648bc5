"""Binary renditions in a bucket: ingest stores them over S3's protocol, feeds serves them."""

import hashlib
import hmac
import json

import httpx
import pytest
from tests.log import records_on

from newsman.kafka.clients import build_producer
from newsman.kafka.records import decode, encode
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticleReceived,
    EnrichedArticle,
    Enrichment,
)
from newsman_schemas.topics import ARTICLE_ENRICHED

SECRET = "a secret of the desk"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
BUCKET = {"NEWSMAN_ASSETS_URL": "s3://newsroom/media"}


@pytest.fixture
def services(start_service, s3, tmp_path, redis_client, topics):
    # feeds waits for publish to have made the store.
    redis_client.set(ArticleKeys(topics).marker, STORE_LAYOUT)
    sources = tmp_path / "signed.toml"
    sources.write_text(f'[sources.wire]\nsecrets = ["{SECRET}"]\nunsigned_binary_checks = true\n')
    feeds = start_service("feeds", **s3, **BUCKET)
    options = {"NEWSMAN_SOURCES_FILE": str(sources), "NEWSMAN_PUBLIC_URL": feeds.url}
    return start_service("ingest", **s3, **BUCKET, **options).wait_ready(), feeds.wait_ready()


def signed(body: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    return {"x-superdesk-signature": f"sha1={digest}"}


def send_media(url: str, media_id: str, content: bytes) -> int:
    form = httpx.Request(
        "POST", url, data={"media_id": media_id}, files={"media": (media_id, content, "image/png")}
    )
    body = form.read()
    headers = {**signed(body), "content-type": form.headers["content-type"]}
    return httpx.post(f"{url}/push_binary", content=body, headers=headers).status_code


def pass_on(received: ArticleReceived, bootstrap: str, topics: str) -> None:
    """What enrich does, without finding anything."""
    skipped = Enrichment(status="skipped", method="test", duration_ms=0)
    article = EnrichedArticle(**received.article.model_dump(), enrichment=skipped)
    record = encode(
        ArticleEnriched(event_id="1", occurred_at=received.occurred_at, article=article)
    )
    producer = build_producer(bootstrap, client_id="test")
    topic = ARTICLE_ENRICHED.full_name(topics)
    producer.send(topic, key=record.key, value=record.value).get(timeout=30)
    producer.close()


def test_a_picture_goes_through_a_bucket_to_its_readers(
    services, start_service, kafka_bootstrap, topics, eventually
):
    ingest, feeds = services
    start_service("publish")
    assert httpx.get(f"{ingest.url}/push_binary/pic.png").status_code == 404
    assert send_media(ingest.url, "pic.png", PNG) == 201
    assert httpx.get(f"{ingest.url}/push_binary/pic.png").status_code == 200
    rendition = {"href": "http://superdesk.invalid/1", "media": "pic.png", "mimetype": "image/png"}
    inner = {"guid": "urn:in", "type": "picture", "renditions": {"original": rendition}}
    outer = {"guid": "urn:out", "type": "text", "headline": "x", "associations": {"a": inner}}
    item = {**outer, "guid": "urn:1", "associations": {"story--1": outer, "none": None}}
    body = json.dumps(item).encode()
    headers = {**signed(body), "content-type": "application/json"}
    assert httpx.post(f"{ingest.url}/push", content=body, headers=headers).status_code == 200
    (record,) = records_on(kafka_bootstrap, f"{topics}.article-received.v1")
    received = decode(ArticleReceived, record.value)
    deep = received.article.associations["story--1"]
    href = deep["associations"]["a"]["renditions"]["original"]["href"]
    assert href.startswith(f"{feeds.url}/assets/")
    assert httpx.get(href).status_code == 404, "the article is not published yet"
    pass_on(received, kafka_bootstrap, topics)
    eventually(lambda: httpx.get(href).status_code == 200)
    whole = httpx.get(href)
    assert (whole.status_code, whole.content) == (200, PNG)
    assert whole.headers["content-type"] == "image/png"
    part = httpx.get(href, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, PNG[2:6])
    assert httpx.get(href, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304


def test_a_bucket_that_is_away_is_a_503_and_no_4xx(start_service, s3, tmp_path):
    sources = tmp_path / "signed.toml"
    sources.write_text(f'[sources.wire]\nsecrets = ["{SECRET}"]\nunsigned_binary_checks = true\n')
    away = {**s3, "NEWSMAN_ASSETS_URL": "s3://no-such-bucket/media"}
    options = {"NEWSMAN_SOURCES_FILE": str(sources)}
    ingest = start_service("ingest", **away, **options).wait_ready()
    assert send_media(ingest.url, "pic.png", PNG) == 503
