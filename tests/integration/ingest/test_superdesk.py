"""A sender that behaves as Superdesk's HTTP push does, against the real service."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.log import records_on

from newsman.assets.store import AssetStore
from newsman.kafka.records import decode
from newsman.web.signed_requests import RequestHead, signature_headers
from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import ArticleReceived, article_id

SECRET = "a secret of the desk"
ITEM = {
    "guid": "urn:newsml:desk.example:2026-03-01:1",
    "version": "2",
    "type": "text",
    "headline": "Ferry returns to the fjord",
    "body_html": "<p>It did.</p>",
    "versioncreated": "2026-03-01T08:00:57+0000",
    "pubstatus": "usable",
    "associations": {"featuremedia": None},
    "service": [{"name": "Local", "code": "l"}],
    "extra": {"mood": "calm"},
}


class Superdesk:
    """Posts an item as the transmitter does: one body, signed whole, JSON both ways."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._url, self._secret = url, secret

    def push(self, item: object, path: str = "/push", **headers: str) -> httpx.Response:
        body = item if isinstance(item, bytes) else json.dumps(item).encode()
        digest = hmac.new(self._secret.encode(), body, hashlib.sha1).hexdigest()
        sent = {
            "Content-type": "application/json",
            "Accept": "application/json",
            "x-superdesk-signature": f"sha1={digest}",
            **headers,
        }
        return self._http.post(path, content=body, headers=sent)

    def send_media(self, media_id: str, content: bytes, path: str = "/push_binary") -> list[int]:
        """Asks without a signature, then posts what is not there; the statuses it got."""
        asked = httpx.get(f"{self._url}{path}/{media_id}").status_code
        if asked == 200:
            return [asked]
        form = httpx.Request(
            "POST",
            "http://unused",
            data={"media_id": media_id},
            files={"media": (media_id, content, "image/png")},
        )
        body = form.read()
        answer = self.push(body, path, **{"Content-type": form.headers["content-type"]})
        assert answer.status_code != 201 or answer.json() == {"status": "OK"}
        return [asked, answer.status_code]

    def close(self) -> None:
        self._http.close()


def assets_url(folder: Path) -> str:
    return (folder / "assets").as_uri()


@pytest.fixture
def ingest(start_service, tmp_path):
    sources = tmp_path / "signed-sources.toml"
    sources.write_text(
        f'[sources.wire]\nsecrets = ["{SECRET}"]\nunsigned_binary_checks = true\n'
        f'[sources.slow]\nsecrets = ["{SECRET} too"]\npushes_per_minute = 1\n'
    )
    return start_service(
        "ingest", NEWSMAN_SOURCES_FILE=str(sources), NEWSMAN_ASSETS_URL=assets_url(tmp_path)
    ).wait_ready()


@pytest.fixture
def superdesk(ingest):
    sender = Superdesk(ingest.url)
    yield sender
    sender.close()


@pytest.fixture
def on_topic(kafka_bootstrap, topics):
    def read(name, event):
        records = records_on(kafka_bootstrap, f"{topics}.{name}")
        return [decode(event, record.value) for record in records]

    return read


def test_an_item_is_answered_as_newsroom_does_and_is_on_the_topic(superdesk, on_topic):
    answer = superdesk.push(ITEM)
    assert (answer.status_code, answer.json()) == (200, {})
    (event,) = on_topic("article-received.v1", ArticleReceived)
    article = event.article
    assert article.id == article_id("wire", ITEM["guid"])
    assert (article.version, article.section) == (2, "Local")
    assert article.version_created.isoformat() == "2026-03-01T08:00:57+00:00"
    assert article.extra["mood"] == "calm"


def test_retries_and_old_versions_late_are_all_taken(superdesk, on_topic):
    versions = ["3", "1", "2", "3", "1"]
    for version in versions:
        assert superdesk.push({**ITEM, "version": version}).status_code == 200
    events = on_topic("article-received.v1", ArticleReceived)
    assert [str(event.article.version) for event in events] == versions
    assert len({event.event_id for event in events}) == 3


def test_a_push_without_associations_and_a_kill_are_whole_versions(superdesk, on_topic):
    answers = [
        superdesk.push(PICTURED),
        superdesk.push({**ITEM, "version": "3", "associations": {}}),
        superdesk.push(
            {"guid": ITEM["guid"], "type": "text", "version": 4, "pubstatus": "canceled"}
        ),
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"{}")] * 3
    told = [event.article for event in on_topic("article-received.v1", ArticleReceived)]
    assert [set(article.associations) for article in told] == [{"featuremedia"}, set(), set()]
    assert [len(article.images) for article in told] == [1, 0, 0]
    assert [article.version for article in told] == [2, 3, 4]
    assert [str(article.pubstatus) for article in told] == ["usable", "usable", "canceled"]


def test_a_wrong_signature_is_nobodys(ingest, on_topic):
    stranger = Superdesk(ingest.url, secret="a secret of somebody else")
    assert stranger.push(ITEM).status_code == 403
    assert stranger.push(ITEM, path="/api/v1/content/push").status_code == 401
    assert stranger.push(ITEM, path="/v1/articles").status_code == 401
    stranger.close()
    assert on_topic("article-received.v1", ArticleReceived) == []


def test_no_signature_at_all_is_nobodys(ingest):
    assert httpx.post(f"{ingest.url}/push", json=ITEM).status_code == 403
    assert httpx.post(f"{ingest.url}/api/v2/content/push", json=ITEM).status_code == 401


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ({"type": "text", "headline": "No name"}, {"guid": 1}),
        ({"guid": "urn:1", "headline": "No type"}, {"type": 1}),
        ({"guid": "urn:1", "type": "morse"}, {"type": 1}),
    ],
)
def test_what_newsroom_asserts_is_answered_alike(superdesk, item, error):
    answer = superdesk.push(item)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b'{"guid": "a"'])
def test_what_is_no_item_is_a_400(superdesk, body):
    assert superdesk.push(body).status_code == 400


def test_a_wrong_field_is_named(superdesk):
    answer = superdesk.push({**ITEM, "pubstatus": "perhaps"})
    assert answer.status_code == 400
    assert list(answer.json()["error"]) == ["pubstatus"]


@pytest.mark.parametrize("path", ["/api/v1/content/push", "/api/v2/content/push"])
def test_web_publisher_answers_201(superdesk, path):
    assert superdesk.push(ITEM, path=path).status_code == 201


@pytest.mark.parametrize("kind", ["event", "planning", "planning_featured"])
def test_the_agenda_is_passed_on_and_not_published(superdesk, on_topic, kind):
    sent = {"guid": f"urn:{kind}:1", "type": kind, "name": "Council meets", "dates": {"tz": "UTC"}}
    assert superdesk.push(sent).status_code == 200
    (event,) = on_topic("agenda-item-received.v1", AgendaItemReceived)
    assert (event.kind, event.item) == (kind, sent)
    assert on_topic("article-received.v1", ArticleReceived) == []


def test_a_source_over_its_rate_is_told_to_come_again_not_to_give_up(ingest):
    slow = Superdesk(ingest.url, secret=f"{SECRET} too")
    assert slow.push(ITEM).status_code == 200
    again = slow.push(ITEM)
    assert again.status_code == 503
    assert 1 <= int(again.headers["retry-after"]) <= 61
    elsewhere = slow.push(ITEM, path="/v1/articles")
    assert elsewhere.status_code == 429
    slow.close()


def test_secrets_and_signatures_are_not_in_the_log(ingest, superdesk):
    superdesk.push(ITEM)
    superdesk.push({**ITEM, "pubstatus": "perhaps"})
    superdesk.push(b"{")
    log = ingest.log()
    assert SECRET not in log
    assert "sha1=" not in log


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PICTURED = {
    **ITEM,
    "associations": {
        "featuremedia": {
            "type": "picture",
            "guid": "urn:picture",
            "headline": "The ferry",
            "renditions": {
                "original": {
                    "href": "http://superdesk.invalid/1",
                    "media": "20260301/pic.png",
                    "mimetype": "image/png",
                    "width": 640,
                    "height": 480,
                },
                "gone": {"href": "http://superdesk.invalid/2", "media": "never-sent"},
            },
        }
    },
}


@pytest.mark.parametrize("path", ["/push_binary", "/assets"])
def test_media_go_first_and_the_item_then_leads_to_them(superdesk, on_topic, tmp_path, path):
    assert superdesk.send_media("20260301/pic.png", PNG, path) == [404, 201]
    assert superdesk.send_media("20260301/pic.png", PNG, path) == [200]
    assert superdesk.push(PICTURED).status_code == 200
    (event,) = on_topic("article-received.v1", ArticleReceived)
    renditions = event.article.associations["featuremedia"]["renditions"]
    assert renditions["gone"]["href"] == "http://superdesk.invalid/2"
    href = renditions["original"]["href"]
    store = AssetStore(assets_url(tmp_path))
    asset = store.find(href.rpartition("/")[2])
    assert (asset.mimetype, b"".join(store.chunks(asset))) == ("image/png", PNG)
    assert event.article.images[0].href == href


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"no form at all", "multipart/form-data; boundary=x", 400),
        (b"no form at all", "multipart/form-data", 400),
        (b"{}", "application/json", 400),
        (b'--x\r\nContent-Disposition: form-data; name="media_id"\r\n\r\na\r\n--x--\r\n',
         "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
def test_a_form_without_a_file_is_refused(superdesk, body, kind, status):
    assert superdesk.push(body, "/push_binary", **{"Content-type": kind}).status_code == status


@pytest.fixture
def ask(start_service, tmp_path):
    """Stores files of two sources; answers what `GET /push_binary/ID` says then, and of which."""

    def ask(first: str = "", second: str = "") -> Callable[..., int]:
        sources = tmp_path / "two-sources.toml"
        sources.write_text(
            f'[sources.wire]\nsecrets = ["{SECRET}"]\nkeys = ["{digest_of("wire-key")}"]\n{first}\n'
            f'[sources.rival]\nsecrets = ["{SECRET} no"]\nkeys = ["{digest_of("rival-key")}"]\n'
            f"{second}\n"
        )
        service = start_service(
            "ingest", NEWSMAN_SOURCES_FILE=str(sources), NEWSMAN_ASSETS_URL=assets_url(tmp_path)
        ).wait_ready()
        store = AssetStore(assets_url(tmp_path))
        store.put("wire", "both", PNG, "image/png")
        store.put("rival", "both", PNG, "image/png")
        store.put("wire", "own", PNG, "image/png")

        def asked(media_id: str, path: str = "/push_binary", **headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return httpx.get(f"{service.url}{path}/{media_id}", headers=named).status_code

        return asked

    return ask


def digest_of(key: str) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def signed_question(target: str, secret: str = SECRET, **changed) -> dict[str, str]:
    head = RequestHead("GET", target, ())
    options = {"now": time.time(), "request_id": uuid.uuid4().hex, **changed}
    return signature_headers(head, b"", secret, **options)


def test_without_the_setting_nobody_is_told_of_a_file_but_its_source(ask):
    asked = ask()
    for name in ("own", "both", "nothing"):
        assert asked(name) == asked(name, "/assets") == 404
    assert asked("own", Authorization="Bearer wire-key") == 200
    assert asked("nothing", Authorization="Bearer wire-key") == 404
    assert asked("own", Authorization="Bearer rival-key") == 404
    assert asked("own", **signed_question("/push_binary/own")) == 200
    assert asked("own", "/assets", **signed_question("/assets/own")) == 200
    assert asked("own", **signed_question("/push_binary/own", f"{SECRET} no")) == 404


def test_a_question_of_nobody_is_refused_whatever_is_here(ask):
    asked = ask("unsigned_binary_checks = true")
    for name in ("own", "nothing"):
        target = f"/push_binary/{name}"
        assert asked(name, Authorization="Bearer nobody") == 403
        assert asked(name, **signed_question(target, "a secret of nobody")) == 403
        assert asked(name, **signed_question("/push_binary/both")) == 403
        assert asked(name, **signed_question(target, now=time.time() - 400)) == 403
    # A signature of an empty body says nothing of what is asked.
    nothing = hmac.new(SECRET.encode(), b"", hashlib.sha1).hexdigest()
    assert ask()("own", x_superdesk_signature=f"sha1={nothing}") == 404


def test_with_the_setting_superdesk_hears_what_it_must_send_and_nothing_of_others(ask):
    asked = ask("unsigned_binary_checks = true")
    assert [asked(name) for name in ("own", "both", "nothing")] == [200, 200, 404]
    asked = ask(second="unsigned_binary_checks = true")
    assert [asked(name) for name in ("own", "both")] == [404, 200]


def test_of_two_superdesks_none_is_told_that_the_others_file_is_its_own(ask):
    allowed = "unsigned_binary_checks = true"
    asked = ask(allowed, allowed)
    assert [asked(name) for name in ("own", "both", "nothing")] == [404, 200, 404]


def test_a_file_with_a_wrong_signature_is_not_stored(ingest):
    stranger = Superdesk(ingest.url, secret="a secret of somebody else")
    assert stranger.send_media("x", PNG) == [404, 403]
    assert stranger.send_media("x", PNG) == [404, 403]
    stranger.close()
