"""Fetching and pushing over connections that go wrong, or lead where they should not."""

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsman.tools.push import fetching
from newsman.tools.push.client import Ingest, Target
from newsman.tools.push.fetching import NotFetched, fetch, is_whole, public_address
from newsman.tools.push.stopping import IngestRefused, Stop

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
TAKEN = b'HTTP/1.1 202 Accepted\r\nContent-Length: 31\r\n\r\n{"id":"x","status":"accepted"}\n'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<rss><channel></channel></rss>\n<!-- made in 3 ms -->", True),
        (b"<?xml version='1.0'?><FEED xmlns='a'><entry/></Feed>", True),
        (b"<rdf:RDF><item/></rdf:RDF>", True),
        (b"<?xml version='1.0'?><feed xmlns='a'/>\n", True),
        (b"<feed xmlns='a'/><feed>", False),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', True),
        (b"<rss><channel></channel>", False),
        (b"<feed><entry></entry></fee", False),
        (b"<rdf:RDF><item></item>", False),
    ],
)
def test_a_feed_is_whole_with_its_end_tag(body, expected):
    assert is_whole(body) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/rss?section=1#top", "https://a.example/rss?section=1"),
        ("https://me:word@a.example/r\u00e9sum\u00e9", "https://a.example/r%C3%A9sum%C3%A9"),
        ("https://a.example/rss?api_key=s3cret", "https://a.example/rss?api_key=%E2%80%A6"),
    ],
)
def test_a_feeds_address_is_told_without_secrets(url, expected):
    assert public_address(url) == expected


class Peer:
    """Accepts connections, reads a request from each, and lets `answer(socket)` do the rest."""

    def __init__(self, answer, *, address="127.0.0.1", context=None):
        self.requests = []
        self.connections = 0
        self.ended = threading.Event()
        self._answer, self._context = answer, context
        self._listener = socket.create_server((address, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self.ended.is_set():
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with accepted:
                try:
                    self._talk(accepted)
                except (OSError, ssl.SSLError):
                    continue

    def _talk(self, accepted):
        if self._context:
            accepted = self._context.wrap_socket(accepted, server_side=True)
        with accepted:
            while data := self._request(accepted):
                self.requests.append(data)
                if self._answer(accepted) == "close":
                    return

    def _request(self, accepted):
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := accepted.recv(65_536)):
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        named = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
        length = int(named[1]) if named else 0
        while len(body) < length:
            body += accepted.recv(65_536)
        return head + b"\r\n\r\n" + body

    def close(self):
        self.ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def peer():
    open_ones = []

    def start(answer, **options):
        open_ones.append(Peer(answer, **options))
        return open_ones[-1]

    yield start
    for one in open_ones:
        one.close()


def saying(data):
    """An answer, after which the connection is closed."""

    def answer(accepted):
        accepted.sendall(data)
        return "close"

    return answer


def reason(url):
    with pytest.raises(NotFetched) as refused:
        fetch(url, None)
    return str(refused.value)


def test_a_public_address_leads_to_no_internal_one(peer, monkeypatch):
    inside = peer(saying(OK), address="127.0.0.2")
    location = f"http://127.0.0.2:{inside.port}/".encode()
    outside = peer(
        saying(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
    )
    monkeypatch.setattr(fetching, "is_public", lambda address: str(address) == "127.0.0.1")
    text = reason(f"http://127.0.0.1:{outside.port}/")
    assert text == "a public address redirects to 127.0.0.2, which is internal"
    assert inside.requests == []
    assert fetch(f"http://127.0.0.2:{inside.port}/", None).body == b"{}"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "fd00::1"]
)
def test_what_is_internal_is_left_before_anything_is_sent(address):
    sock = SimpleNamespace(getpeername=lambda: (address, 80))
    visit = fetching._Visit("host.example", began_outside=True)
    with pytest.raises(ValueError, match=r"redirects to host\.example, which is internal"):
        visit.connected(sock)
    assert not visit.is_outside


def test_an_answer_that_comes_drop_by_drop_is_cut_off(peer, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.3)

    def drip(accepted):
        while not slow.ended.wait(0.02):
            accepted.sendall(b"X")
        return "close"

    slow = peer(drip)
    assert reason(f"http://127.0.0.1:{slow.port}/") == "no answer in time"


def test_a_document_of_too_many_bytes_is_not_read_to_its_end(peer, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_DOCUMENT_BYTES", 1_000)
    big = peer(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2_000))
    assert reason(f"http://127.0.0.1:{big.port}/") == "the answer is larger than 1000 bytes"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "the answer was cut short"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nx", "cut short"),
        (b"", "the connection was closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "the document is empty"),
    ],
)
def test_answers_that_are_none(peer, answer, text):
    assert text in reason(f"http://127.0.0.1:{peer(saying(answer)).port}/")


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/") == "Connection refused"


def test_a_redirect_with_an_endless_body_is_followed(peer):
    goal = peer(saying(OK))

    def endless(accepted):
        accepted.sendall(
            b"HTTP/1.1 301 Moved\r\nContent-Length: 999999999\r\n"
            + f"Location: http://127.0.0.1:{goal.port}/\r\n\r\n".encode()
        )
        return "close" if accepted.recv(1) == b"" else None

    start = peer(endless)
    assert fetch(f"http://127.0.0.1:{start.port}/", None).body == b"{}"


def ingest(url, notices):
    target = Target(url, "key", retry_for_seconds=5)
    return Ingest(target, Stop(), notices.append)


def test_a_kept_connection_that_the_server_closes_is_no_failure(peer):
    server = peer(saying(TAKEN))
    notices = []
    sender = ingest(f"http://127.0.0.1:{server.port}", notices)
    assert [sender.send(b"{}", "application/json").status for _ in range(3)] == [202] * 3
    assert (server.connections, notices) == (3, [])
    sender.close()


def test_a_connection_is_kept_for_what_follows(peer):
    server = peer(lambda accepted: accepted.sendall(TAKEN))
    sender = ingest(f"http://127.0.0.1:{server.port}", [])
    assert [sender.send(b"{}", "application/json").status for _ in range(3)] == [202] * 3
    assert server.connections == 1
    sender.close()


@pytest.fixture
def self_signed(tmp_path):
    """A certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_certificates_are_checked(peer, self_signed, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    server = peer(saying(OK), context=context)
    url = f"https://localhost:{server.port}"
    with pytest.raises(IngestRefused, match=r"its certificate is not trusted .*self-signed"):
        ingest(url, []).send(b"{}", "application/json")
    assert "self-signed" in reason(url)
    assert server.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed))
    assert fetch(url, None).body == b"{}"
    with pytest.raises(NotFetched, match="certificate"):
        fetch(f"https://127.0.0.1:{server.port}", None)
