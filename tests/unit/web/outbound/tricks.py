"""Ways to write an address that leads inside, each in the forms that systems and libraries read."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

LOOPBACK = ("127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3")
INTERNAL = (
    *LOOPBACK,
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
INTERNAL_V6 = (
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::1%lo",
    "::1%25lo",
    "::1%1",
    "100::1",
    "64:ff9b:1::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::a9fe:a9fe%25lo",
    "fec0::1",
    "ff02::1",
    "ff05::1:3",
    "4000::1",
)
NAMES = (
    "localhost",
    "localhost.",
    "LOCALHOST",
    "LocalHost.",
    "localhost..",
    "a.localhost",
    "a.b.localhost.",
    "ip6-localhost",
    "ip6-loopback",
    "localhost.localdomain",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "%6cocalhost",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "localhost%00.example.com",
    "localhost%0a.example.com",
    "localhost%09",
    "redis",
    "kafka",
    "metadata",
    "[v1.localhost]",
)
AUTHORITIES = (
    "user@{host}",
    "user:secret@{host}",
    "example.com@{host}",
    "example.com:80@{host}",
    "example.com%2f@{host}",
    "example.com%23@{host}",
    "example.com\\@{host}",
    "@{host}",
    ":@{host}",
    "{host}\\.example.com",
    "{host}\t",
    " {host}",
    "{host} ",
    "{host}\r\nx: y",
    "{host}%20",
    "{host}:0",
    "{host}:22",
    "{host}:65536",
    "{host}:-1",
    "{host}:+{port}",
    "{host}:{port}:{port}",
    "{host}:0x50",
    "{host}:{wide_port}",
    "{host}:",
)
SCHEMES = (
    "ftp",
    "file",
    "gopher",
    "dict",
    "ws",
    "wss",
    "unix",
    "http+unix",
    "tcp",
    "data",
    "javascript",
    "jar",
    "ldap",
    "h\ttp",
    "",
)
WHOLE = (
    "http:127.0.0.1",
    "http:/127.0.0.1",
    "http:///127.0.0.1",
    "http:////127.0.0.1",
    "//127.0.0.1",
    "127.0.0.1",
    "http://",
    "http://[::1",
    "http://::1",
    "http://[127.0.0.1]",
    "http://[::ffff:127.0.0.1",
    "http://[::1]x",
    "http://[",
    "http://?@127.0.0.1",
    "http://#@127.0.0.1",
    "",
    "http://" + "a" * 300 + ".example.com",
    "http://" + "a." * 3_000 + "com",
)


def urls(port: int) -> list[str]:
    """Every trick, as addresses of a receiver at that port; none twice."""
    hosts = [*_hosts_v4(), *(f"[{text}]" for text in _hosts_v6()), *NAMES]
    wide = "".join(chr(ord("０") + int(digit)) for digit in str(port))
    found = [f"http://{host}:{port}/in?a=b#c" for host in hosts]
    found += [f"https://{host}:{port}/" for host in hosts[:10]]
    for authority in AUTHORITIES:
        text = authority.format(host="127.0.0.1", port=port, wide_port=wide)
        found += [f"http://{text}/", f"http://{text}:{port}/"]
    found += [f"{scheme}://127.0.0.1:{port}/" for scheme in SCHEMES]
    return list(dict.fromkeys((*found, *WHOLE)))


def _hosts_v4() -> Iterator[str]:
    for text in INTERNAL:
        yield from _forms(IPv4Address(text))


def _forms(address: IPv4Address) -> Iterator[str]:
    a, b, c, d = address.packed
    whole = int(address)
    yield str(address)
    yield f"{address}."
    yield str(whole)
    yield hex(whole)
    yield f"0X{whole:X}"
    yield f"0{whole:o}"
    yield f"{a}.{whole & 0xFFFFFF}"
    yield f"{a}.{b}.{whole & 0xFFFF}"
    yield f"0{a:o}.0{b:o}.0{c:o}.0{d:o}"
    yield f"{a:#x}.{b:#x}.{c:#x}.{d:#x}"
    yield f"{a:#x}.{b}.0{c:o}.{d}"
    yield f"{a:03}.{b:03}.{c:03}.{d:03}"
    yield f"{a}.{b}.{c}.{d:#06x}"
    yield "".join(chr(ord("０") + int(sign)) if sign != "." else "。" for sign in str(address))
    yield str(address).replace(".", "．")
    yield str(address).replace(".", "%2e")


def _hosts_v6() -> Iterator[str]:
    yield from INTERNAL_V6
    for text in INTERNAL:
        address = IPv4Address(text)
        number = int(address)
        yield f"::ffff:{address}"
        yield f"::FFFF:{number >> 16:x}:{number & 0xFFFF:x}"
        yield f"0:0:0:0:0:ffff:{number >> 16:x}:{number & 0xFFFF:x}"
        yield f"::{address}"
        yield f"64:ff9b::{address}"
        yield f"64:ff9b:1::{address}"
        yield str(IPv6Address((0x2002 << 112) | (number << 80) | 1))
        yield str(IPv6Address((0x20010000 << 96) | (number << 64) | 1))
        yield str(IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (number ^ 0xFFFFFFFF)))
        yield f"2a00:1450::5efe:{address}"
        yield f"2a00:1450::200:5efe:{address}"
        yield f"fe80::5efe:{address}"
