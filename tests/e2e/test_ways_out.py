"""One push, out by every way there is, and the kill that follows it."""

import email
import email.policy
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import redis
from aiosmtpd.controller import Controller
from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from standardwebhooks import Webhook

from newsman.kafka.log import open_log
from newsman.redis.keys import DeliverKeys, QueueKeys
from newsman_schemas.names.slugs import slugify

Told = tuple[str, str]
"""An event's name, and the article."""


class Outside:
    """A receiver that takes whatever is posted to it, and echoes the challenges of hubs."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def of(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        return [(headers, body) for at, headers, body in tuple(self.posts) if at == path]


@pytest.fixture
def outside() -> Iterator[Outside]:
    outside = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            outside.posts.append((self.path, headers, body))
            self._answer(b"")

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            outside.asked.append(asked)
            self._answer("".join(asked.get("hub.challenge", ())).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outside.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield outside
    server.shutdown()
    server.server_close()


class Mailbox:
    """Keeps the subjects of what comes."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.subjects.append(message["subject"])
        return "250 OK"


@pytest.fixture
def mailbox(newsroom) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    server = urlsplit(newsroom.services["deliver"].env["NEWSMAN_SMTP_URL"])
    controller = Controller(mailbox, hostname=server.hostname, port=server.port)
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture
def topic(newsroom) -> Iterator[str]:
    """A topic that is none of Newsman's."""
    name = f"archive-{uuid.uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=newsroom.bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    yield name
    admin.delete_topics([name])
    admin.close()


@pytest.fixture
def operator(newsroom) -> Iterator[httpx.Client]:
    """The API of deliver, for whom it serves everything."""
    deliver = newsroom.services["deliver"]
    token = Path(deliver.env["NEWSMAN_OPERATOR_TOKEN_FILE"]).read_text()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=deliver.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def push(newsroom) -> Callable[..., str]:
    def push(uri: str, **fields: object) -> str:
        body = {"uri": uri, "body_text": "The quay is closed until Friday.", **fields}
        headers = {"Authorization": "Bearer demo-key"}
        answer = httpx.post(f"{newsroom.url('ingest')}/v1/articles", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    return push


class Ways:
    """A subscription by each way out, and what each was told."""

    def __init__(self, newsroom, operator, outside, topic, folder, section, feed) -> None:
        self.newsroom, self.operator, self.outside = newsroom, operator, outside
        self.topic, self.folder, self.section, self.feed = topic, folder, section, feed
        targets = {
            "webhook": f"{outside.url}/hook",
            "superdesk": f"{outside.url}/push",
            "email": "desk@example.org",
            "kafka": f"kafka://{newsroom.bootstrap}/{topic}",
            "s3": f"file://{folder}",
            "pull": "",
            "stream": "",
        }
        self.made = {kind: self._subscribe(kind, url) for kind, url in targets.items()}
        self._streamed: list[Told] = []
        self._cursor: str | None = None
        self._fetched: list[Told] = []

    def _subscribe(self, kind: str, url: str) -> dict[str, Any]:
        wish = {"kind": kind, "filter": {"section": self.section}} | ({"url": url} if url else {})
        answer = self.operator.post("/v1/subscriptions", json=wish)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def subscribe_at_the_hub(self) -> None:
        form = {"hub.mode": "subscribe", "hub.topic": self.feed, "hub.secret": "s3cret"}
        form["hub.callback"] = f"{self.outside.url}/reader"
        assert self.operator.post("/hub", data=form).status_code == 202

    def is_at_the_hub(self) -> bool:
        listed = self.operator.get("/v1/subscriptions", params={"owner": "hub"}).json()["items"]
        return self.feed in [each["options"].get("topic") for each in listed]

    def follow(self, response: httpx.Response) -> None:
        """Reads a stream until it tells of a kill."""
        for line in response.iter_lines():
            if line.startswith("data: "):
                self._streamed.append(_told(json.loads(line.removeprefix("data: "))))
                if self._streamed[-1][0] == "article.killed":
                    return

    def send_what_is_due_later(self, kind: str, article: str) -> bool:
        """Has a file written now, not at the end of its hour; False while nothing waits for it."""
        ident = self.made[kind]["id"]
        with redis.Redis.from_url(self.newsroom.redis_url) as client:
            due = QueueKeys(self.newsroom.namespace, ident).due
            if client.zscore(due, article) is None:
                return False
            client.zadd(due, {article: 0}, xx=True)
            client.zadd(DeliverKeys(self.newsroom.namespace).ready, {ident: 0})
            return True

    def told(self, article: str) -> dict[str, list[str]]:
        """The events of an article that came by each way, in order."""
        return {
            way: [event for event, about in told if about == article]
            for way, told in self._told().items()
        }

    def _told(self) -> dict[str, list[Told]]:
        return {
            "webhook": [_told(json.loads(body)) for _, body in self.outside.of("/hook")],
            "kafka": [_told(json.loads(value)) for value in self._records()],
            "s3": sorted(self._lines(), reverse=True),
            "pull": self._fetch(),
            "stream": list(self._streamed),
        }

    def _records(self) -> list[bytes]:
        with open_log(self.newsroom.bootstrap, client_id="test") as log:
            return [record.value for record in log.read_all(self.topic)]

    def _lines(self) -> list[Told]:
        files = self.folder.glob("*/*/*/*/*.ndjson")
        lines = [line for file in files for line in file.read_text().splitlines()]
        return [(line["event"], line["article"]) for line in map(json.loads, lines)]

    def _fetch(self) -> list[Told]:
        query = {"cursor": self._cursor} if self._cursor else {}
        page = self.operator.get(self.made["pull"]["links"]["events"], params=query).json()
        self._cursor = page["next"]
        self._fetched += [_told(item) for item in page["items"]]
        return list(self._fetched)


def _told(message: dict[str, Any]) -> Told:
    return message["type"], message["data"]["id"]


def test_a_push_and_its_kill_leave_by_every_way(
    newsroom, operator, outside, mailbox, topic, push, tmp_path, eventually
):
    mark = uuid.uuid4().hex[:8]
    section, headline, uri = f"Quay {mark}", f"Quay {mark} is closed", f"urn:quay:{mark}"
    push(f"{uri}:before", headline="Quay opens", section=section)
    feed = f"{newsroom.url('feeds')}/sections/{slugify(section)}.atom"
    eventually(lambda: httpx.get(feed).status_code == 200)
    ways = Ways(newsroom, operator, outside, topic, tmp_path / "archive", section, feed)
    ways.subscribe_at_the_hub()
    eventually(ways.is_at_the_hub, what=lambda: f"the hub subscribes: {outside.asked}")
    article = ""

    def has_come(*events: str) -> bool:
        return all(each == list(events) for each in ways.told(article).values())

    def pushed() -> list[str]:
        items = [json.loads(body) for _, body in outside.of("/push")]
        return [item["pubstatus"] for item in items if item["guid"] == uri]

    with operator.stream("GET", ways.made["stream"]["links"]["stream"]) as response:
        threading.Thread(target=ways.follow, args=(response,), daemon=True).start()
        article = push(uri, headline=headline, section=section)
        eventually(lambda: ways.send_what_is_due_later("s3", article))
        eventually(
            lambda: has_come("article.published"), what=lambda: f"all tell: {ways.told(article)}"
        )
        eventually(lambda: headline in mailbox.subjects)
        eventually(lambda: pushed() == ["usable"])
        eventually(lambda: any(headline.encode() in body for _, body in outside.of("/reader")))

        push(uri, headline=headline, section=section, version=2, pubstatus="canceled")
        eventually(lambda: has_come("article.published", "article.killed"))
    eventually(lambda: mailbox.subjects[-1].startswith(f"KILLED: article {article}"))
    eventually(lambda: pushed() == ["usable", "canceled"])
    eventually(lambda: headline.encode() not in outside.of("/reader")[-1][1])

    for headers, body in outside.of("/hook"):
        assert Webhook(ways.made["webhook"]["secret"]).verify(body, headers)
    assert all(h["x-superdesk-signature"].startswith("sha1=") for h, _ in outside.of("/push"))
    headers, _ = outside.of("/reader")[0]
    assert headers["content-type"].startswith("application/atom+xml")
    assert f'<{ways.feed}>; rel="self"' in headers["link"]
    assert headers["x-hub-signature"].startswith("sha256=")
    contents = [body for _, body in outside.of("/reader")]
    assert len(contents) == len(set(contents))

    def holders() -> set[str]:
        ledger = operator.get(f"/v1/ledger/{article}").json()
        return {holder["channel"] for holder in ledger["holders"]}

    eventually(lambda: holders() >= {*ways.made, "websub"})
