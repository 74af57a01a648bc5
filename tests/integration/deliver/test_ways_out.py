"""Articles through the whole of deliver to a feed reader, a mailbox and a Newsroom."""

import email
import email.policy
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from tests.conftest import wait_until
from tests.ports import free_port

from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import (
    HUB,
    OPERATOR,
    Secret,
    Subscription,
    SubscriptionState,
)

SITE = "https://news.example"
TOPIC = f"{SITE}/feed?source=harbour&format=atom&limit=20"
NAMED = f"{SITE}/feed?limit=20&source=Harbour"
GONE = "gone@example.org"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Receiver:
    """Keeps what is posted to it."""

    def __init__(self):
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200

    def bodies(self, path: str) -> list[bytes]:
        return [body for at, _, body in self.posts if at == path]


@pytest.fixture
def receiver():
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            challenge = parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode()
            self.send_response(200)
            self.send_header("content-length", str(len(challenge)))
            self.end_headers()
            self.wfile.write(challenge)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.posts.append((self.path, headers, body))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


class Mailbox:
    def __init__(self):
        self.contents: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address == GONE:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.contents.append(envelope.content)
        return "250 OK"

    def subjects(self) -> list[str]:
        read = [
            email.message_from_bytes(content, policy=email.policy.default)
            for content in self.contents
        ]
        return [message["subject"] for message in read]


@contextmanager
def mail_server():
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def stack(start_service):
    """Feeds and deliver, which reads it and may reach loopback."""

    def start(smtp_url: str):
        feeds = start_service(
            "feeds", NEWSMAN_PUBLIC_URL=SITE, NEWSMAN_HUB_URL="https://hub.example/hub"
        )
        deliver = start_service(
            "deliver",
            NEWSMAN_PUBLIC_URL=SITE,
            NEWSMAN_FEEDS_URL=feeds.url,
            NEWSMAN_OUTBOUND_NETWORKS="127.0.0.0/8",
            NEWSMAN_OUTBOUND_PORTS="1-65535",
            NEWSMAN_SMTP_URL=smtp_url,
            NEWSMAN_MAIL_FROM="news@harbour.example",
            NEWSMAN_DELIVER_URL="https://out.example",
            NEWSMAN_UNSUBSCRIBE_SECRET="a secret of this house",
        )
        feeds.wait_ready()
        return deliver.wait_ready()

    return start


def wish(letter: str, kind: str, target: str, **fields) -> Subscription:
    values = {"owner": OPERATOR, "payload": "thin", "created_at": NOW, "changed_at": NOW}
    return Subscription(id=letter * 16, kind=kind, target=target, **(values | fields))


def has_both(body: bytes) -> bool:
    return b"Harbour story 1" in body and b"Harbour story 2" in body


def killed(event: ArticlePublished) -> ArticlePublished:
    gone = {"action": "killed", "article": None, "event_id": "kill", "version": 2, "revision": 2}
    return event.model_copy(update=gone)


def test_a_feed_reader_a_mailbox_and_a_newsroom_are_told_and_hear_of_a_kill(
    stack, subscribe, subscribed, store, emit, event, receiver
):
    store()
    subscribe(wish("b", "email", "desk@example.org"))
    subscribe(wish("e", "email", GONE))
    subscribe(
        wish(
            "c",
            "websub",
            f"{receiver.url}/late",
            owner=HUB,
            options={"topic": TOPIC},
            expires_at=NOW,
        )
    )
    subscribe(
        wish(
            "d",
            "superdesk",
            f"{receiver.url}/push",
            payload="ninjs-superdesk",
            secrets=(Secret(value="s3cret"),),
        )
    )
    with mail_server() as (mailbox, smtp_url):
        deliver = stack(smtp_url)
        asked = {"mode": "subscribe", "topic": NAMED, "callback": f"{receiver.url}/reader"}
        asked["secret"] = "s3cret"
        form = {f"hub.{name}": value for name, value in asked.items()}
        assert httpx.post(f"{deliver.url}/hub", data=form).status_code == 202
        wait_until(lambda: any(one.target.endswith("/reader") for one in subscribed().values()))
        first = event(1)
        emit(first, event(2))
        wait_until(
            lambda: any(
                b"Harbour story 2" in body and b"Harbour story 1" in body
                for body in receiver.bodies("/reader")
            )
        )
        wait_until(lambda: len(mailbox.contents) == 2)
        assert sorted(mailbox.subjects()) == [
            "Harbour story 1, revision 1",
            "Harbour story 2, revision 1",
        ]
        wait_until(lambda: len(receiver.bodies("/push")) == 2)
        items = [json.loads(body) for body in receiver.bodies("/push")]
        assert {item["guid"] for item in items} == {"urn:harbour:1", "urn:harbour:2"}
        assert {item["pubstatus"] for item in items} == {"usable"}
        headers = next(headers for path, headers, _ in receiver.posts if path == "/reader")
        assert headers["content-type"].startswith("application/atom+xml")
        assert f'<{TOPIC}>; rel="self"' in headers["link"]
        assert 'rel="hub"' in headers["link"]
        assert headers["x-hub-signature"].startswith("sha256=")

        emit(killed(first))
        wait_until(lambda: b"Harbour story 1" not in receiver.bodies("/reader")[-1])
        wait_until(lambda: len(mailbox.contents) == 3)
        wait_until(lambda: len(receiver.bodies("/push")) == 3)
        kill = json.loads(receiver.bodies("/push")[-1])
        assert (kill["guid"], kill["pubstatus"]) == ("urn:harbour:1", "canceled")
        assert mailbox.subjects()[-1].startswith("KILLED: article ")
        assert receiver.bodies("/late") == []
        gone = wait_until(lambda: (one := subscribed()["e" * 16]).reason and one)
        assert (gone.state, gone.reason) == (
            SubscriptionState.PAUSED,
            "the mail server refuses the address: 550 5.1.1 no such user",
        )
        bodies = receiver.bodies("/reader")
        assert len(bodies) == len(set(bodies))
