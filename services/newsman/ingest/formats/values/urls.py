"""Addresses that are relative to the document they stand in (RFC 3986 section 5)."""

import html
import re
from urllib.parse import urljoin, urlsplit

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.shown_media import with_shown_media

MAX_CHARACTERS = 2_000
_LINKS = re.compile(r"(\s(?:href|src)\s{0,9}=\s{0,9})([\"'])([^\"'<>]{1,2000})\2", re.IGNORECASE)


def resolve(base: str | None, address: str | None) -> str | None:
    """The absolute address, if there is a base to resolve it against."""
    address = (address or "").strip()
    if not address or not base or len(address) > MAX_CHARACTERS or _has_scheme(address):
        return address or None
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def resolve_links(markup: str, base: str | None) -> str:
    """The markup with its links and images made absolute, including those that scripts load."""
    if not base or not is_web_address(base):
        return markup

    def absolute(match: re.Match[str]) -> str:
        address = html.unescape(match[3]) if len(match[3]) < MAX_CHARACTERS else match[3]
        whole = address if address.startswith("#") else resolve(base, address) or address
        return f"{match[1]}{match[2]}{html.escape(whole)}{match[2]}"

    return _LINKS.sub(absolute, with_shown_media(markup))


def _has_scheme(address: str) -> bool:
    try:
        return bool(urlsplit(address).scheme)
    except ValueError:
        return True
