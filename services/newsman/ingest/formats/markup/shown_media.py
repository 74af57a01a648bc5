"""Pictures and players as markup that needs no script: lazy pictures get their address, players
become links with their title."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from newsman.ingest.formats.markup.bounds import without_quoted_signs
from newsman.ingest.formats.markup.picture_address import (
    Attributes,
    is_pixel,
    lazy_address,
    likely_address,
    picture_address,
    plain_address,
    usable,
)
from newsman.ingest.formats.markup.tokens import attributes_at, comment_end

MAX_DEPTH = 20
MAX_STEPS = 10_000
"""Most tags of pictures and players, and attributes in them; the rest stays as it is."""
FALLBACK_GAP = 200
"""Most characters between a lazy picture and its fallback for browsers without scripts."""
_TAG = re.compile(
    # Most tags have one or two letters, and none of these has.
    r"<(?=/?[a-z-]{3}|!--)(?:(/?)(?:amp-)?(img|picture|source|noscript|iframe|video|audio|embed|object|param"
    r"|script|style)(?=[\s/>])|!--)",
    re.IGNORECASE,
)
_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_OPAQUE = frozenset(("!--", *_ENDS))
_TITLES = ("title", "aria-label", "data-title", "alt")
_ADDRESSES = {"object": ("data",), "param": ("value",)}
_MOVIE_PARAMETERS = ("movie", "src", "url")

_PLAYERS = tuple(
    "youtube.com youtube-nocookie.com youtu.be vimeo.com dailymotion.com soundcloud.com "
    "spotify.com twitch.tv tiktok.com podbean.com acast.com brightcove.net jwplayer.com "
    "jwplatform.com kaltura.com megaphone.fm simplecast.com".split()
)

IsShown = Callable[[str], bool]


def with_shown_media(markup: str, links_to: IsShown = bool) -> str:
    """The markup with an address in every picture, and a link in the place of every player;
    places of pictures and pixels that count are gone.

    `links_to` says which players' addresses get a link; others vanish.
    """
    if _TAG.search(markup) is None:
        return markup
    return _Pass(without_quoted_signs(markup), links_to).run()


def is_known_player(address: str) -> bool:
    """True if a frame shows a film or sound rather than an advertisement, judging by its host."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return any(host == player or host.endswith(f".{player}") for player in _PLAYERS)


@dataclass(slots=True)
class _Holder:
    """An open element: a noscript, a picture or a player, and what is known about it."""

    name: str
    start: int
    attributes: Attributes
    address: str | None = None
    sources: list[Attributes] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    is_fallback: bool = False
    has_picture: bool = False


class _Pass:
    """One pass over the markup; `_written` is what comes out, up to the element that is open."""

    def __init__(self, markup: str, links_to: IsShown) -> None:
        self._markup = markup
        self._links_to = links_to
        self._written: list[str] = []
        self._open: list[_Holder] = []
        self._shown: set[str] = set()
        self._lazy_end = self._fallback_end = -1
        """Where the last lazy picture ended, and the last noscript that showed something."""

    def run(self) -> str:
        at = steps = 0
        while steps < MAX_STEPS and (tag := _TAG.search(self._markup, at)):
            self._written.append(self._markup[at : tag.start()])
            at = self._behind(tag)
            steps += 1 + self._markup.count("=", tag.start(), at)
        self._written.append(self._markup[at:])
        while self._open:
            self._leave_unclosed(self._open.pop())
        return "".join(self._written)

    def _behind(self, tag: re.Match[str]) -> int:
        """Handles a tag, or leaves a comment or script as it is; returns the index after it."""
        name = (tag[2] or "!--").lower()
        if name in _OPAQUE:
            end = self._end_of_opaque(name, tag)
            self._written.append(self._markup[tag.start() : end])
            return end
        attributes, is_closed, end = attributes_at(self._markup, tag.end())
        if tag[1]:
            self._close(name, end)
        elif name in ("img", "source", "param", "embed"):
            self._take(name, attributes, tag.start(), end)
        else:
            self._begin(name, attributes, tag.start())
            if is_closed:
                self._close(name, end)
        return end

    def _end_of_opaque(self, name: str, tag: re.Match[str]) -> int:
        if name == "!--":
            return comment_end(self._markup, tag.start())
        if tag[1]:
            return tag.end()
        ending = _ENDS[name].search(self._markup, tag.end())
        return ending.end() if ending else len(self._markup)

    def _begin(self, name: str, attributes: Attributes, start: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            return
        holder = _Holder(name, len(self._written), attributes)
        if name == "noscript":
            holder.is_fallback = self._follows(self._lazy_end, start)
        elif name != "picture":
            holder.address = _player_address(name, attributes)
        self._open.append(holder)

    def _take(self, name: str, attributes: Attributes, start: int, end: int) -> None:
        """Handles an element that has no content."""
        holder = self._open[-1] if self._open else None
        if name == "img":
            sources = holder.sources if holder else []
            self._picture(attributes, sources, start, end)
            if holder:
                holder.has_picture = True
        elif name == "source" and holder and holder.name == "picture":
            holder.sources.append(attributes)
        elif holder and holder.name in ("video", "audio", "object"):
            holder.address = holder.address or _player_address(name, attributes)
        elif name == "embed":
            self._link(_player_address(name, attributes), attributes)

    def _picture(
        self, attributes: Attributes, sources: list[Attributes], start: int, end: int
    ) -> None:
        address = picture_address(attributes, sources)
        is_lazy = _is_lazy(attributes)
        if is_lazy and self._follows(self._fallback_end, start):
            return
        if address and (is_lazy or not is_pixel(attributes)):
            self._lazy_end = end if is_lazy else -1
            self._show(_img(address, attributes), address)

    def _show(self, piece: str, address: str) -> None:
        """Writes a picture or link; in a noscript only if it was not shown before."""
        noscript = next((holder for holder in self._open if holder.name == "noscript"), None)
        if noscript and not noscript.is_fallback and address not in self._shown:
            noscript.pieces.append(piece)
        self._shown.add(address)
        self._written.append(piece)

    def _link(self, address: str | None, attributes: Attributes) -> None:
        if address is None or is_pixel(attributes) or not self._links_to(address):
            return
        poster = usable(attributes.get("poster"))
        if poster:
            self._show(_img(poster, {}), poster)
        label = next((words for name in _TITLES if (words := attributes.get(name, "").strip())), "")
        words = html.escape(" ".join(label.split()) or _name_of(address), quote=False)
        self._show(f' <a href="{html.escape(address)}">{words}</a> ', address)

    def _close(self, name: str, end: int) -> None:
        if all(holder.name != name for holder in self._open):
            return
        while (holder := self._open.pop()).name != name:
            self._leave_unclosed(holder)
        if name == "noscript":
            self._written[holder.start :] = holder.pieces
            self._fallback_end = end if holder.pieces else -1
        elif name == "picture":
            self._end_picture(holder, end)
        elif holder.address or name == "iframe":
            del self._written[holder.start :]
            self._link(holder.address, holder.attributes)

    def _end_picture(self, picture: _Holder, end: int) -> None:
        if not picture.has_picture:
            self._picture({}, picture.sources, end, end)
        elif self._lazy_end >= 0:
            self._lazy_end = end

    def _leave_unclosed(self, holder: _Holder) -> None:
        """Treats what follows an unclosed player as the rest of the text."""
        if holder.address is not None:
            rest = self._written[holder.start :]
            del self._written[holder.start :]
            self._link(holder.address, holder.attributes)
            self._written.extend(rest)

    def _follows(self, end: int, start: int) -> bool:
        """True if there is only white space between the two."""
        return end >= 0 and start - end <= FALLBACK_GAP and not self._markup[end:start].strip()


def _player_address(name: str, attributes: Attributes) -> str | None:
    if name == "param" and attributes.get("name", "").lower() not in _MOVIE_PARAMETERS:
        return None
    named = (attributes.get(key) for key in _ADDRESSES.get(name, ("src",)))
    return lazy_address(attributes) or next(filter(None, map(usable, named)), None)


def _is_lazy(attributes: Attributes) -> bool:
    if lazy_address(attributes) or _is_placeholder(attributes):
        return True
    return not attributes.get("src") and likely_address(attributes) is not None


def _is_placeholder(attributes: Attributes) -> bool:
    return bool(attributes.get("src")) and plain_address(attributes) is None


def _img(address: str, attributes: Attributes) -> str:
    # Sanitising drops the class; until then it tells a page's ornaments from its pictures.
    kept = ["alt", "class"] if is_pixel(attributes) else ["alt", "width", "height", "class"]
    others = "".join(
        f' {name}="{html.escape(attributes[name])}"' for name in kept if name in attributes
    )
    return f'<img src="{html.escape(address)}"{others}>'


def _name_of(address: str) -> str:
    """The name of the file, or of the host if there is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address[:80]
    file = parts.path.rpartition("/")[2]
    is_file = "." in file and not file.endswith((".php", ".html", ".htm", ".aspx"))
    return (file if is_file else parts.netloc.removeprefix("www.")) or address[:80]
