"""The HTTP edge over a log in memory: what is answered, and what is on the log by then."""

import gzip
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from kafka.errors import KafkaConnectionError
from starlette.testclient import TestClient
from tests.viewed import views_in

from newsman.assets.store import AssetStore
from newsman.ingest.context import IngestContext
from newsman.ingest.idempotency import IdempotencyKeys
from newsman.ingest.log.parking import Parking
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.sources.sources_file import Sources
from newsman.ingest.views.address_ranges import Ranges
from newsman.ingest.views.agents import AgentJudge
from newsman.ingest.views.events import ViewJudges
from newsman.ingest.views.readers import ReaderHasher
from newsman.ingest.views.view_filter import ViewBounds, ViewFilter
from newsman.ingest.web import build_web
from newsman.kafka.compacted_logs.newest_events import NewestEvents
from newsman.kafka.records import decode, header
from newsman.redis.view_secret import ViewSecret
from newsman.runtime.background import BackgroundTasks
from newsman.settings import IngestSettings
from newsman_schemas.articles import ArticleReceived
from newsman_schemas.editing import NameDefined

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = {"Authorization": "Bearer desk-key"}
JSON = {**KEY, "Content-Type": "application/json"}
ARTICLE = {"uri": "urn:story:1", "headline": "Ferry returns to the fjord", "body_text": "It did."}
PACKED = gzip.compress(json.dumps(ARTICLE).encode(), mtime=0)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class FakeSender:
    """Keeps what was sent; refuses everything while `is_down`."""

    def __init__(self):
        self.sent = []
        self.is_down = False

    async def send(self, topic, records):
        if self.is_down:
            raise KafkaUnavailable("it is away")
        self.sent += [(topic, record) for record in records]

    def on(self, topic):
        return [record for name, record in self.sent if name == f"t.{topic}"]


@pytest.fixture
def sender():
    return FakeSender()


def judges(**bounds: int) -> ViewJudges:
    """Judges of views with secrets that never change."""
    datacentres = Ranges([ip_network("192.0.2.128/25")])
    return ViewJudges(
        hasher=ReaderHasher(None, "t", "a fixed salt of some length"),
        agents=AgentJudge(),
        filter=ViewFilter(datacentres, ViewBounds(**{"reader_minute": 5, **bounds})),
        secret=ViewSecret(None, "t", "a fixed secret of some length"),
        counts_untokened=True,
    )


def no_log():
    raise KafkaConnectionError("it is away")


@pytest.fixture
def edge(sender, tmp_path):
    key = hashlib.sha256(b"desk-key").hexdigest()
    (tmp_path / "sources.toml").write_text(
        f'[sources.desk]\nkeys = ["sha256:{key}"]\nedits_names = true\n'
    )
    settings = IngestSettings(
        kafka_bootstrap="unused:1",
        redis_url="redis://unused:1",
        namespace="t",
        sources_file=tmp_path / "sources.toml",
        max_body_bytes=25 * 1024 * 1024,
    )
    background = BackgroundTasks()
    return IngestContext(
        settings=settings,
        sources=Sources(settings.sources_file),
        sender=sender,
        parking=Parking(sender, "t.rejected.v1", background),
        background=background,
        clock=lambda: NOW,
        answers=IdempotencyKeys(None, "t"),
        assets=AssetStore(tmp_path.as_uri()),
        views=judges(),
        names=NewestEvents(no_log, what="own names"),
        front=None,
    )


@pytest.fixture
def http(edge):
    with TestClient(build_web(edge), raise_server_exceptions=False) as client:
        yield client


def test_the_same_push_twice_is_the_same_event_twice(http, sender):
    for _ in range(2):
        assert http.post("/v1/articles", json=ARTICLE, headers=KEY).status_code == 202
    first, second = (decode(ArticleReceived, r.value) for r in sender.on("article-received.v1"))
    assert first.event_id == second.event_id
    assert first.occurred_at == NOW


def test_a_trace_goes_on_and_an_invalid_one_is_replaced(http, sender):
    sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for value in (sent, "nonsense"):
        http.post("/v1/articles", json=ARTICLE, headers={**KEY, "traceparent": value})
    kept, fresh = (header(r.headers, "traceparent") for r in sender.on("article-received.v1"))
    assert kept == sent
    assert fresh not in (sent, "nonsense")
    assert len(fresh) == len(sent)


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/views"])
def test_our_own_trouble_is_a_503_that_says_when_to_come_back(http, sender, path):
    sender.is_down = True
    body = ARTICLE if path == "/v1/articles" else {"article": "a" * 16}
    answer = http.post(path, json=body, headers=KEY)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_bug_is_a_500_problem_that_tells_nothing_of_the_inside(http, sender):
    sender.send = None
    answer = http.post("/v1/articles", json=ARTICLE, headers=KEY)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "NoneType" not in answer.text


def test_a_rejected_push_is_answered_the_same_when_parking_fails(http, sender):
    sender.is_down = True
    assert http.post("/v1/articles", content=b"{broken", headers=JSON).status_code == 400


def test_a_gzip_body_of_several_members_is_read_to_its_end(http, sender):
    lines = [json.dumps({**ARTICLE, "uri": f"urn:{n}"}).encode() + b"\n" for n in range(3)]
    body = b"".join(gzip.compress(line) for line in lines)
    headers = {**KEY, "Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"}
    answer = http.post("/v1/articles", content=body, headers=headers)
    assert answer.status_code == 202
    assert len(answer.json()["items"]) == len(sender.on("article-received.v1")) == 3


@pytest.mark.parametrize("body", [PACKED[:-3], PACKED + b"trailing", PACKED + PACKED[:9], b"{}"])
def test_a_gzip_body_that_is_broken_is_refused_whole(http, sender, body):
    answer = http.post("/v1/articles", content=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]
    assert not sender.on("article-received.v1")


def test_an_article_too_large_for_kafka_is_a_413_and_not_a_503_for_ever(http, sender):
    body = {**ARTICLE, "body_text": "word " * (21 * 1024 * 1024 // 5)}
    assert http.post("/v1/articles", json=body, headers=KEY).status_code == 413
    assert not sender.on("article-received.v1")


def test_of_a_batch_only_the_article_too_large_for_kafka_is_lost(http, sender):
    large = {"uri": "urn:large", "headline": "A line", "body_text": "w " * (9 * 1024 * 1024)}
    answer = http.post("/v1/articles", json=[large, ARTICLE], headers=KEY)
    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == ["rejected", "accepted"]
    (record,) = sender.on("article-received.v1")
    assert decode(ArticleReceived, record.value).article.uri == ARTICLE["uri"]
    assert "larger than" in answer.json()["items"][0]["errors"][0]["detail"]


def test_what_grows_beyond_all_measure_is_a_413_before_memory_does(edge, sender):
    authors = "".join(f"<author>{letter * 1_500}</author>" for letter in "abcdefgh")
    entries = "".join(f"<item><title>{number}</title></item>" for number in range(100))
    feed = f"<rss><channel>{authors}{entries}</channel></rss>"
    small = edge.settings.model_copy(update={"max_body_bytes": 20_000})
    with TestClient(build_web(replace(edge, settings=small))) as http:
        headers = {**KEY, "Content-Type": "application/rss+xml"}
        assert http.post("/v1/articles", content=feed, headers=headers).status_code == 413
    assert not sender.on("article-received.v1")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"headline": NaN}',
        b"\xff\xfe{}",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"headline": "h", "version": 1e400}',
        b'{"headline": "h", "extra": {"n": ' + b"9" * 5_000 + b"}}",
    ],
)
@pytest.mark.parametrize("path", ["/v1/articles", "/v1/views"])
def test_a_hostile_body_is_a_400_and_never_a_crash(http, sender, path, body):
    answer = http.post(path, content=body, headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not sender.on("article-received.v1")


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        ({}, "/article"),
        ({"article": "NOT AN ID"}, "/article"),
        ({"article": "a" * 16, "at": "2026-03-01T12:00:00"}, "/at"),
        ({"article": "a" * 16, "at": "2026-03-01T12:05:01Z"}, "/at"),
        ({"article": "a" * 16, "at": 1772366400}, "/at"),
        ({"article": "a" * 16, "at": "1772366400"}, "/at"),
        ({"article": "a" * 16, "seconds": -1}, "/seconds"),
        ({"article": "a" * 16, "seconds": True}, "/seconds"),
        ({"article": "a" * 16, "seconds": "12"}, "/seconds"),
        ({"article": "a" * 16, "reader": ""}, "/reader"),
    ],
)
def test_a_wrong_field_of_a_view_is_named_by_its_pointer(http, view, pointer):
    alone = http.post("/v1/views", json=view)
    assert (alone.status_code, alone.json()["errors"][0]["pointer"]) == (400, pointer)
    listed = http.post("/v1/views", json=[{"article": "a" * 16}, view])
    assert listed.status_code == 207
    assert listed.json()["items"][1]["errors"][0]["pointer"] == f"/1{pointer}"


def test_a_view_with_an_id_is_the_same_event_when_it_is_sent_again(http, sender):
    for view_id in ("v1", "v1", None, None):
        view = {"article": "a" * 16, "reader": "r"} | ({"id": view_id} if view_id else {})
        http.post("/v1/views", json=view, headers=KEY)
    events = views_in(sender.on("article-viewed.v2"))
    assert events[0].event_id == events[1].event_id
    assert events[0].resend_id
    assert events[0].source == "desk"
    assert len({event.event_id for event in events}) == 3


@pytest.mark.parametrize(
    ("headers", "view", "verdict"),
    [
        ({**KEY, "User-Agent": "curl/8.5.0"}, {"reader": "r"}, "reader"),
        ({**KEY, "User-Agent": "Go-http-client/1.1"}, {"reader": "r"}, "reader"),
        ({"User-Agent": "curl/8.5.0"}, {"reader": "r"}, "crawler"),
        ({"User-Agent": "curl/8.5.0"}, {}, "crawler"),
        ({**KEY, "User-Agent": "curl/8.5.0"}, {"reader": "r", "agent": "curl/8.5.0"}, "crawler"),
        ({**KEY, "User-Agent": "curl/8.5.0"}, {"reader": "r", "agent": FIREFOX}, "reader"),
        ({"User-Agent": "curl/8.5.0"}, {"agent": FIREFOX}, "crawler"),
        ({"User-Agent": "curl/8.5.0"}, {"agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0)"},
         "crawler"),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, {"reader": "r"}, "crawler"),
        ({"User-Agent": FIREFOX}, {}, "reader"),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "X-Moz": "prefetch"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Purpose": "prefetch"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "X-Purpose": "preview"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Purpose": "Preview"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "X-Purpose": "instant"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "", "X-Moz": "prefetch"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "x", "Purpose": "prerender"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;anonymous-client-ip"}, {}, "prefetch"),
        ({"User-Agent": FIREFOX, "Purpose": "reading"}, {}, "reader"),
    ],
)  # fmt: skip
def test_who_reads_is_told_from_what_only_fetches(http, sender, headers, view, verdict):
    http.post("/v1/views", json={"article": "a" * 16, **view}, headers=headers)
    (event,) = views_in(sender.on("article-viewed.v2"))
    assert event.agent == verdict


def test_every_answer_to_a_beacon_may_be_read_by_another_site(http):
    for body in (b'{"article": "aaaaaaaaaaaaaaaa"}', b"{}", b"{broken"):
        answer = http.post("/v1/views", content=body, headers={"Content-Type": "text/plain"})
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/v1/articles", 405), ("GET", "/v1/views", 405)],
)
def test_a_wrong_path_or_method_is_a_problem(http, method, path, status):
    answer = http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"guid": "urn:1", "body_html": {}}, "/body_html"),
        ({"guid": "urn:1", "body_html": 0}, "/body_html"),
        ({"guid": "urn:1", "copyrightnotice": []}, "/copyrightnotice"),
        ({"guid": "urn:1", "version": True}, "/version"),
        ({"guid": "urn:1", "urgency": True}, "/urgency"),
        ({"uri": "urn:1", "headline": "h", "version": True}, "/version"),
        ({"headline": "h", "images": [{"href": "ftp://a/b", "width": "x"}]}, "/images/0/width"),
        ({"headline": "h", "images": [{"href": "https://a/b", "width": True}]}, "/images/0/width"),
    ],
)
def test_a_wrong_value_that_python_takes_for_a_right_one_is_refused(http, fields, pointer):
    answer = http.post("/v1/articles", json=fields, headers=KEY)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "fields",
    [
        {"uri": "urn:1", "headline": "h"},
        {"headline": "h"},
        {"uri": "urn:1", "body_html": "<p>b</p>"},
        {"uri": "", "body_text": "b"},
    ],
)
def test_an_article_with_subjects_is_not_taken_for_ninjs_2(http, sender, fields):
    sent = {**fields, "subjects": [{"name": "Ferries", "code": "f"}]}
    answer = http.post("/v1/articles", json=sent, headers=KEY)
    assert answer.status_code == 202, answer.text
    (record,) = sender.on("article-received.v1")
    assert decode(ArticleReceived, record.value).article.subjects[0].code == "f"


def test_images_without_a_web_address_are_left_out(http, sender):
    images = [{"href": "ftp://a/b"}, {"href": "https://a/b", "width": 640}]
    http.post("/v1/articles", json={**ARTICLE, "images": images}, headers=KEY)
    (record,) = sender.on("article-received.v1")
    kept = decode(ArticleReceived, record.value).article.images
    assert [(image.href, image.width) for image in kept] == [("https://a/b", 640)]


@pytest.mark.parametrize("reference", ["&#xD800;", "&#55296;", "&#x110000;", "&#" + "9" * 50 + ";"])
def test_a_feed_with_a_reference_to_no_character_is_read(http, sender, reference):
    body = f"<rss><channel><item><title>A {reference} b</title></item></channel></rss>"
    headers = {**KEY, "Content-Type": "application/rss+xml"}
    answer = http.post("/v1/articles", content=body.encode(), headers=headers)
    assert answer.status_code == 202, answer.text
    (record,) = sender.on("article-received.v1")
    assert decode(ArticleReceived, record.value).article.headline.startswith("A ")


def test_a_date_in_a_zone_of_no_certain_offset_is_refused(http):
    for text in ("2026-03-02 10:00 X", "2026-03-02 10:00 IST"):
        answer = http.post("/v1/articles", json={**ARTICLE, "published_at": text}, headers=KEY)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/published_at")
    fine = {**ARTICLE, "published_at": "2026-03-02 10:00 UTC"}
    assert http.post("/v1/articles", json=fine, headers=KEY).status_code == 202


@pytest.mark.parametrize(
    ("meta", "view", "status"),
    [
        ({"dt": ""}, {}, 400),
        ({"dt": "2026-03-01T11:00:00Z"}, {"at": None}, 201),
        ({"dt": None, "id": None}, {}, 201),
    ],
)
def test_an_event_of_a_view_has_the_time_of_its_envelope_or_none(http, sender, meta, view, status):
    event = {
        "$schema": "/newsman/view/1.0.0",
        "meta": {"stream": "newsman.view", **meta},
        "article": "a" * 16,
        **view,
    }
    assert http.post("/v1/events", json=event, headers=KEY).status_code == status
    times = [event.occurred_at for event in views_in(sender.on("article-viewed.v2"))]
    sent = datetime.fromisoformat(meta["dt"]) if meta["dt"] else NOW
    assert times == ([sent] if status == 201 else [])


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/views", "/v1/events", "/push"])
@pytest.mark.parametrize("text", ["\\ud800", "\\udfff\\ud800", "\\u0000"])
def test_names_that_no_exit_can_carry_are_answered_and_never_a_crash(http, path, text):
    for body in ('{"NAME": 1}', '[{"NAME": 1}, {"pubstatus": "NAME"}]', '{"guid": {"NAME": 1}}'):
        answer = http.post(path, content=body.replace("NAME", text).encode(), headers=JSON)
        assert answer.status_code in (400, 403), answer.text
        assert answer.json()


def test_an_event_is_returned_as_it_came(http):
    body = b'{"a": "\\ud800", "b": "\xc3\xa9"}'
    answer = http.post("/v1/events", content=body, headers=JSON)
    assert answer.json()["invalid"][0]["event"] == json.loads(body)


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/events"])
def test_a_number_larger_than_any_is_a_400(http, sender, path):
    body = b'{"headline": "h", "extra": {"n": [1e400, -1e999]}}'
    answer = http.post(path, content=body, headers=JSON)
    assert (answer.status_code, "larger than any number" in answer.text) == (400, True)
    assert not sender.on("article-received.v1")


def test_a_page_of_a_year_that_can_not_be_right_is_refused(http):
    page = b"9999-12-31T23:59:59-23:59\nHomeLocalIt rains\n\nIt rains\n\nCourier: It rained.\n"
    answer = http.post("/v1/articles", content=page, headers={**KEY, "Content-Type": "text/plain"})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("path", ["/api/v1/content/push", "/api/v2/content/push"])
def test_what_is_no_json_is_parked_for_the_operator_too(http, sender, path):
    assert http.post(path, content=b'{"guid": ', headers=KEY).status_code == 400
    (parked,) = sender.on("rejected.v1")
    assert parked.value == b'{"guid": '
    assert header(parked.headers, "newsman-reason") == "unreadable"


def test_names_that_kafka_does_not_tell_are_a_503_and_those_it_does_not_take_too(http, sender):
    for answer in (
        http.get("/v1/names", headers=KEY),
        http.get("/v1/names/oslo", headers=KEY),
        http.delete("/v1/names/oslo", headers=KEY),
    ):
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
    sender.is_down = True
    place = {"name": "Oslo", "type": "place"}
    assert http.post("/v1/names", json=place, headers=KEY).status_code == 503
    sender.is_down = False
    assert http.post("/v1/names", json=place, headers=KEY).status_code == 202
    (record,) = sender.on("name-defined.v1")
    event = decode(NameDefined, record.value)
    assert (record.key, event.by, event.occurred_at) == (b"oslo", "desk", NOW)
