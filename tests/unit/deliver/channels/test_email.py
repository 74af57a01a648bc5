"""E-mails on a real SMTP server: what they say, how they are ended, what becomes of refusals."""

import asyncio
import email
import email.policy
import re
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address

import httpx
import pytest
from aiosmtpd.controller import Controller
from starlette.applications import Starlette
from tests.ports import free_port
from tests.unit.deliver.channels.context import NOW, channel_context, delivery, subscription

from newsman.deliver.channels.channel import BadSubscription
from newsman.deliver.channels.email import EmailChannel, MailOffice, open_channel
from newsman.deliver.mail.messages import Sender, is_address, one_line
from newsman.deliver.mail.routes import UnsubscribeRoutes
from newsman.deliver.mail.server import BadMailServer, MailServer, read_mail_server
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import EnrichedArticle, Enrichment
from newsman_schemas.subscriptions import OPERATOR, SubscriptionChanged, SubscriptionState

SECRET = "a secret of this house"
DESK = "desk@example.org"


class Mailbox:
    """Takes mail, unless it is told what to answer."""

    def __init__(self):
        self.messages = []
        self.rcpt, self.data = "250 OK", ["250 OK"]
        self.most_at_once = self._at_once = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        answer = self.data.pop(0) if len(self.data) > 1 else self.data[0]
        if answer.startswith("250"):
            self.messages.append(envelope)
        return answer

    def read(self, number=-1):
        return email.message_from_bytes(self.messages[number].content, policy=email.policy.default)


@contextmanager
def mail_server():
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


def channel_at(port, timeout_seconds=10.0):
    sender = Sender(
        Address("Harbour News", addr_spec="news@harbour.example"),
        "Harbour News",
        "https://news.example",
    )
    office = MailOffice(
        MailServer("127.0.0.1", port, is_tls=False), sender, "https://out.example/", SECRET
    )
    return EmailChannel(office, timeout_seconds=timeout_seconds)


def article(**fields):
    values = {
        "id": "b" * 16,
        "source": "harbour",
        "uri": "urn:harbour:1",
        "version_created": NOW,
        "headline": "Fähre fährt <wieder> & mehr",
        "slug": "ferry",
        "byline": "By Ada",
        "summary": "It did.",
        "enrichment": Enrichment(status="done", method="none", duration_ms=0),
    }
    return EnrichedArticle(**(values | fields))


def told(event="article.published", number=1, **fields):
    gone = event in ("article.killed", "article.withdrawn")
    return delivery(
        b"{}",
        event,
        id=f"msg_{number}",
        article=None if gone else article(**fields),
        occurred_at=NOW + timedelta(minutes=number),
    )


def send(channel, deliveries, **options):
    wish = subscription("email", DESK, options=options)
    return asyncio.run(channel.send(wish, deliveries))


def body_of(message, kind):
    return message.get_body((kind,)).get_content()


def test_an_article_comes_as_text_and_as_html():
    with mail_server() as (mailbox, port):
        (answer,) = send(channel_at(port), [told()])
    assert answer.status == 200
    envelope, message = mailbox.messages[0], mailbox.read()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("news@harbour.example", [DESK])
    assert message["subject"] == "Fähre fährt <wieder> & mehr"
    assert message["from"] == "Harbour News <news@harbour.example>"
    assert body_of(message, "plain").splitlines()[:4] == [
        "Fähre fährt <wieder> & mehr",
        "By Ada",
        "It did.",
        f"https://news.example/articles/{'b' * 16}",
    ]
    page = body_of(message, "html")
    assert "Fähre fährt &lt;wieder&gt; &amp; mehr</a>" in page
    assert f'href="https://news.example/articles/{"b" * 16}"' in page
    assert message["message-id"] == "<msg_1@harbour.example>"
    assert message["auto-submitted"] == "auto-generated"


def test_a_message_is_shown_without_the_link_that_ends_the_subscription():
    with mail_server() as (mailbox, port):
        (answer,) = send(channel_at(port), [told()])
        digest = send(channel_at(port), [told(), told(number=2)], digest="day")
    message = mailbox.read(0)
    link = message["list-unsubscribe"].strip("<>")
    assert answer.request is not None
    assert answer.request.headers["subject"] == "Fähre fährt <wieder> & mehr"
    assert "list-unsubscribe" not in answer.request.headers
    shown = answer.request.body.decode()
    whole = shown.replace("Unsubscribe: …", f"Unsubscribe: {link}")
    assert whole.splitlines() == body_of(message, "plain").splitlines()
    assert link not in shown
    assert [each.request for each in digest] == [None, None]


def test_one_click_ends_it():
    with mail_server() as (mailbox, port):
        send(channel_at(port), [told()])
    message = mailbox.read()
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(
        r"<(https://out\.example/unsubscribe/a{16}/[0-9a-f]{32})>", message["list-unsubscribe"]
    )
    assert link[1] in body_of(message, "plain")
    assert link[1] in body_of(message, "html")


def test_a_kill_is_told_without_the_text_and_stands_with_what_was_told():
    with mail_server() as (mailbox, port):
        answers = send(channel_at(port), [told(), told("article.killed", 2)])
    assert [answer.status for answer in answers] == [200, 200]
    first, kill = mailbox.read(0), mailbox.read(1)
    assert kill["subject"].startswith("KILLED: article bbbb")
    assert "Do not use it" in body_of(kill, "plain")
    assert "Fähre" not in mailbox.messages[1].content.decode()
    assert kill["references"] == kill["in-reply-to"] == first["references"]


def test_a_digest_has_all_in_one_and_kills_by_themselves():
    deliveries = [
        told(number=1, headline="First"),
        told("article.updated", 2, headline="Second"),
        told("article.killed", 3),
    ]
    with mail_server() as (mailbox, port):
        answers = send(channel_at(port), deliveries, digest="day")
    assert [answer.status for answer in answers] == [200] * 3
    assert len(mailbox.messages) == 2
    assert mailbox.read(0)["subject"].startswith("KILLED")
    digest = mailbox.read(1)
    assert digest["subject"] == "Harbour News: 2 articles"
    plain = body_of(digest, "plain")
    assert plain.index("Updated: Second") < plain.index("First")
    assert "List-Unsubscribe=One-Click" in digest["list-unsubscribe-post"]


@pytest.mark.parametrize(
    "headline",
    [
        "News\r\nBcc: everybody@example.org",
        "News\nX-Spam: no",
        "News\r\n\r\n<html>a body",
        "News\x00\x0b\x0c\x85\u2028Bcc: everybody@example.org",
        "=?utf-8?q?News=0D=0ABcc:_everybody=40example.org?=",
        "=?utf-8?b?TmV3cw0KQmNjOiBldmVyeWJvZHlAZXhhbXBsZS5vcmc=?=",
        "==??utf-8?q?=0D=0ABcc:_everybody=40example.org?=",
        "x" * 1_000,
        "‮ right to left",
    ],
)
def test_no_headline_adds_a_header(headline):
    with mail_server() as (mailbox, port):
        (answer,) = send(channel_at(port), [told("article.updated", headline=headline)])
    assert answer.status == 200
    message = mailbox.read()
    assert message["bcc"] is None
    assert message["x-spam"] is None
    assert sorted(set(map(str.lower, message.keys()))) == sorted(
        "auto-submitted content-type date from list-id list-unsubscribe list-unsubscribe-post "
        "message-id mime-version precedence references subject to".split()
    )
    assert mailbox.messages[0].rcpt_tos == [DESK]


@pytest.mark.parametrize(
    ("rcpt", "data", "status"),
    [
        ("550 5.1.1 no such user", "250 OK", 500),
        ("450 4.2.1 try later", "250 OK", 503),
        ("250 OK", "451 4.3.0 busy", 503),
        ("250 OK", "554 5.7.1 looks like spam", 500),
    ],
)
def test_refusals_become_answers(rcpt, data, status):
    with mail_server() as (mailbox, port):
        mailbox.rcpt, mailbox.data = rcpt, [data]
        (answer,) = send(channel_at(port), [told()])
    assert answer.status == status
    assert mailbox.messages == []
    assert answer.is_refused == rcpt.startswith("550")
    if answer.is_refused:
        assert answer.detail == "the mail server refuses the address: 550 5.1.1 no such user"


def test_a_crowd_of_recipients_does_not_flood_the_server():
    with mail_server() as (mailbox, port):

        async def scenario():
            channel = channel_at(port, timeout_seconds=60)
            wishes = [subscription("email", f"desk{n}@example.org") for n in range(40)]
            answers = await asyncio.gather(*(channel.send(one, [told()]) for one in wishes))
            return {answer.status for (answer,) in answers}

        assert asyncio.run(scenario()) == {200}
    assert len(mailbox.messages) == 40
    assert mailbox.most_at_once <= 8


def test_an_address_that_is_no_page_is_not_linked_to():
    with mail_server() as (mailbox, port):
        send(channel_at(port), [told(canonical_url="javascript:alert(1)")])
    assert b"javascript" not in mailbox.messages[0].content


def test_a_refused_message_does_not_hold_up_the_next():
    with mail_server() as (mailbox, port):
        mailbox.data = ["451 busy", "250 OK"]
        answers = send(channel_at(port), [told(number=1), told(number=2)])
    assert [answer.status for answer in answers] == [503, 200]


def test_no_server_is_no_answer():
    (answer,) = send(channel_at(free_port()), [told()])
    assert answer.status is None
    assert answer.detail.startswith("the mail server can't be used")


def test_a_server_that_says_nothing_ends_with_the_time():
    async def scenario():
        left = asyncio.Event()

        async def silent(reader, writer):
            await reader.read()
            writer.close()
            await writer.wait_closed()
            left.set()

        server = await asyncio.start_server(silent, "127.0.0.1", port := free_port())
        wish = subscription("email", DESK)
        (answer,) = await channel_at(port, timeout_seconds=0.3).send(wish, [told()])
        await left.wait()
        server.close()
        return answer

    assert asyncio.run(scenario()).detail == "the mail server does not answer in time"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "desk",
        "desk@",
        "@example.org",
        "desk@localhost",
        "desk@example.org, other@example.org",
        "Desk <desk@example.org>",
        "desk@example.org\r\nBcc: other@example.org",
        "desk @example.org",
        "d..esk@example.org",
        ".desk@example.org",
        "désk@example.org",
        f"{'a' * 65}@example.org",
    ],
)
def test_what_is_no_address_is_refused(address):
    assert not is_address(address)
    with pytest.raises(BadSubscription) as problem:
        channel_at(25).check(subscription("email", address))
    assert problem.value.pointer == "/url"


def test_options_are_checked():
    channel_at(25).check(subscription("email", DESK, options={"digest": "hour"}))
    with pytest.raises(BadSubscription) as problem:
        channel_at(25).check(subscription("email", DESK, options={"timezone": "Nowhere"}))
    assert problem.value.pointer == "/options/timezone"


@pytest.mark.parametrize("events", [("ranking.changed",), ("article.*", "subscription.disabled")])
def test_only_articles_can_be_told_of(events):
    with pytest.raises(BadSubscription) as problem:
        channel_at(25).check(subscription("email", DESK, events=events))
    assert problem.value.pointer == f"/events/{len(events) - 1}"


def test_without_settings_there_are_no_e_mails():
    async def scenario(**settings):
        async with channel_context(**settings) as context:
            return open_channel(context)

    channel = asyncio.run(scenario())
    with pytest.raises(BadSubscription, match="NEWSMAN_SMTP_URL is not set"):
        channel.check(subscription("email", DESK))
    (answer,) = send(channel, [told()])
    assert answer.detail == "NEWSMAN_SMTP_URL is not set"


def test_addresses_of_mail_servers():
    server = read_mail_server("smtp://me%40x:pass%2Fword@mail.example")
    assert (server.host, server.port, server.user) == ("mail.example", 587, "me@x")
    assert server.needs_starttls
    assert "pass" not in repr(server)
    assert read_mail_server("smtps://a:b@mail.example").port == 465
    assert not read_mail_server("smtp://a:b@127.0.0.1:25").needs_starttls
    assert not read_mail_server("smtp://mail.example").needs_starttls
    for bad in ("mail.example", "http://mail.example", "smtp://", "smtp://a:99999", "smtp://[::1"):
        with pytest.raises(BadMailServer):
            read_mail_server(bad)


def test_a_password_does_not_go_to_a_server_without_tls(monkeypatch):
    monkeypatch.setattr(MailServer, "needs_starttls", True)
    with mail_server() as (mailbox, port):
        (answer,) = send(channel_at(port), [told()])
    assert answer.status is None
    assert mailbox.messages == []


def test_a_line_of_a_header_is_one():
    assert one_line("a\r\n b\t c\u2028d\x85e") == "a b c d e"


class Log:
    def __init__(self, registry):
        self._registry = registry

    def put(self, after):
        event = SubscriptionChanged(
            event_id="e", occurred_at=NOW, subscription_id=after.id, subscription=after, by="test"
        )
        self._registry.take_subscription(after.id, event)

    def change(self, subscription_id, change, by):
        self.put(change(self._registry.subscription(subscription_id)))


def test_the_address_ends_the_subscription_by_post_alone():
    wish = subscription("email", DESK).model_copy(update={"owner": OPERATOR})
    registry = Registry()
    log = Log(registry)
    log.put(wish)
    with mail_server() as (mailbox, port):
        send(channel_at(port), [told()])
    path = mailbox.read()["list-unsubscribe"].strip("<>").removeprefix("https://out.example")
    app = Starlette(routes=UnsubscribeRoutes(registry, log, SECRET).routes())

    async def ask(method, path, **options):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request(method, path, **options)

    shown = asyncio.run(ask("GET", path))
    assert shown.status_code == 200
    assert '<form method="post">' in shown.text
    assert registry.subscription(wish.id).state is SubscriptionState.ACTIVE

    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), path.replace("a" * 16, "b" * 16)):
        assert asyncio.run(ask("POST", wrong)).status_code == 404
    assert registry.subscription(wish.id).state is SubscriptionState.ACTIVE

    for _ in range(2):
        ended = asyncio.run(ask("POST", path, data={"List-Unsubscribe": "One-Click"}))
        assert (ended.status_code, "You are unsubscribed." in ended.text) == (200, True)
    after = registry.subscription(wish.id)
    assert (after.state, after.reason) == (
        SubscriptionState.DISABLED,
        "the recipient has unsubscribed",
    )
