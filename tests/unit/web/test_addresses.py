"""The client is the right-most address that no trusted proxy has, whatever it wrote itself."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.web.addresses import (
    Networks,
    address_group,
    address_network,
    client_address,
    parse_address,
)

TRUSTED = Networks("10.0.0.0/8, 192.0.2.7 2001:db8:f::/48")
PROXY = "10.0.0.1"
READER = "203.0.113.9"


def forwarded_for(*lines):
    return [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]


def forwarded(*lines):
    return [(b"forwarded", line.encode("latin-1")) for line in lines]


def told(headers, peer=PROXY):
    return client_address(peer, headers, TRUSTED)


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        ((READER,), READER),
        ((f"{READER}, 10.9.9.9",), READER),
        ((f"{READER},192.0.2.7,10.9.9.9",), READER),
        ((f"198.51.100.1, {READER}",), READER),
        ((f"198.51.100.1, {READER}, 10.9.9.9",), READER),
        (("198.51.100.1", READER), READER),
        ((READER, "10.9.9.9"), READER),
        (("10.1.1.1, 10.2.2.2",), "10.1.1.1"),
        ((f"{READER}:4711",), READER),
        (("2001:db8::1",), "2001:db8::1"),
        (("[2001:db8::1]:4711",), "2001:db8::1"),
        (("2001:db8::1, [2001:db8:f::2]",), "2001:db8::1"),
        (("::ffff:203.0.113.9",), READER),
        (("fe80::1%eth0",), "fe80::1"),
        (("",), PROXY),
        ((",",), PROXY),
        ((f"{READER}, ",), PROXY),
        (("unknown",), PROXY),
        (("198.51.100.1, unknown, 10.9.9.9",), "10.9.9.9"),
        (("198.51.100.1, <script>",), PROXY),
        (("198.51.100.1, 203.0.113.999",), PROXY),
        (("198.51.100.1, " + "x" * 10_000,), PROXY),
        ((f"{READER}, " + "10.1.1.1, " * 40 + "10.2.2.2",), "10.1.1.1"),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(lines, client):
    assert told(forwarded_for(*lines)) == client


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        ((f"for={READER}",), READER),
        ((f"For={READER};proto=https;by=10.0.0.1",), READER),
        ((f"by=10.0.0.1 ; FOR = {READER}",), READER),
        ((f'for="{READER}:80"',), READER),
        (('for="[2001:db8::1]"',), "2001:db8::1"),
        (('for="[2001:db8::1]:4711", for=10.9.9.9',), "2001:db8::1"),
        ((f"for=198.51.100.1, for={READER}",), READER),
        (("for=198.51.100.1", f"for={READER}"), READER),
        ((f'for={READER};host="a,b;for=198.51.100.1"',), READER),
        ((f'for=198.51.100.1;host="x, for={READER}',), PROXY),
        ((r'for="198.51.100.1\"", for=' + READER,), PROXY),
        (('for="_hidden", for=10.9.9.9',), "10.9.9.9"),
        (("for=_SEVKISEK",), PROXY),
        (("for=unknown",), PROXY),
        (("for=",), PROXY),
        (("proto=https",), PROXY),
        ((READER,), PROXY),
        (("",), PROXY),
        (('"' * 5_000,), PROXY),
    ],
)
def test_forwarded_is_read_as_rfc_7239_has_it(lines, client):
    assert told(forwarded(*lines)) == client


def test_an_untrusted_peer_is_believed_nothing():
    headers = forwarded_for("198.51.100.1") + forwarded("for=198.51.100.2")
    assert told(headers, peer=READER) == READER
    assert told(headers, peer="2001:db8::5") == "2001:db8::5"
    assert client_address(PROXY, headers, Networks("")) == PROXY


def test_of_two_headers_that_differ_one_was_made_up_and_neither_is_believed():
    made_up = forwarded("for=198.51.100.1")
    assert told(forwarded_for(READER) + made_up) == PROXY
    assert told(forwarded_for(READER) + forwarded(f"for={READER}")) == READER


@pytest.mark.parametrize("peer", ["", "unix", "testclient"])
def test_a_peer_without_an_address_is_left_as_it_is(peer):
    assert told(forwarded_for(READER), peer=peer) == peer


@given(st.lists(st.text(max_size=300), max_size=5), st.booleans())
def test_whatever_a_client_writes_its_proxy_s_word_is_what_counts(lines, as_forwarded):
    headers = (forwarded if as_forwarded else forwarded_for)(
        *(line.encode("latin-1", "replace").decode("latin-1") for line in lines),
        f"for={READER}" if as_forwarded else READER,
    )
    assert told(headers) in (READER, PROXY)
    if not as_forwarded:
        assert told(headers) == READER


def test_the_largest_headers_take_no_time():
    began = time.process_time()
    for unit in ("10.1.1.1,", ",", "for=10.1.1.1,", '"', "a;", "[::1],", "for=;"):
        for make in (forwarded, forwarded_for):
            told(make(unit * (16_384 // len(unit))))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_subscriber_is_one_address_in_ipv4_and_a_64_in_ipv6(address, group):
    assert address_group(address) == group


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::1", "::2"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_what_one_subscriber_can_choose_is_one_address(one, other):
    assert address_group(one) == address_group(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:1:2::1", "2001:db8:1:3::1"), ("203.0.113.7", "203.0.113.8"), ("::1", "0.0.0.1")],
)
def test_what_others_have_is_another(one, other):
    assert address_group(one) != address_group(other)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.250", "203.0.113.0/24"),
        ("2001:db8:1:2::1", "2001:db8:1::/48"),
        ("2001:db8:1:ff::1", "2001:db8:1::/48"),
    ],
)
def test_a_network_is_what_is_routed_as_one(address, network):
    assert address_network(address) == network


@pytest.mark.parametrize("text", ["", "testclient", "1.2.3", "::zz"])
def test_a_text_that_is_no_address_stays(text):
    assert address_group(text) == address_network(text) == text


def test_a_text_beyond_any_address_is_none():
    assert parse_address("1" * 101) is None


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy.example", "10.0.0.1/8 x"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError):
        Networks(text)


def test_a_network_may_be_named_by_an_address_in_it():
    assert parse_address("10.9.9.9") in Networks("10.0.0.1/8")
    assert not Networks(" , ")
