"""The ledger of an article as a page that can be printed: no script, nothing loaded."""

from datetime import datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from newsman.deliver.ledger.report import ArticleLedger, kill_clock
from newsman.web.security_headers import style_only_policy

HTML = "text/html; charset=utf-8"
PACKAGE = "newsman.deliver"


def ledger_page(ledger: ArticleLedger) -> str:
    """The page."""
    is_gone = ledger.status in ("killed", "withdrawn")
    template = _environment().get_template("ledger.html")
    return template.render(ledger=ledger, gone=is_gone, style=_style())


@cache
def page_headers() -> dict[str, str]:
    """Headers that allow nothing but the page's own style, and keep it out of caches."""
    return {"Content-Security-Policy": style_only_policy(_style()), "Cache-Control": "no-store"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(moment=_moment, kill_clock=kill_clock)
    return environment


@cache
def _style() -> str:
    return files(PACKAGE).joinpath("templates", "ledger.css").read_text(encoding="utf-8")


def _moment(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M:%S}"
