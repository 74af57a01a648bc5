"""The text that trafilatura finds in a page, within bounds of size and processor time."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import trafilatura

from newsman.ingest.formats.markup.tree import Node
from newsman_schemas.slugs import stream_safe

MAX_CHARACTERS = 1_000_000
CPU_SECONDS = 0.3
"""Pages take 0.03 s of it; some markup costs trafilatura the square of its length."""
_UNREAD = frozenset({"script", "style", "noscript", "template", "svg"})


class _TimeUp(BaseException):
    """More processor time than a page may take; trafilatura catches any `Exception`."""


def extracted(root: Node) -> str | None:
    """The article's text in plain blocks; None where that is too much to read."""
    page = root.inner_markup(_UNREAD)
    if len(page) > MAX_CHARACTERS:
        return None
    try:
        with _processor_time(CPU_SECONDS):
            # Asked for links it takes paragraphs apart, and asked for pictures it keeps their
            # captions and trusts its other ways of reading less; both are put back afterwards.
            markup: Any = trafilatura.extract(
                stream_safe(page),
                output_format="html",
                include_comments=False,
                include_formatting=False,
                include_images=False,
                include_links=False,
            )
    except _TimeUp:
        return None
    return _in_body(markup or "")


@contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Raises _TimeUp in what takes longer; other threads than the main one get no signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: object) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _in_body(page: str) -> str | None:
    """The markup between the tags of the body."""
    start = page.find(">", page.find("<body")) if "<body" in page else -1
    end = page.rfind("</body>")
    return page[start + 1 : end].strip() if 0 <= start < end else None
