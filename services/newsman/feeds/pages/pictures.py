"""Pictures that reader pages load: the site's own assets, and those of hosts that are named.

A page that loads a picture from elsewhere tells that host who reads what, so in the place of any
other a link stands.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsman.outputs.listing import Site
from newsman_schemas.articles import Article, Image

UNNAMED = "Picture"
SIZES = "(min-width: 42rem) 42rem, 100vw"
"""Widths of a picture as wide as the text of an article."""
MAX_LEADING = 20
"""Pictures of which some may stand above a text."""
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

    def first(self, article: Article) -> Image | None:
        """The first picture of an article that pages load."""
        leading = article.images[:MAX_LEADING]
        return next((image for image in leading if self.loads(image.href)), None)

    def srcset(self, image: Image) -> str:
        """The sizes of a picture that pages load, as the attribute has them (HTML, 4.8.4.2.1); ""
        where there is one alone, or one of unknown width."""
        if not image.renditions or not image.width:
            return ""
        sizes = {image.width: image.href}
        sizes |= {one.width: one.href for one in image.renditions if self.loads(one.href)}
        usable = {width: href for width, href in sizes.items() if "," not in href.strip(",")}
        pairs = [f"{href.replace(' ', '%20')} {width}w" for width, href in sorted(usable.items())]
        return ", ".join(pairs) if len(pairs) > 1 else ""

    def lead(self, article: Article) -> tuple[Image, ...]:
        """The pictures to stand above the text: the first, and as links all that pages do not
        load; none that stands in the text."""
        return tuple(
            image
            for number, image in enumerate(article.images[:MAX_LEADING])
            if (number == 0 or not self.loads(image.href))
            and not _stands_in(article.body_html, image)
        )

    def shown(self, markup: str, images: Sequence[Image] = (), *, below: int = 1) -> str:
        """Sanitised markup with links in the place of the pictures that pages do not load, the
        others in their sizes and loaded when they are scrolled to, but for the first where none
        is `below` others; `images` say more of some of them."""
        if "<img" not in markup:
            return markup
        links = 0
        known = {image.href: image for image in images}

        def replaced(tag: re.Match[str]) -> str:
            nonlocal links, below
            if tag[1] != "img":
                links += 1 if tag[1] == "a" else -1
                return tag[0]
            values = dict(_ATTRIBUTE.findall(tag[0]))
            href = html.unescape(values.get("src", ""))
            if not self.loads(href):
                return _instead(values, known.get(href), links)
            below += 1
            return self._completed(tag[0], values, known.get(href), is_lazy=below > 1)

        return _TAG.sub(replaced, markup)

    def _completed(
        self, tag: str, values: dict[str, str], image: Image | None, *, is_lazy: bool
    ) -> str:
        """The tag of a picture with what its attributes leave unsaid."""
        more = {"alt": (image and image.alt) or ""}
        if image and image.width and image.height and values.keys().isdisjoint(("width", "height")):
            more |= {"width": str(image.width), "height": str(image.height)}
        if image and (sizes := self.srcset(image)):
            more |= {"srcset": sizes, "sizes": SIZES}
        if is_lazy:
            more |= {"loading": "lazy"}
        more |= {"decoding": "async"}
        said = "".join(
            f' {name}="{html.escape(value)}"' for name, value in more.items() if name not in values
        )
        return f"{tag.rstrip('/>')}{said}>"


def _stands_in(markup: str, image: Image) -> bool:
    return f'"{html.escape(image.href)}"' in markup or f'"{image.href}"' in markup


def pictures_of(site: Site, hosts: str) -> Pictures:
    """The policy of a setting: hosts, separated by commas."""
    named = (host.strip().lower() for host in hosts.split(","))
    return Pictures(site, tuple(host for host in named if host))


def _instead(values: dict[str, str], image: Image | None, links: int) -> str:
    src, credit = values.get("src", ""), image.credit if image else None
    caption = html.escape(image.caption) if image and image.caption else None
    words = values.get("alt", "").strip() or caption or UNNAMED
    credited = f" <small>{html.escape(credit)}</small>" if credit else ""
    if links > 0 or not src:
        return f'<span class="picture">{words}</span>{credited}'
    return f'<a class="picture" href="{src}" rel="noopener nofollow">{words}</a>{credited}'
