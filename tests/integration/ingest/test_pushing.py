"""Pushing over HTTP to the real service: what is taken is in Kafka, what is not is explained."""

import gzip
import json
import time

import httpx
import pytest
from tests.log import records_on
from tests.viewed import views_in

from newsman.kafka.records import decode, header
from newsman_schemas.articles import ArticleReceived, article_id

KEY = {"Authorization": "Bearer demo-key"}
ARTICLE = {"uri": "urn:story:1", "headline": "Ferry returns to the fjord", "body_text": "It did."}


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()


@pytest.fixture
def http(ingest):
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=10) as client:
        yield client


@pytest.fixture
def received(kafka_bootstrap, topics):
    """Everything on a topic of this test, as raw records."""

    def read(topic: str):
        return records_on(kafka_bootstrap, f"{topics}.{topic}")

    return read


def test_an_article_is_answered_with_its_id_and_links_and_is_on_the_topic(http, received):
    answer = http.post("/v1/articles", json=ARTICLE)
    assert answer.status_code == 202
    body = answer.json()
    assert body["id"] == article_id("demo", "urn:story:1")
    assert (body["uri"], body["version"], body["status"]) == ("urn:story:1", 1, "accepted")
    assert body["links"]["self"].endswith(f"/v1/articles/{body['id']}")
    assert answer.headers["location"] == body["links"]["self"]
    (record,) = received("article-received.v1")
    event = decode(ArticleReceived, record.value)
    assert record.key.decode() == body["id"]
    assert event.article.headline == ARTICLE["headline"]
    assert event.article.source == "demo"
    assert [stage.stage for stage in event.trail] == ["received"]
    assert header(record.headers, "newsman-event") == "article-received.v1"


def test_two_sources_with_the_same_guid_have_two_articles(http):
    mine = http.post("/v1/articles", json=ARTICLE).json()
    others = http.post("/v1/articles", json=ARTICLE, headers={"Authorization": "Bearer other-key"})
    assert mine["id"] != others.json()["id"]


@pytest.mark.parametrize("authorization", ["", "Bearer nobody", "Basic demo-key"])
def test_nobody_pushes_without_a_key(http, authorization):
    answer = http.post("/v1/articles", json=ARTICLE, headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_wrong_field_is_named_by_a_pointer(http):
    answer = http.post("/v1/articles", json={**ARTICLE, "published_at": "soon", "version": "x"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/published_at" in {error["pointer"] for error in answer.json()["errors"]}
    answer = http.post("/v1/articles", json={**ARTICLE, "version": -1, "urgency": 99})
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/version", "/urgency"}


def test_a_batch_answers_per_item_and_keeps_the_good_ones(http, received):
    lines = [json.dumps({**ARTICLE, "uri": f"urn:{n}"}) for n in range(3)]
    lines.insert(1, "{nonsense")
    answer = http.post(
        "/v1/articles",
        content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 207
    items = answer.json()["items"]
    assert [item["status"] for item in items] == ["accepted", "rejected", "accepted", "accepted"]
    assert items[1]["errors"][0]["pointer"] == "/1"
    assert len(received("article-received.v1")) == 3


def test_a_batch_without_a_good_item_is_a_400_and_stores_nothing(http, received):
    answer = http.post("/v1/articles", json=[{"headline": 5}, {}])
    assert answer.status_code == 400
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/0/headline", "/1/headline"}
    assert received("article-received.v1") == []


NEWSML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE NewsML SYSTEM "http://127.0.0.1:9/NewsML.dtd" [{} %nitf;]>
<NewsML><NewsItem xml:lang="fr"><Identification><NewsIdentifier><ProviderId>a.example</ProviderId>
<DateId>20260302</DateId><NewsItemId>7</NewsItemId></NewsIdentifier></Identification><NewsManagement>
<Urgency>3</Urgency></NewsManagement><NewsComponent><NewsLines><HeadLine>Le café rouvre</HeadLine>
</NewsLines></NewsComponent></NewsItem></NewsML>"""


def test_newsml_with_its_usual_document_type_is_taken_and_one_with_entities_explained(
    http, received
):
    xml = {"Content-Type": "application/xml"}
    usual = NEWSML.format('<!ENTITY % nitf SYSTEM "http://127.0.0.1:9/nitf.dtd">')
    assert http.post("/v1/articles", content=usual.encode(), headers=xml).status_code == 202
    (record,) = received("article-received.v1")
    article = decode(ArticleReceived, record.value).article
    assert (article.headline, article.language, article.urgency) == ("Le café rouvre", "fr", 3)
    attack = NEWSML.format('<!ENTITY file SYSTEM "file:///etc/hostname">')
    answer = http.post("/v1/articles", content=attack.encode(), headers=xml)
    assert answer.status_code == 400
    assert "general entity 'file'" in answer.text


def test_what_has_nothing_to_show_is_refused_and_its_neighbours_are_taken(http, received):
    answer = http.post("/v1/articles", json={"uri": "urn:bare"})
    assert answer.status_code == 400
    assert "nothing to show" in answer.json()["errors"][0]["detail"]
    feed = "<rss><channel><item><guid>1</guid></item><item><title>x</title></item></channel></rss>"
    rss = {"Content-Type": "application/rss+xml"}
    items = http.post("/v1/articles", content=feed, headers=rss).json()["items"]
    assert [item["status"] for item in items] == ["rejected", "accepted"]
    assert len(received("article-received.v1")) == 1


def test_what_is_too_large_is_a_413_whether_it_says_so_or_not(http):
    megabytes = b"x" * (15 * 1024 * 1024 + 1)
    assert http.post("/v1/articles", content=megabytes).status_code == 413
    bomb = gzip.compress(b" " * (100 * 1024 * 1024))
    answer = http.post("/v1/articles", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413


def test_gzip_is_taken_and_other_codings_are_a_415(http):
    packed = gzip.compress(json.dumps(ARTICLE).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert http.post("/v1/articles", content=packed, headers=headers).status_code == 202
    headers["Content-Encoding"] = "br"
    assert http.post("/v1/articles", content=packed, headers=headers).status_code == 415


def test_an_unknown_type_is_a_415_that_lists_what_is_read(http):
    answer = http.post("/v1/articles", content=b"%PDF", headers={"Content-Type": "application/pdf"})
    assert answer.status_code == 415
    assert "ninjs" in answer.json()["supported"]
    assert http.post("/v1/articles?format=nope", json=ARTICLE).status_code == 415


def test_what_a_newsroom_fails_to_send_is_parked_with_its_bytes(http, received, eventually):
    http.post("/v1/articles", content=b"{broken", headers={"Content-Type": "application/json"})
    (record,) = eventually(lambda: received("rejected.v1"))
    assert record.value == b"{broken"
    assert header(record.headers, "newsman-stage") == "ingest"


def test_unknown_paths_and_methods_are_problems_too(http):
    assert http.get("/nowhere").headers["content-type"] == "application/problem+json"
    assert http.get("/v1/articles").status_code == 405


def test_views_are_taken_one_by_one_and_in_arrays(http, received):
    article = "a" * 16
    one = http.post("/v1/views", json={"article": article, "reader": "r1", "id": "v1"})
    assert one.status_code == 202
    many = http.post("/v1/views", json=[{"article": article, "reader": "r2"}, {"article": "nope"}])
    assert many.status_code == 207
    assert many.json()["items"][1]["errors"][0]["pointer"] == "/1/article"
    events = views_in(received("article-viewed.v2"))
    assert len(events) == 2
    assert {event.article_id for event in events} == {article}
    assert all(event.agent == "reader" for event in events)


def test_a_beacon_needs_no_key_and_may_come_from_another_site(ingest, received):
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    with httpx.Client(base_url=ingest.url, headers={"User-Agent": agent}) as reader:
        beacon = json.dumps({"article": "b" * 16})
        answer = reader.post("/v1/views", content=beacon, headers={"Content-Type": "text/plain"})
        assert answer.status_code == 202
        assert answer.headers["access-control-allow-origin"] == "*"
        assert reader.options("/v1/views").status_code == 204
        wrong = reader.post("/v1/views", content=beacon, headers={"Authorization": "Bearer nobody"})
        assert wrong.status_code == 401
    (record,) = received("article-viewed.v2")
    assert b"Firefox" not in record.value
    assert b"127.0.0.1" not in record.value


@pytest.mark.parametrize(
    ("agent", "reader", "verdict"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", None, "crawler"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "r", "crawler"),
        ("python-requests/2.32", None, "crawler"),
        ("python-requests/2.32", "r", "reader"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", None,
         "reader"),
    ],
)  # fmt: skip
def test_crawlers_are_told_from_readers(http, received, agent, reader, verdict):
    view = {"article": "c" * 16} | ({"reader": reader} if reader else {})
    http.post("/v1/views", json=view, headers={"User-Agent": agent})
    (event,) = views_in(received("article-viewed.v2"))
    assert event.agent == verdict


def test_the_same_reader_has_the_same_hash_and_the_name_is_nowhere(http, received):
    for reader in ("anna", "anna", "berta"):
        http.post("/v1/views", json={"article": "d" * 16, "reader": reader})
    records = received("article-viewed.v2")
    hashes = [event.reader for event in views_in(records)]
    assert len(set(hashes)) == 2
    assert not any(b"anna" in record.value for record in records)


def test_a_view_from_the_future_is_refused(http):
    answer = http.post("/v1/views", json={"article": "e" * 16, "at": "2999-01-01T00:00:00Z"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/at"


def push_until_taken(client: httpx.Client) -> httpx.Response:
    return client.post("/v1/articles", json=ARTICLE)


@pytest.mark.alone
@pytest.mark.parametrize("outage", ["kill", "pause"])
def test_without_kafka_a_push_is_a_503_within_five_seconds_and_then_goes_on(
    start_service, own_broker, eventually, outage
):
    from newsman.kafka.topics import ensure_topics

    service = start_service("ingest", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap)
    ensure_topics(own_broker.bootstrap, service.env["NEWSMAN_NAMESPACE"], replication=1)
    service.wait_ready()
    with httpx.Client(base_url=service.url, headers=KEY, timeout=10) as client:
        assert push_until_taken(client).status_code == 202
        getattr(own_broker, outage)()
        for _ in range(3):
            began = time.monotonic()
            answer = push_until_taken(client)
            assert answer.status_code == 503
            assert time.monotonic() - began < 5
            assert int(answer.headers["retry-after"]) > 0
        assert client.get(f"{service.ops_url}/healthz").status_code == 200
        own_broker.resume() if outage == "pause" else own_broker.start()
        own_broker.wait_ready()
        eventually(
            lambda: push_until_taken(client).status_code == 202,
            timeout=30,
            what="pushes are taken again without a restart",
        )


def test_ingest_starts_without_kafka_and_takes_pushes_once_it_is_there(
    start_service, own_broker, eventually
):
    from newsman.kafka.topics import ensure_topics

    own_broker.kill()
    service = start_service("ingest", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap)
    with httpx.Client(base_url=service.url, headers=KEY, timeout=10) as client:
        eventually(lambda: _status(client, f"{service.ops_url}/healthz") == 200)
        assert _status(client, f"{service.ops_url}/readyz") == 503
        assert push_until_taken(client).status_code == 503
        own_broker.start()
        own_broker.wait_ready()
        ensure_topics(own_broker.bootstrap, service.env["NEWSMAN_NAMESPACE"], replication=1)
        eventually(lambda: push_until_taken(client).status_code == 202)


def _status(client: httpx.Client, path: str) -> int:
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return 0
