"""Signed requests against the real service: what counts, what counts once, what is documented."""

import asyncio
import gzip
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx
import pytest
import redis
from tests.log import records_on

from newsman.ingest.idempotency import KEEP_SIGNED_SECONDS
from newsman.kafka.records import decode
from newsman.kafka.topics import ensure_topics
from newsman.web.signed_requests import RequestHead, signature_headers
from newsman_schemas.articles import ArticleReceived

SECURE_PAGE = Path(__file__).resolve().parents[3] / "docs" / "secure.md"
SECRET = "a secret of eight or more"
ARTICLE = {"uri": "urn:story:1", "headline": "Ferry returns to the fjord"}
BODY = json.dumps(ARTICLE).encode()
KIND = {"Content-Type": "application/json"}


@pytest.fixture
def sources(tmp_path) -> Path:
    path = tmp_path / "signers.toml"
    path.write_text(
        f'[sources.desk]\nsecrets = ["{SECRET}"]\n[sources.rival]\nsecrets = ["{SECRET} too"]\n'
    )
    return path


@pytest.fixture
def ingest(start_service, sources):
    return start_service("ingest", NEWSMAN_SOURCES_FILE=str(sources)).wait_ready()


@pytest.fixture
def stored(kafka_bootstrap, topics):
    """The articles on the log."""

    def stored() -> list[str]:
        records = records_on(kafka_bootstrap, f"{topics}.article-received.v1")
        return [decode(ArticleReceived, record.value).article.uri for record in records]

    return stored


def signed(
    target: str = "/v1/articles",
    body: bytes = BODY,
    *,
    secret: str = SECRET,
    at: float | None = None,
    name: str | None = None,
    **headers: str,
) -> tuple[str, bytes, dict[str, str]]:
    """A request that is signed: target, body and headers."""
    told = {**KIND, **{n.replace("_", "-"): value for n, value in headers.items()}}
    head = RequestHead("POST", target, tuple((n.lower(), value) for n, value in told.items()))
    options = {"now": at or time.time(), "request_id": name or uuid.uuid4().hex}
    return target, body, {**told, **signature_headers(head, body, secret, **options)}


def post(service, request, **headers: str) -> httpx.Response:
    target, body, told = request
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(service.url + target, content=body, headers={**told, **named}, timeout=20)


def test_what_is_signed_is_taken_as_its_source(ingest, stored):
    odd = "/v1/articles?format=native&x=%C3%A9+%2F"
    requests = [
        signed(),
        signed(odd),
        signed(body=gzip.compress(BODY), Content_Encoding="gzip"),
        signed(Idempotency_Key="k-1"),
        signed(ce_id="1", ce_source="/desk", ce_specversion="1.0", ce_type="news"),
    ]
    answers = [post(ingest, request) for request in requests]
    assert [answer.status_code for answer in answers] == [202] * 5, [a.text for a in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(stored()) == 5


def test_a_recorded_push_leads_to_nothing_else(ingest, stored):
    """Somebody in between has a signed request and changes it, or the address it goes to."""
    target, body, headers = signed(name="recorded-1")
    for other in ("/v1/articles?format=ninjs", "/push", "/v1/events", "/api/v2/content/push"):
        assert post(ingest, (other, body, headers)).status_code in (401, 403), other
    changes = [
        {"Content_Type": "text/plain"},
        {"Content_Encoding": "gzip"},
        {"Idempotency_Key": "another"},
        {"ce_type": "newsman.article-received"},
        {"X_Newsman_Id": "recorded-2"},
        {"X_Newsman_Timestamp": str(int(time.time()) + 7)},
    ]
    for change in changes:
        assert post(ingest, (target, body, headers), **change).status_code == 401, change
    assert post(ingest, (target, body + b" ", headers)).status_code == 401
    assert stored() == []
    assert post(ingest, (target, body, headers)).status_code == 202


def test_a_recorded_push_sent_again_changes_nothing(ingest, start_service, sources, stored):
    other = start_service("ingest", NEWSMAN_SOURCES_FILE=str(sources)).wait_ready()
    recorded = signed()
    first = post(ingest, recorded)
    again = [post(service, recorded) for service in (ingest, other, ingest)]
    assert {(answer.status_code, answer.content) for answer in again} == {(202, first.content)}
    assert all(answer.headers["idempotency-replayed"] == "true" for answer in again)
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("target", "body", "status"),
    [
        ("/push", {"guid": "urn:1", "type": "text", "headline": "Signed"}, 200),
        ("/api/v2/content/push", {"guid": "urn:1", "type": "text", "headline": "Signed"}, 201),
        ("/v1/events", {"$schema": "/newsman/article/1.0.0",
                        "meta": {"stream": "newsman.article"}, **ARTICLE}, 201),
    ],
)  # fmt: skip
def test_each_route_counts_a_signed_push_once(ingest, stored, target, body, status):
    recorded = signed(target, json.dumps(body).encode())
    answers = [post(ingest, recorded) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status] * 3, answers[0].text
    assert len(stored()) == 1


def test_a_recorded_file_does_not_come_back_over_a_newer_one(ingest):
    def form(content: bytes):
        made = httpx.Request(
            "POST", "http://unused", data={"media_id": "m"}, files={"media": ("m", content)}
        )
        kind = made.headers["content-type"]
        return signed("/push_binary", made.read(), Content_Type=kind)

    older, newer = form(b"GIF89a older"), form(b"GIF89a newer!")
    assert [post(ingest, each).status_code for each in (older, newer, older)] == [201] * 3
    target = "/push_binary/m"
    head = RequestHead("GET", target, ())
    asked = signature_headers(head, b"", SECRET, now=time.time(), request_id=uuid.uuid4().hex)
    assert httpx.get(ingest.url + target, headers=asked).status_code == 200
    assert post(ingest, older).headers["idempotency-replayed"] == "true"


def test_an_id_stands_for_one_request_of_one_source(ingest, stored):
    name = uuid.uuid4().hex
    assert post(ingest, signed(name=name)).status_code == 202
    more = json.dumps({**ARTICLE, "version": 2}).encode()
    refused = post(ingest, signed(body=more, name=name))
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "this X-Newsman-Id was used for another push",
    )
    assert post(ingest, signed(secret=f"{SECRET} too", name=name)).status_code == 202
    # Nor is it an Idempotency-Key of the same characters.
    assert post(ingest, signed(Idempotency_Key=name)).status_code == 202
    assert len(stored()) == 3


def test_a_request_that_is_signed_anew_under_its_id_is_the_same_request(ingest, stored):
    name, now = uuid.uuid4().hex, time.time()
    first = post(ingest, signed(name=name, at=now - 200))
    later = post(ingest, signed(name=name, at=now))
    assert (later.status_code, later.content) == (202, first.content)
    assert later.headers["idempotency-replayed"] == "true"
    assert len(stored()) == 1


def test_copies_use_up_nothing_of_their_source(start_service, sources, kafka_bootstrap, topics):
    """Neither its rate, nor its room among the rejected messages."""
    sources.write_text(f'[sources.desk]\nsecrets = ["{SECRET}"]\npushes_per_minute = 3\n')
    ingest = start_service("ingest", NEWSMAN_SOURCES_FILE=str(sources)).wait_ready()
    taken, broken = signed(), signed(body=b"{")
    for _ in range(4):
        assert post(ingest, taken).status_code == 202
        assert post(ingest, broken).status_code == 400
    assert post(ingest, signed()).status_code == 202
    assert post(ingest, signed()).status_code == 429
    parked = records_on(kafka_bootstrap, f"{topics}.rejected.v1")
    assert [record.value for record in parked] == [b"{"]
    unknown = signed(Content_Type="application/unheard-of")
    assert post(ingest, unknown).status_code == 429


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{", 400), ("application/unheard-of", BODY, 415)],
)
def test_what_can_not_be_read_is_refused_alike_with_every_copy(ingest, kind, body, status):
    request = signed(body=body, Content_Type=kind)
    answers = [post(ingest, request) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status] * 3
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].headers["content-type"] == "application/problem+json"


def test_newsman_push_signs_with_its_sources_secret(ingest, stored, tmp_path):
    (tmp_path / "story.json").write_bytes(BODY)
    env = {**os.environ, "NEWSMAN_PUSH_SECRET": SECRET, "NEWSMAN_PUSH_URL": ingest.url}
    env.pop("NEWSMAN_PUSH_KEY", None)

    def pushed(**more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "newsman.cli", "push", str(tmp_path / "story.json")]
        return subprocess.run(
            [*command, "--retry-for", "5"],
            env={**env, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    done = pushed()
    assert done.returncode == 0, done.stderr
    assert stored() == [ARTICLE["uri"]]
    wrong = pushed(NEWSMAN_PUSH_SECRET="a secret of nobody")
    assert wrong.returncode == 2
    assert SECRET not in done.stdout + done.stderr


def test_of_many_copies_at_once_one_is_stored(ingest, stored):
    target, body, headers = signed()

    async def all_at_once():
        async with httpx.AsyncClient(base_url=ingest.url, timeout=20) as http:
            posts = [http.post(target, content=body, headers=headers) for _ in range(30)]
            return await asyncio.gather(*posts)

    answers = asyncio.run(all_at_once())
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len(stored()) == 1


def test_an_id_is_remembered_longer_than_its_signature_counts(ingest, redis_url, namespace):
    assert post(ingest, signed(at=time.time() + 290)).status_code == 202
    with redis.Redis.from_url(redis_url) as client:
        (name,) = client.scan_iter(f"{namespace}:ingest:answer:desk:*")
        assert 590 < client.ttl(name) <= KEEP_SIGNED_SECONDS


def test_without_redis_no_signed_push_counts_and_the_same_may_come_again(
    start_service, sources, own_valkey, eventually, stored
):
    options = {"NEWSMAN_SOURCES_FILE": str(sources), "NEWSMAN_REDIS_URL": own_valkey.url}
    ingest = start_service("ingest", **options).wait_ready()
    own_valkey.kill()
    request = signed()
    refused = post(ingest, request)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert stored() == []
    own_valkey.start()
    own_valkey.wait_ready()
    eventually(lambda: post(ingest, request).status_code == 202)
    assert stored() == [ARTICLE["uri"]]


def test_what_kafka_did_not_take_may_come_again_as_it_is(
    start_service, own_broker, namespace, sources, eventually
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    options = {"NEWSMAN_KAFKA_BOOTSTRAP": own_broker.bootstrap}
    ingest = start_service("ingest", NEWSMAN_SOURCES_FILE=str(sources), **options).wait_ready()
    own_broker.pause()
    request = signed()
    assert post(ingest, request).status_code == 503
    own_broker.resume()
    eventually(lambda: post(ingest, request).status_code == 202, timeout=30)
    assert post(ingest, request).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("off", [-301, 302])
def test_an_old_or_early_push_is_told_why_it_does_not_count(ingest, off):
    answer = post(ingest, signed(at=time.time() + off))
    assert answer.status_code == 401
    assert "300 s off" in answer.json()["detail"]


def test_time_and_body_alone_no_longer_count(ingest):
    at = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + BODY, hashlib.sha256).hexdigest()
    older = {**KIND, "X-Newsman-Timestamp": at, "X-Newsman-Signature": f"sha256={digest}"}
    assert post(ingest, ("/v1/articles", BODY, older)).status_code == 401
    named = {**older, "X-Newsman-Id": uuid.uuid4().hex}
    answer = post(ingest, ("/v1/articles", BODY, named))
    assert answer.status_code == 401
    assert "begins with v2=" in answer.json()["detail"]


def test_a_covered_header_that_comes_twice_is_refused(ingest):
    target, body, headers = signed()
    for name in ("content-type", "x-newsman-id", "x-newsman-signature", "ce-type"):
        twice = [*headers.items(), (name, "other"), (name, "another")]
        answer = httpx.post(ingest.url + target, content=body, headers=twice)
        assert answer.status_code == 401, name


def test_no_secret_and_no_signature_is_in_the_log(ingest):
    request = signed()
    post(ingest, request)
    post(ingest, request, X_Newsman_Id="changed-by-somebody")
    assert SECRET not in ingest.log()
    assert request[2]["x-newsman-signature"] not in ingest.log()


def documented(pattern: str) -> list[str]:
    text = SECURE_PAGE.read_text().partition("## Signed requests")[2].partition("\n## ")[0]
    return re.findall(pattern, text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_examples_of_the_documentation_are_taken(ingest, stored, tmp_path, language):
    (tmp_path / "story.json").write_bytes(BODY)
    (text,) = documented(rf"```{language}[ a-z]*\n(.*?)```")
    program = text.replace("http://127.0.0.1:8080", ingest.url)
    assert program != text
    run = ["bash", "-euc", program] if language == "sh" else [sys.executable, "-c", program]
    done = subprocess.run(
        run,
        cwd=tmp_path,
        env={**os.environ, "SECRET": SECRET},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["status"] == "accepted", done.stderr
    assert stored() == [ARTICLE["uri"]]


def test_the_vectors_of_the_documentation_are_right():
    plain, full = documented(r"^v2=[0-9a-f]{64}$")
    body, kind = b'{"headline":"A test"}', ("content-type", "application/json")
    options = {"now": 1772366400, "request_id": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    head = RequestHead("POST", "/v1/articles", (kind,))
    assert signature_headers(head, body, SECRET, **options)["x-newsman-signature"] == plain
    more = (("content-encoding", "gzip"), ("idempotency-key", "k-1"), ("ce-type", "news"))
    target = "/v1/articles?format=ninjs"
    head = RequestHead("POST", target, (kind, *more, ("ce-id", "7")))
    assert signature_headers(head, body, SECRET, **options)["x-newsman-signature"] == full
    lines = ["v2", "1772366400", options["request_id"], "POST", target, "application/json", "gzip"]
    lines += [hashlib.sha256(body).hexdigest(), "ce-id:7", "ce-type:news", "idempotency-key:k-1"]
    digest = hmac.new(SECRET.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
    assert full == f"v2={digest}"
