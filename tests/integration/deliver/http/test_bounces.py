"""E-mails that come back, over SMTP and the pipe of a mail server, pause what they were sent by."""

import asyncio
import io
import json
import smtplib
from contextlib import contextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from types import SimpleNamespace

import httpx
import pytest
from aiosmtpd.controller import Controller
from tests.integration.deliver.edge_stack import EdgeStack
from tests.ports import free_port
from tests.unit.deliver.channels.context import delivery
from tests.unit.deliver.mail import returned
from tests.unit.deliver.mail.returned import message, postfix

from newsman.cli import main
from newsman.deliver.channels.email import EmailChannel, MailOffice
from newsman.deliver.http.edge import new_subscription_id
from newsman.deliver.mail.bounces import MOST_PASSING
from newsman.deliver.mail.links import return_path
from newsman.deliver.mail.messages import Sender
from newsman.deliver.mail.server import MailServer
from newsman.kafka.records import encode
from newsman_schemas.subscriptions import OPERATOR, Subscription, SubscriptionChanged
from newsman_schemas.topics import SUBSCRIPTION_CHANGED

BOUNCES, SECRET = "bounce@mail.news.example", "a secret of this house"
DESK = "desk@example.org"


@pytest.fixture
def subscribed(stack):
    """Has the log hold a subscription by e-mail."""

    def subscribed(target: str = DESK, kind: str = "email", **fields: object) -> Subscription:
        now = datetime.now(UTC)
        made = Subscription(
            id=new_subscription_id(),
            owner=OPERATOR,
            kind=kind,
            target=target,
            created_at=now,
            changed_at=now,
            **fields,
        )
        put(stack, made)
        return made

    return subscribed


def put(stack: EdgeStack, made: Subscription) -> None:
    event = SubscriptionChanged(
        event_id=new_subscription_id(),
        occurred_at=made.changed_at,
        subscription_id=made.id,
        subscription=made,
        by="test",
    )
    record, topic = encode(event), SUBSCRIPTION_CHANGED.full_name(stack.namespace)
    stack.producer.send(topic, key=record.key, value=record.value).get(timeout=30)


def shown(stack: EdgeStack, subscription: Subscription) -> tuple[str, str | None]:
    answer = stack.operator.get(f"/v1/subscriptions/{subscription.id}").json()
    return answer["state"], answer.get("reason")


def path_to(subscription: Subscription) -> str:
    return return_path(BOUNCES, SECRET, subscription.id, subscription.target)


def come_back(stack: EdgeStack, raw: bytes) -> httpx.Response:
    return httpx.post(f"{stack.url}/bounces", content=raw, timeout=30)


@pytest.fixture
def pipe(stack, monkeypatch, capsys):
    """`newsman subscription bounce < message`: its exit status and what it prints."""

    def pipe(raw: bytes, url: str = stack.url) -> tuple[int, str]:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setenv("NEWSMAN_DELIVER_URL", url)
            patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
            status = main(["subscription", "bounce", "--json"])
        printed = capsys.readouterr().out
        return status, json.loads(printed)["outcome"] if printed else ""

    return pipe


@contextmanager
def mail_server(handler):
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Recipients:
    """The server of those who get e-mails: takes them, and notes whom they came from."""

    def __init__(self):
        self.senders: list[str] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.senders.append(envelope.mail_from)
        return "250 OK"


class OwnServer:
    """The server that e-mails come back to, which pipes them as Postfix does."""

    def __init__(self, pipe):
        self._pipe = pipe
        self.outcomes: list[str] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        status, outcome = await asyncio.to_thread(self._pipe, envelope.content)
        self.outcomes.append(outcome)
        return "250 OK" if status == 0 else "451 4.3.0 try again"


def send(port: int, subscription: Subscription) -> None:
    sender = Sender(Address("Harbour", addr_spec="news@harbour.example"), "Harbour", "https://x")
    office = MailOffice(
        MailServer("127.0.0.1", port, is_tls=False), sender, "https://out.example", SECRET, BOUNCES
    )
    told = [delivery(b"{}", "article.killed")]
    (answer,) = asyncio.run(EmailChannel(office, timeout_seconds=10).send(subscription, told))
    assert answer.status == 200


def test_an_e_mail_that_comes_back_pauses_its_subscription_until_it_is_resumed(
    stack, subscribed, pipe
):
    wish, other, recipients, own = subscribed(), subscribed(), Recipients(), OwnServer(pipe)
    with mail_server(recipients) as port:
        send(port, wish)
    (came_from,) = recipients.senders
    with mail_server(own) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", came_from, postfix(to=came_from))
    assert own.outcomes == ["paused"]
    state, reason = shown(stack, wish)
    assert state == "paused"
    assert reason == f"e-mails to it come back: 5.1.1 smtp; {returned.UNKNOWN_USER}"
    assert shown(stack, other) == ("active", None)
    resumed = stack.operator.post(f"/v1/subscriptions/{wish.id}/resume")
    assert (resumed.status_code, shown(stack, wish)) == (200, ("active", None))


def test_what_may_pass_is_counted_each_message_once(stack, subscribed):
    wish = subscribed()

    def outcome(number: int) -> str:
        raw = postfix(status="4.2.2", reply=returned.FULL, to=path_to(wish))
        raw = raw.replace(b"<20260302120003", b"<%d" % number)
        return come_back(stack, raw).json()["outcome"]

    assert [outcome(1) for _ in range(MOST_PASSING + 1)] == ["counted"] * (MOST_PASSING + 1)
    assert [outcome(number) for number in range(2, MOST_PASSING)] == ["counted"] * 3
    assert shown(stack, wish) == ("active", None)
    assert outcome(MOST_PASSING) == "paused"
    assert shown(stack, wish)[1].startswith(f"{MOST_PASSING} e-mails to it came back: 4.2.2")
    assert outcome(MOST_PASSING + 1) == "ignored"
    stack.operator.post(f"/v1/subscriptions/{wish.id}/resume")
    assert outcome(MOST_PASSING + 2) == "counted"


def test_nobody_stops_what_they_were_not_sent(stack, subscribed, pipe):
    wish, hook = subscribed(), subscribed("https://desk.example/hook", kind="webhook")
    moved = subscribed()
    before = path_to(moved)
    put(stack, moved.model_copy(update={"target": "new@example.org"}))
    genuine = path_to(wish)
    forged = [
        genuine.replace(wish.id, moved.id),
        genuine.replace(wish.id, "z" * 16),
        genuine.replace("@", "0@"),
        genuine.replace("bounce+", "bounce+x"),
        genuine[:30] + ("0" if genuine[30] != "0" else "1") + genuine[31:],
        return_path(BOUNCES, "a secret of others", wish.id, wish.target),
        path_to(hook),
        before,
        DESK,
    ]
    for address in forged:
        assert come_back(stack, postfix(to=address)).status_code == 403
    assert pipe(postfix(to=forged[0])) == (0, "refused")
    for subscription in (wish, hook, moved):
        assert shown(stack, subscription) == ("active", None)


def test_replies_of_machines_and_delays_change_nothing(stack, subscribed):
    wish = subscribed()
    to = path_to(wish)
    delayed = postfix("delayed", "4.4.1", "Connection timed out", to=to)
    for raw in (message(returned.VACATION, to), message(returned.RECEIPT, to), delayed):
        assert come_back(stack, raw).json() == {"outcome": "ignored"}
    assert shown(stack, wish) == ("active", None)


def test_a_large_message_is_read_as_far_as_its_report_goes(stack, subscribed, pipe):
    wish = subscribed()
    raw = postfix(to=path_to(wish)) + b"x" * 5_000_000
    assert come_back(stack, raw).status_code == 413
    assert pipe(raw) == (0, "paused")
    assert shown(stack, wish)[0] == "paused"


def test_a_mail_server_keeps_what_deliver_cannot_take_now(pipe, subscribed):
    raw = postfix(to=path_to(subscribed()))
    assert pipe(raw, f"http://127.0.0.1:{free_port()}") == (75, "")
