"""The ledger of an article as a page that can be printed: no script, nothing loaded."""

from datetime import datetime
from functools import cache

from newsman.deliver.ledger.report import ArticleLedger, kill_clock
from newsman.web.plain_page import PlainPage

HTML = "text/html; charset=utf-8"


def ledger_page(ledger: ArticleLedger) -> str:
    """The page."""
    is_gone = ledger.status in ("killed", "withdrawn")
    return _page().render(ledger=ledger, gone=is_gone)


def page_headers() -> dict[str, str]:
    """Headers that allow nothing but the page's own style, and keep it out of caches."""
    return _page().headers


@cache
def _page() -> PlainPage:
    return PlainPage("newsman.deliver", "ledger", moment=_moment, kill_clock=kill_clock)


def _moment(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M:%S}"
