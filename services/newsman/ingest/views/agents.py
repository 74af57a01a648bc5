"""Programs behind user agents: crawlers, fetches ahead of a reader, HTTP libraries.

Crawlers are those of the package crawlerdetect. Its expressions go through RE2, whose time grows
with the length of a user agent and never faster; Python's own take minutes for some of 100 kB.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import re2
from crawlerdetect.providers.crawlers import data as crawlers
from crawlerdetect.providers.exclusions import data as no_crawlers

AgentClass = Literal["reader", "crawler", "prefetch"]

JUDGED_CHARACTERS = 1_000
"""So much of a user agent is looked at; the longest of 169,000 known ones has fewer."""
REMEMBERED = 10_000
AHEAD = frozenset({"prefetch", "prerender", "preview", "instant"})
PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz", "sec-fetch-purpose")
_AUTOMATON_BYTES = 64 * 1024 * 1024
_WORDS_OF_PURPOSE = re.compile(r"[a-z-]+", re.ASCII)
_MOST_PURPOSE = 200

_NOT_BEFORE = re.compile(r"(.*)\(\?!(\w+)\)")
"""The one thing in the list that RE2 does not know: `Yandex(?!Search)`."""

# HTTP libraries of newsrooms' own systems: a reader whom such a push names is not a crawler.
_LIBRARIES = (
    "curl|wget|python|aiohttp|httpx|requests|urllib|okhttp|java|go-http-client|node|axios|undici"
    "|guzzle|php|ruby|faraday|perl|libwww|postman|insomnia|dart|rust|reqwest|hyper|apache-http"
).split("|")
_LONGEST_LIBRARY = max(map(len, _LIBRARIES))


class AgentJudge:
    """Judges user agents in a time that is bounded, and remembers its last verdicts."""

    def __init__(self) -> None:
        self._no_crawlers = _compiled(no_crawlers)
        self._crawlers = _compiled(_without_lookahead(expression) for expression in crawlers)
        self._is_crawler = lru_cache(maxsize=REMEMBERED)(self._look_up)

    def classify(self, agent: str, *, is_ahead: bool, speaks_for_reader: bool) -> AgentClass:
        """The kind of program that asked; `is_ahead`: it fetched before anybody read;
        `speaks_for_reader`: the push names a reader of its own."""
        if is_ahead:
            return "prefetch"
        judged = agent[:JUDGED_CHARACTERS].strip()
        if speaks_for_reader and is_http_library(judged):
            return "reader"
        return "crawler" if judged and self._is_crawler(judged) else "reader"

    def _look_up(self, agent: str) -> bool:
        # A lone surrogate can't be encoded as UTF-8.
        text = agent.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        left = self._no_crawlers.sub("", text)
        return bool(left) and self._crawlers.search(left) is not None


def fetched_ahead(headers: Mapping[str, str]) -> bool:
    """Tells from any header of purpose that nobody has asked for the page yet.

    https://wicg.github.io/nav-speculation/prefetch.html (Sec-Purpose), and what came before it.
    """
    return any(
        not AHEAD.isdisjoint(_WORDS_OF_PURPOSE.findall(text[:_MOST_PURPOSE].lower()))
        for name, text in headers.items()
        if name in PURPOSES
    )


def is_http_library(agent: str) -> bool:
    """True if the user agent begins with the name of a program that newsrooms push with."""
    return agent[:_LONGEST_LIBRARY].lower().startswith(tuple(_LIBRARIES))


def _compiled(expressions: Any) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _AUTOMATON_BYTES
    options.log_errors = False
    return re2.compile("|".join(f"(?:{expression})" for expression in expressions), options)


def _without_lookahead(expression: str) -> str:
    """An expression for the same texts without a negative lookahead at the end."""
    match = _NOT_BEFORE.fullmatch(expression)
    if match is None:
        return expression
    before, word = match.groups()
    otherwise = "|".join(rf"{word[:n]}(?:[^{word[n]}]|\z)" for n in range(len(word)))
    return f"{before}(?:{otherwise})"
