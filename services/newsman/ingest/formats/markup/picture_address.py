"""The address of a picture that a script would load, or of which a browser would choose a size."""

import re
from collections.abc import Iterable, Mapping

Attributes = Mapping[str, str]

LAZY = (
    "data-src data-lazy-src data-original data-original-src data-lazy data-hi-res-src data-img-src "
    "data-image-src data-image data-full-src data-actualsrc data-cfsrc data-echo data-url "
    "nitro-lazy-src"
).split()
"""Attributes in which scripts find the address that they will give a picture or a player."""
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "nitro-lazy-srcset")
_ALL_LAZY = frozenset((*LAZY, *LAZY_SETS))
MAX_SET_CHARACTERS = 20_000
LARGEST_PIXEL = 2
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:pixel\.gif|placeholder\.jpe?g"
    r"|(?:blank|spacer|transparent|placeholder|lazyload|clear|1x1|grey)\.(?:gif|png|svg))"
    r"(?:$|[?#])",
    re.IGNORECASE,
)
_LIKELY = re.compile(
    r"data-[\w:.-]{1,60}"
    r"|(?:lazy|ng|v|v-bind)?[\w:-]{0,40}(?:-|\b|lazy)(?:src|lazy|lazyload|original|image|img|full)"
)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|[?#])", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d{1,6})(?:\.\d{1,6})?\s*(?:px\s*)?", re.IGNORECASE)


def lazy_address(attributes: Attributes) -> str | None:
    """The address that a script would load, None where there is none."""
    if _ALL_LAZY.isdisjoint(attributes):
        return None
    named = (attributes.get(name) for name in LAZY)
    sets = (largest_of(attributes.get(name)) for name in LAZY_SETS)
    return _first_usable((*named, *sets))


def likely_address(attributes: Attributes) -> str | None:
    """The picture file in an attribute that is named as scripts name theirs, `data-x`; None
    where there is none. Of use where nothing else says which picture it is."""
    likely = (
        text for name, text in attributes.items() if name != "src" and _LIKELY.fullmatch(name)
    )
    return _first_usable(text for text in likely if _is_picture_file(text[-200:]))


def _is_picture_file(address: str) -> bool:
    return _PICTURE_FILE.search(address) is not None and not _PLACEHOLDER.search(address)


def picture_address(attributes: Attributes, sources: Iterable[Attributes] = ()) -> str | None:
    """The address of an img, by its own attributes or else those of the sources around it; None
    where it only holds the place of a picture."""
    return (
        lazy_address(attributes)
        or plain_address(attributes)
        or usable(largest_of(attributes.get("srcset")))
        or next(filter(None, map(_source_address, sources)), None)
        or likely_address(attributes)
    )


def usable(address: str | None) -> str | None:
    """The address, whole where it lacks its scheme only; None where nothing can be loaded from
    it."""
    if not address:
        return None
    address = address.strip()
    if not address or "{" in address or address.startswith("#"):
        return None
    if address.startswith("//"):
        return f"https:{address}"
    scheme, colon, _ = address[:20].partition(":")
    if colon and scheme.isalpha() and scheme.lower() not in ("http", "https"):
        return None
    return address


def plain_address(attributes: Attributes) -> str | None:
    """The address that a browser loads without scripts, None where it is of a placeholder."""
    address = usable(attributes.get("src"))
    return None if address is None or _PLACEHOLDER.search(address[-200:]) else address


def is_pixel(attributes: Attributes) -> bool:
    """True if an element is too small to be seen: what counts readers, or keeps a place."""
    if attributes.get("layout") in ("responsive", "intrinsic"):
        return False  # AMP: width and height are a ratio
    sizes = [pixels(attributes.get(name)) for name in ("width", "height")]
    return all(size is not None and size <= LARGEST_PIXEL for size in sizes)


def pixels(size: str | None) -> int | None:
    """A width or height in pixels."""
    number = _SIZE.fullmatch(size[:40]) if size else None
    return int(number[1]) if number else None


def pixels_in_json(size: object) -> int | None:
    """A width or height in pixels, which JSON has as a number or as text."""
    is_size = isinstance(size, int | str) and not isinstance(size, bool)
    return pixels(str(size)) if is_size else None


def largest_of(srcset: str | None) -> str | None:
    """The address of the largest picture of a set (WHATWG HTML, section 4.8.4.2.1)."""
    if not srcset:
        return None
    best, most = None, -1.0
    for address, size in _candidates(srcset[:MAX_SET_CHARACTERS]):
        if size > most and usable(address):
            best, most = address, size
    return best


def _source_address(source: Attributes) -> str | None:
    sets = (largest_of(source.get(name)) for name in (*LAZY_SETS, "srcset"))
    return _first_usable((*sets, lazy_address(source), source.get("src")))


def _first_usable(addresses: Iterable[str | None]) -> str | None:
    return next(filter(None, map(usable, addresses)), None)


def _candidates(srcset: str) -> list[tuple[str, float]]:
    """Addresses, which may have commas within, and their widths or densities."""
    candidates: list[tuple[str, float]] = []
    address, is_sized = "", False
    for word in srcset.split():
        if is_sized:
            address, is_sized = word.partition(",")[2], "," not in word
        elif not address:
            address = word.lstrip(",")
            if address.endswith(","):
                candidates.append((address.rstrip(","), 1))
                address = ""
        else:
            size, comma, begun = word.partition(",")
            candidates.append((address, _size(size)))
            address, is_sized = begun, not comma
    return [*candidates, (address, 1)] if address else candidates


def _size(descriptor: str) -> float:
    try:
        return float(descriptor[:-1]) if descriptor[-1:] in "wxh" else 1
    except ValueError:
        return 1
