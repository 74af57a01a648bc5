"""Pictures that reader pages load: the site's own assets, and those of hosts that are named.

A page that loads a picture from elsewhere tells that host who reads what, so in the place of any
other a link stands.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsman.feeds.core import Site

UNNAMED = "Picture"
# Sanitised markup has every tag whole, and attributes in double quotes without < or >.
_TAG = re.compile(r"<(a|/a|img)(?:\s[^<>]*)?/?>")
_ATTRIBUTE = re.compile(r'(?<![a-z])([a-z]+)="([^"]*)"')


@dataclass(frozen=True)
class Pictures:
    """The pictures that a site's pages load; `hosts` as in addresses, with a port where it is
    not the usual."""

    site: Site
    hosts: tuple[str, ...] = ()

    @property
    def sources(self) -> str:
        """The sources for the directive img-src (Content Security Policy level 3)."""
        own = "/".join(self.site.url.split("/")[:3])
        return " ".join(("'self'", own, "data:", *self.hosts))

    def loads(self, href: str) -> bool:
        """True if pages load a picture from this address."""
        if href.startswith(f"{self.site.url}/assets/"):
            return True
        try:
            parts = urlsplit(href)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc.lower() in self.hosts

    def shown(self, markup: str) -> str:
        """Sanitised markup with links in the place of the pictures that pages do not load."""
        if "<img" not in markup:
            return markup
        links = 0

        def replaced(tag: re.Match[str]) -> str:
            nonlocal links
            if tag[1] != "img":
                links += 1 if tag[1] == "a" else -1
                return tag[0]
            values = dict(_ATTRIBUTE.findall(tag[0]))
            src = values.get("src", "")
            return tag[0] if self.loads(html.unescape(src)) else _instead(values, src, links)

        return _TAG.sub(replaced, markup)


def pictures_of(site: Site, hosts: str) -> Pictures:
    """The policy of a setting: hosts, separated by commas."""
    named = (host.strip().lower() for host in hosts.split(","))
    return Pictures(site, tuple(host for host in named if host))


def _instead(values: dict[str, str], src: str, links: int) -> str:
    words = values.get("alt", "").strip() or UNNAMED
    if links > 0 or not src:
        return f'<span class="picture">{words}</span>'
    return f'<a class="picture" href="{src}" rel="noopener nofollow">{words}</a>'
