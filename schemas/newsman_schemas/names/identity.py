"""The identity of a URI: of all its spellings one, by which articles are told apart.

A spelling differs in what the web does not go by (WHATWG URL: the case of a host, default ports,
dots in a path, percent-encoding), and in what no newsroom means: `http` or `https`, a slash at the
end, parameters that track readers (`tracking_parameters.txt`). A fragment counts, since pages with
several items name each by its own.
"""

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote

MAX_CHARACTERS = 2_000
"""A longer URI is taken as it is; no article has one."""
MAX_PARAMETERS = 100
"""Those after them are not looked at."""
MAX_HOST_CHARACTERS, MAX_LABEL_CHARACTERS = 253, 63

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=\S)")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_CANONICAL = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)*")
_WEB = re.compile(r"(https?):[/\\]*([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_URN = re.compile(r"urn:[A-Za-z0-9-]{1,32}:", re.IGNORECASE)
_HEX = "0123456789ABCDEFabcdef"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DECODED = {
    high + low: plain
    if (plain := chr(int(high + low, 16))) in _UNRESERVED
    else f"%{high + low}".upper()
    for high in _HEX
    for low in _HEX
}
_KEPT = "!$&'()*+,/:;=@[]|^%-._~"
"""What WHATWG URL leaves as it stands in a path; what is encoded already stays so."""
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_TEXT_DIRECTIVE = ":~:"


class ParameterNames(NamedTuple):
    """Names of parameters, and what others begin with."""

    names: frozenset[str]
    prefixes: tuple[str, ...]

    def has(self, name: str) -> bool:
        """True if the name is one of these, spelled as they are."""
        return name in self.names or name.startswith(self.prefixes)


def _read_tracking(mark: str = "") -> ParameterNames:
    """The names of `tracking_parameters.txt`, those with the mark alone if one is given."""
    text = files("newsman_schemas.names").joinpath("tracking_parameters.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    names = [line.removesuffix(_OF_ANYBODY) for line in lines if line.endswith(mark)]
    prefixes = tuple(name[:-1] for name in names if name.endswith("*"))
    return ParameterNames(frozenset(names), prefixes)


_OF_ANYBODY = " of anybody"
_TRACKING = _read_tracking()
ADDED_BY_ANYBODY = _read_tracking(_OF_ANYBODY)
"""Those that mailers and networks add to any address there is, in lower case."""


def is_uri(text: str) -> bool:
    """True if a text names something wherever it stands: it has a scheme, or is a UUID."""
    return _SCHEME.match(text) is not None or _UUID.fullmatch(text) is not None


@lru_cache(maxsize=2_000)
def canonical_uri(uri: str) -> str:
    """The one spelling for all spellings of a URI; a text that is none stays as it is."""
    if len(uri) > MAX_CHARACTERS or _CANONICAL.fullmatch(uri):
        return uri
    # WHATWG URL: space around it and line breaks in it are none of its characters.
    stripped = uri.strip("\t\n\r\f\v ").translate(_NO_BREAKS)
    web = _WEB.fullmatch(stripped)
    if web is not None and web[2]:
        return _canonical_web_address(*web.groups(""))
    urn = _URN.match(stripped)
    name = stripped[urn.end() :] if urn else stripped
    if _UUID.fullmatch(name):  # read in either case (RFC 9562 section 4)
        name = name.lower()
    elif urn is None:
        return uri
    return urn[0].lower() + name if urn else name


_NO_BREAKS = dict.fromkeys(map(ord, "\t\n\r"))


def other_scheme(uri: str) -> str | None:
    """An address of the web as it was under the other of `http` and `https`."""
    web = _WEB.fullmatch(uri)
    if web is None:
        return None
    scheme = web[1]
    return ("http" if scheme.lower() == "https" else "https") + uri[len(scheme) :]


def _canonical_web_address(
    scheme: str, authority: str, path: str, query: str, fragment: str
) -> str:
    user, at, server = authority.rpartition("@")
    parts = (
        user + at + _host(server, scheme.lower()),
        _encoded(_path(path)),
        _query(query[1:]),
        _fragment(fragment[1:]),
    )
    return "https://" + "".join(parts)


def _host(server: str, scheme: str) -> str:
    host, colon, port = server.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = server, ""
    port = port.lstrip("0") or port
    labels = _ascii_host(unquote(host)) if len(host) <= MAX_HOST_CHARACTERS else host.lower()
    return labels if port in ("", _DEFAULT_PORTS[scheme]) else f"{labels}:{port}"


def _ascii_host(host: str) -> str:
    """A host in lower case and in ASCII (UTS 46, as far as names of hosts need it)."""
    if not host.isascii():
        host = normalize("NFKC", host).replace("\u3002", ".")
    return ".".join([_ascii_label(label) for label in host.lower().split(".")])


def _ascii_label(label: str) -> str:
    if label.isascii() or len(label) > MAX_LABEL_CHARACTERS:
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _path(path: str) -> str:
    """A path without dots (WHATWG URL, path state), and without a slash at its end."""
    parts: list[str] = []
    for part in _decoded(path.replace("\\", "/")).split("/")[1:]:
        if part == "..":
            del parts[-1:]
        elif part != ".":
            parts.append(part)
    return "".join([f"/{part}" for part in parts]).rstrip("/")


def _query(query: str) -> str:
    # Whoever escapes an address twice sends `&amp;` between its parameters.
    parts = query.replace("&amp;", "&").split("&", MAX_PARAMETERS)
    kept = [part for part in parts if part and not _tracks(part)]
    return "?" + _encoded(_decoded("&".join(kept)), also="?") if kept else ""


def _fragment(fragment: str) -> str:
    kept = fragment.partition(_TEXT_DIRECTIVE)[0]
    if not kept or _tracks(kept):
        return ""
    return "#" + _encoded(_decoded(kept), also="?")


def _tracks(parameter: str) -> bool:
    return _TRACKING.has(unquote(parameter.partition("=")[0]).lower())


def _decoded(text: str) -> str:
    """The text without needless percent-encoding, all other of it in capitals (RFC 3986 section
    6.2.2)."""
    start, *rest = text.split("%")
    parts = [_DECODED.get(part[:2], "%" + part[:2]) + part[2:] for part in rest]
    return start + "".join(parts)


def _encoded(text: str, also: str = "") -> str:
    return quote(text, safe=_KEPT + also, errors="replace")
