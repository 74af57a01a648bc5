"""The text that trafilatura finds in a page, within bounds of size and processor time."""

import signal
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import trafilatura

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.values.text import one_line
from newsman_schemas.names.slugs import stream_safe

MAX_CHARACTERS = 1_000_000
USUAL_CHARACTERS = 250
"""Texts that are shorter are looked for in every way that it has."""
CPU_SECONDS = 0.3
"""Pages need 0.03 s; with some markup, trafilatura's time grows with the square of its length."""
_UNREAD = frozenset({"script", "style", "noscript", "template", "svg"})
_HTML_NAMES = {
    "list": "ul",
    "item": "li",
    "code": "pre",
    "quote": "blockquote",
    "lb": "br",
    "row": "tr",
}
_LEVELS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class _TimeUp(BaseException):
    """A page took too much processor time; trafilatura would catch an `Exception`."""


def extracted(root: Node, least: int) -> Node | None:
    """The article's text in plain blocks; None where that is too much to read.

    Its other ways of reading are tried where the first finds fewer than `least` characters.
    """
    page = root.inner_markup(_UNREAD)
    if len(page) > MAX_CHARACTERS:
        return None
    page = stream_safe(page)
    text: Node | None = None
    try:
        with _processor_time(CPU_SECONDS):
            text = _found(page, is_fast=True)
            if text is None or length_of(text) < max(least, USUAL_CHARACTERS):
                text = _found(page, is_fast=False) or text
    except _TimeUp:
        pass
    return text


def length_of(node: Node) -> int:
    """Characters of an element's text, white space counted once."""
    return len(one_line(node.text()))


def _found(page: str, *, is_fast: bool) -> Node | None:
    # Asked for links it takes paragraphs apart, and asked for pictures it keeps their
    # captions and trusts its other ways of reading less; both are put back afterwards.
    document: Any = trafilatura.bare_extraction(
        page,
        output_format="html",
        fast=is_fast,
        include_comments=False,
        include_formatting=False,
        include_images=False,
        include_links=False,
    )
    return None if document is None or document.body is None else _as_html(document.body)


def _as_html(body: Any) -> Node:
    """The body of trafilatura's document, whose names are TEI's, with the names of HTML."""
    root = Node("body")
    waiting: list[tuple[Any, Node]] = [(body, root)]
    while waiting:
        element, node = waiting.pop()
        _add_text(node, element.text)
        for part in element:
            if isinstance(part.tag, str):
                twin = Node(_html_name(part))
                node.children.append(twin)
                waiting.append((part, twin))
            _add_text(node, part.tail)
    return root


def _html_name(element: Any) -> str:
    if element.tag == "head":
        level = element.get("rend", "")
        return level if level in _LEVELS else "h3"
    if element.tag == "cell":
        return "th" if element.get("role") == "head" else "td"
    return _HTML_NAMES.get(str(element.tag), str(element.tag))


def _add_text(node: Node, text: str | None) -> None:
    if text:
        node.children.append(text if text.isascii() else unicodedata.normalize("NFC", text))


@contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """Raises _TimeUp in code that takes longer; threads other than the main one get no signals."""
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
