"""Every format that listings and articles are served in: the files here that have a `FORMAT`."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from newsman.outputs.feed_format import FeedFormat


def formats_of(modules: Iterable[ModuleType]) -> dict[str, FeedFormat]:
    """The formats of the modules that have one, by extension; raises ValueError for one of two."""
    formats: dict[str, FeedFormat] = {}
    for module in modules:
        feed_format = vars(module).get("FORMAT")
        if isinstance(feed_format, FeedFormat):
            if feed_format.extension in formats:
                raise ValueError(f"two formats have the extension {feed_format.extension}")
            formats[feed_format.extension] = feed_format
    return formats


FORMATS = formats_of(
    import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
)


def split_extension(name: str) -> tuple[str, str | None]:
    """`oslo.rss` as ("oslo", "rss"); a name without the extension of a format stays whole."""
    stem, dot, extension = name.rpartition(".")
    return (stem, extension) if dot and extension in FORMATS else (name, None)
