"""No way of writing an address leads inside: a listener on all of this machine sees nobody."""

import asyncio
import socket
from itertools import count
from urllib.parse import urlsplit

import pytest
from tests.unit.web.outbound.receiving import listening
from tests.unit.web.outbound.tricks import INTERNAL, INTERNAL_V6, NAMES, urls
from tests.waiting import until

from newsman.web.addresses import Networks
from newsman.web.outbound.policy import NOT_PUBLIC, OutboundPolicy, Ports
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import build_outbound_session

PUBLIC = "93.184.215.14"


def policy(*ports, networks=""):
    return OutboundPolicy(Networks(networks), Ports(" ".join(map(str, ports))))


async def outcomes(session, addresses):
    told = {}
    for url in addresses:
        try:
            reply = await session.send("POST", url, body=b"news", seconds=5)
            told[url] = f"answered {reply.status}"
        except NoAnswer as error:
            told[url] = str(error)
    return told


def found(addresses):
    """A `getaddrinfo` that finds these addresses for whatever name."""

    def look_up(host, port, **_):
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return look_up


def ends_inside(url):
    """Whether the system's own functions reach this machine by what stands in a URL."""
    try:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=0.5):
            return True
    except (OSError, ValueError, TypeError):
        return False


def test_no_trick_reaches_the_loopback_listener():
    async def scenario():
        async with listening() as inside, build_outbound_session(policy(inside.port)) as session:
            addresses = urls(inside.port)
            return inside, await outcomes(session, addresses)

    inside, told = asyncio.run(scenario())
    assert len(told) > 700
    assert inside.connections == 0
    connecting = ("no answer in time", "refused", "unreachable", "answered")
    assert [url for url, text in told.items() if any(word in text for word in connecting)] == []


def test_no_trick_reaches_it_by_the_check_of_sockets_alone():
    class NothingRefused(OutboundPolicy):
        def refusal(self, url):
            return None if url.startswith(("http://", "https://")) else "of another kind"

    def numbers_only(host, port, **kind):
        return socket.getaddrinfo(host, port, **kind, flags=socket.AI_NUMERICHOST)

    async def scenario():
        async with listening() as inside:
            rule = NothingRefused(Networks(""), Ports(str(inside.port)))
            async with build_outbound_session(rule, look_up=numbers_only) as session:
                told = await outcomes(session, urls(inside.port))
        return inside.connections, list(told.values()).count(NOT_PUBLIC)

    connections, refused = asyncio.run(scenario())
    assert connections == 0
    assert refused > 500


def test_the_system_itself_would_follow_many_of_the_tricks():
    async def scenario():
        async with listening() as inside:
            addresses = [*urls(inside.port)[:10], f"http://[::ffff:127.0.0.1]:{inside.port}/"]
            reached = await asyncio.to_thread(lambda: sum(map(ends_inside, addresses)))
            return await until(lambda: inside.connections == reached and reached)

    assert asyncio.run(scenario()) > 7


@pytest.mark.parametrize("checked", ["literal", "name"])
def test_the_check_alone_refuses_no_name_that_could_be_public(checked):
    texts = {"literal": (f"http://{PUBLIC}/", "https://[2606:2800:21f::1]:8443/x?y=z")}
    texts["name"] = (
        "https://example.com/hook",
        "http://a-b.example.co.uk:8080",
        "https://bücher.de/",
    )
    assert [policy(80, 443, 8080, 8443).refusal(url) for url in texts[checked]] == [None] * len(
        texts[checked]
    )


NAMED = [
    *((address,) for address in INTERNAL),
    *((address.partition("%")[0],) for address in INTERNAL_V6),
    *((f"::ffff:{address}",) for address in INTERNAL),
    *((f"64:ff9b::{address}",) for address in INTERNAL),
    ("127.0.0.1", "::1"),
    ("fe80::1%1",),
    ("not an address",),
    ("0177.0.0.1",),
    ("2130706433",),
]


def test_names_that_lead_inside_are_connected_to_nowhere():
    async def scenario():
        async with listening() as inside:
            rule, hosts = policy(inside.port), [f"n{n}.s{n}.example" for n in range(len(NAMED))]
            answers = dict(zip(hosts, map(found, NAMED), strict=True))
            async with build_outbound_session(
                rule, look_up=lambda host, port, **kind: answers[host](host, port, **kind)
            ) as session:
                told = await outcomes(session, [f"http://{host}:{inside.port}/" for host in hosts])
            return inside.connections, set(told.values())

    assert asyncio.run(scenario()) == (0, {NOT_PUBLIC})


def test_a_name_that_leads_inside_reads_as_one_that_leads_nowhere():
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    async def told(look_up):
        async with build_outbound_session(policy(80), look_up=look_up) as session:
            return (await outcomes(session, ["http://a.example/"])).values()

    assert list(asyncio.run(told(unknown))) == list(asyncio.run(told(found(["10.0.0.1"]))))


def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to():
    asked = count()

    def rebinding(host, port, **kind):
        return found(["127.0.0.2" if next(asked) == 0 else "127.0.0.1"])(host, port, **kind)

    async def scenario():
        async with listening() as outside:
            rule = policy(outside.port, networks="127.0.0.2")
            url = f"http://rebound.example:{outside.port}/"
            async with build_outbound_session(rule, look_up=rebinding) as session:
                first = await outcomes(session, [url])
            async with build_outbound_session(rule, look_up=rebinding) as session:
                second = await outcomes(session, [url])
            return [*first.values(), *second.values()], outside.connections

    assert asyncio.run(scenario()) == (["answered 200", NOT_PUBLIC], 1)
    assert next(asked) == 2


def test_addresses_of_this_machine_itself_are_inside_even_where_they_are_public():
    class EverythingIsPublic(OutboundPolicy):
        def allows(self, address):
            return True

        def refusal(self, url):
            return None

    async def scenario():
        async with listening() as inside:
            rule = EverythingIsPublic(Networks(""), Ports(str(inside.port)))
            async with build_outbound_session(rule) as session:
                hosts = ("127.0.0.1", "[::1]", "localhost")
                told = await outcomes(session, [f"http://{host}:{inside.port}/" for host in hosts])
            return inside.connections, set(told.values())

    assert asyncio.run(scenario()) == (0, {NOT_PUBLIC})


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_no_redirect_is_followed(status):
    async def scenario():
        async with listening() as inside:
            head = f"HTTP/1.1 {status} x\r\nlocation: http://127.0.0.1:{inside.port}/\r\n"
            answer = f"{head}refresh: 0\r\ncontent-length: 0\r\n\r\n".encode()
            async with listening(answer) as outside:
                rule = policy(inside.port, outside.port, networks="127.0.0.2")
                async with build_outbound_session(rule) as session:
                    url = f"http://127.0.0.2:{outside.port}/"
                    return await outcomes(session, [url]), inside.connections

    told, connections = asyncio.run(scenario())
    assert list(told.values()) == [f"answered {status}"]
    assert connections == 0


def test_no_proxy_of_the_environment_is_asked_and_no_netrc_is_read(monkeypatch, tmp_path):
    async def scenario():
        async with listening() as proxy, listening() as outside:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            (tmp_path / "netrc").write_text("default login news password paper\n")
            monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
            rule = policy(outside.port, networks="127.0.0.2")
            async with build_outbound_session(rule) as session:
                await outcomes(session, [f"http://127.0.0.2:{outside.port}/"])
            return proxy.connections, outside.requests

    proxied, requests = asyncio.run(scenario())
    assert proxied == 0
    assert b"authorization" not in requests[0].lower()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is no public address"),
        ("http://0x7f000001/", "0x7f000001 is written unusually"),
        ("http://localhost./", "localhost. is a name of an internal network"),
        ("http://example.com:6379/", "port 6379 is not among those"),
        ("http://me:secret@example.com/", "names and passwords don't belong"),
        ("ftp://example.com/", "begins with http:// or https://"),
        ("http://example.com/\n", "control characters"),
        ("http://exa%6dple.com/", "no name and no address"),
    ],
)
def test_a_refusal_says_what_is_wrong(url, reason):
    assert reason in (policy(80, 443).refusal(url) or "")


def test_names_of_internal_networks_are_left_to_the_connection_where_a_network_is_named():
    rule = policy(80, networks="10.0.0.0/8")
    assert [rule.refusal(f"http://{name}/") for name in ("redis", *NAMES[:4])] == [None] * 5
    assert rule.refusal("http://127.0.0.1/") is not None
    assert rule.refusal("http://[::ffff:10.1.2.3]/") is None
