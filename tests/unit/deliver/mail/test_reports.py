"""Reports of mail servers are understood, whoever wrote them; nothing that is sent is believed."""

import random

import pytest
from tests.unit.deliver.mail import returned
from tests.unit.deliver.mail.returned import TO, message, postfix

from newsman.deliver.mail.links import return_path
from newsman.deliver.mail.links import returned as token_of
from newsman.deliver.mail.reports import FailedDelivery, read_report

SHAPES = {
    "postfix": (postfix(), FailedDelivery(True, f"5.1.1 smtp; {returned.UNKNOWN_USER}")),
    "exim": (message(returned.EXIM), FailedDelivery(True, "5.0.0")),
    "sendmail": (
        message(returned.SENDMAIL),
        FailedDelivery(True, "5.1.1 SMTP; 550 5.1.1 <desk@example.org>... User unknown"),
    ),
    "exchange": (
        message(returned.EXCHANGE),
        FailedDelivery(
            True,
            "5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient desk@example.org "
            "not found by SMTP address lookup",
        ),
    ),
    "gmail": (
        message(returned.GMAIL),
        FailedDelivery(
            False,
            "4.4.1 smtp; The recipient server did not accept our requests to connect.",
        ),
    ),
    "over quota": (
        postfix(status="4.2.2", reply=returned.FULL),
        FailedDelivery(False, f"4.2.2 smtp; {returned.FULL}"),
    ),
}


@pytest.mark.parametrize(("raw", "failure"), SHAPES.values(), ids=SHAPES.keys())
def test_what_servers_say_of_a_failure(raw, failure):
    report = read_report(raw)
    assert report.failure == failure
    assert token_of(report.addresses[0]) == ("a" * 16, "0123456789abcdef" * 2)
    assert report.message_id.startswith("<")


@pytest.mark.parametrize(
    "raw",
    [
        postfix("delayed", "4.4.1", "connect to mx.example.org: Connection timed out"),
        postfix("delivered", "2.0.0", "250 2.0.0 Ok"),
        postfix("relayed", "2.0.0", "250 2.0.0 Ok"),
        message(returned.VACATION),
        message(returned.RECEIPT),
        b"",
        b"\r\n\r\n",
        b"To: desk@example.org",
        b"\x00\xff\xfe" * 100,
    ],
)
def test_what_is_no_failure_is_none(raw):
    assert read_report(raw).failure is None


@pytest.mark.parametrize(
    ("status", "reply", "is_permanent"),
    [
        ("5", "550 5.7.1 not wanted", True),
        ("unknown", "550 no such user", True),
        ("unknown", "451 later", False),
        ("", "", False),
        ("5.1.1 (bad destination mailbox address)", "", True),
    ],
)
def test_a_status_that_is_none_is_taken_from_the_servers_words(status, reply, is_permanent):
    assert read_report(postfix("Failed", status, reply)).failure.is_permanent is is_permanent


def test_what_was_sent_is_not_read_as_its_report():
    raw = postfix("delayed", "4.4.1", "later").replace(
        b"Action: delivered", b"Action: failed\r\nStatus: 5.1.1"
    )
    assert read_report(raw).failure is None


def test_a_report_that_was_cut_off_after_its_status_is_one():
    raw = postfix()
    assert read_report(raw[: raw.index(b"Subject: Ferry")]).failure.is_permanent


@pytest.mark.parametrize("charset", ["utf-16", "no-such-charset", "utf-8''%ff", "=?x?=", "idna"])
def test_a_wrong_charset_changes_nothing(charset):
    typed = b"Content-Type: message/delivery-status"
    raw = postfix(reply="550 5.1.1 unbekannt: größer").replace(
        typed, typed + f'; charset*="{charset}"; charset={charset}'.encode()
    )
    assert read_report(raw).failure.is_permanent
    assert read_report(raw.decode().encode("latin-1")).failure.is_permanent


def nested(levels: int) -> bytes:
    """Multiparts within multiparts, each with a line for every other to look at."""
    opening = b"".join(
        b"Content-Type: multipart/report; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(levels)
    )
    return b"To: %s\r\n%s%s" % (TO.encode(), opening, b"x\r\n" * levels)


HOSTILE = {
    "deep": nested(1_000),
    "many parts": postfix().replace(
        b"This is a MIME", b"--9C31D1A0AF.1772452803/mx.partner.example\r\n" * 900
    ),
    "many groups": postfix().replace(b"Final-Recipient", b"A: b\r\n\r\n" * 8_000 + b"Final"),
    "long boundary": b'To: x\r\nContent-Type: multipart/report; boundary="%s"\r\n\r\n'
    % (b";" * 60_000),
    "quotes": b"To: x\r\nContent-Type: multipart/report" + b';"' * 30_000 + b"\r\n\r\n",
    "many headers": b"To: x\r\n" * 9_000 + b"\r\n",
    "spaces": postfix(reply=" " * 60_000),
    "blank lines": postfix(reply="\n \n" * 20_000),
    "digits": postfix(reply="5." * 30_000, status="5." * 1_000),
    "one line": b"x" * 65_536,
    "half a code": postfix().replace(
        b"Content-Type: message/delivery-status",
        b"Content-Transfer-Encoding: base64\r\nContent-Type: message/delivery-status",
    ),
    "uuencoded": postfix().replace(
        b"Content-Type: message/delivery-status",
        b"Content-Transfer-Encoding: x-uuencode\r\nContent-Type: message/delivery-status",
    ),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_messages_are_read_as_any_other(raw):
    report = read_report(raw[: 64 * 1024])
    assert report.failure is None or len(report.failure.detail) <= 300
    assert len(report.addresses) <= 20


def test_no_byte_that_is_wrong_raises():
    chance = random.Random(15)
    shapes = [raw for raw, _ in SHAPES.values()]
    for _ in range(2_000):
        raw = bytearray(chance.choice(shapes))
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        read_report(bytes(raw))


@pytest.mark.parametrize("bounces", ["bounce@mail.news.example", "@mail.news.example"])
def test_a_return_path_is_an_address_that_any_server_takes(bounces):
    path = return_path(bounces, "a secret of this house", "a" * 16, "desk@example.org")
    local, _, host = path.partition("@")
    assert len(local) <= 64
    assert host == "mail.news.example"
    assert token_of(path) == token_of(f"<{path.upper()}>")
    assert token_of(path)[0] == "a" * 16
    other = return_path(bounces, "a secret of this house", "a" * 16, "desk@example.com")
    assert token_of(other) != token_of(path)
