"""The headline of a page: a vote of its JSON-LD, its titles for sharing, its headings, its title.

Sites write their own name, a section or an author behind a title, and other words for search
engines. Where several places say much the same, the heading is what readers saw.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from newsman.ingest.formats.feed.values import plain
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.linked_data import text
from newsman.ingest.formats.page.metadata import Metas, first_of
from newsman.ingest.formats.page.site_names import (
    MIN_WORDS,
    site_names,
    without_site,
    without_site_by_form,
    words_of,
)
from newsman.ingest.formats.page.text.runs import key_of
from newsman.ingest.formats.values.text import one_line

MAX_CHARACTERS = 400
MAX_HEADINGS = 12
ALIKE = 0.6
_WORD = re.compile(r"\w+")
_MARKED = frozenset("headline title entry post article".split())
_TITLES = (
    ("og:title", 1.5),
    ("twitter:title", 0.5),
    *((f"{name}title", 0.5) for name in ("dc.", "dcterms.", "parsely-", "sailthru.", "")),
)
"""Elements of the head that hold the title, and their weight in the vote."""
_AROUND = frozenset("nav footer aside".split())
_DATE_BEFORE = re.compile(
    r"\d\d?\.\s?(?:\d\d?\.|[^\W\d]{3,10})\s?(?:19|20)\d\d(?:\s?[-–—|:]\s|\s)(?=\S)"
)
SOFT_HYPHEN = "\xad"
_HOME = re.compile(r"(?:https?:)?(?://[^/]{1,253})?\.?/?(?:index\.\w{3,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class _Candidate:
    """A wording, and the weight of the place where it was found."""

    words: str
    weight: float
    is_heading: bool = False
    is_whole: bool = False
    """True if it is all that an element of the head says."""


def headline(root: Node, metas: Metas, item: dict[str, Any], address: str | None) -> str | None:
    """The wording that most places agree on."""
    names = site_names(metas, item, address) | _names_of_home(root)
    headings = [(line, weight) for line, weight in _headings(root) if key_of(line) not in names]
    plain_headings = [words for words, _ in headings]
    said = _stated(metas, item)
    candidates = [_of_the_head(line, weight, names, plain_headings) for line, weight in said]
    others = plain_headings + [candidate.words for candidate in candidates]
    candidates += [
        _Candidate(without_site_by_form(line, names, others), 1.0) for line in titles(root)
    ]
    lines = [line for line, _ in said]
    candidates += [
        _Candidate(without_site(words, names, lines), weight, is_heading=True)
        for words, weight in headings
    ]
    return _chosen([candidate for candidate in candidates if candidate.words])


def _stated(metas: Metas, item: dict[str, Any]) -> list[tuple[str, float]]:
    """The titles in JSON-LD and in the elements of the head, and their weights."""
    linked = text(item.get("headline")) or text(item.get("name"))
    stated = [(linked, 2.0), *((first_of(metas, name), weight) for name, weight in _TITLES)]
    return [(line, weight) for value, weight in stated if (line := _line(value))]


def _of_the_head(
    line: str, weight: float, names: frozenset[str], headings: list[str]
) -> _Candidate:
    words = without_site(line, names, headings)
    return _Candidate(words, weight, is_whole=words == line)


def _chosen(candidates: list[_Candidate]) -> str | None:
    """The wording of the group of similar wordings with the most weight."""
    best: list[_Candidate] = []
    heaviest = 0.0
    for candidate in candidates:
        group = [other for other in candidates if _is_alike(candidate.words, other.words)]
        weight = sum(other.weight for other in group)
        if weight > heaviest:
            best, heaviest = group, weight
    return _wording(best) if best else None


def _wording(group: list[_Candidate]) -> str:
    """The heading, unless it says much more or less than the rest; else the heaviest wording."""
    lengths = [len(candidate.words) for candidate in group if not candidate.is_heading]
    whole = [candidate.words for candidate in group if candidate.is_whole]
    for candidate in group:
        length = len(candidate.words)
        fits = not lengths or min(lengths) * 0.5 <= length <= 1.5 * max(lengths)
        end = _behind_a_kicker(candidate.words, whole) if candidate.is_heading else None
        if end or (candidate.is_heading and fits):
            return end or candidate.words
    weights: dict[str, float] = {}
    for candidate in group:
        key = key_of(candidate.words)
        weights[key] = weights.get(key, 0) + candidate.weight
    return max(group, key=lambda candidate: weights[key_of(candidate.words)]).words


def _behind_a_kicker(heading: str, titles: list[str]) -> str | None:
    """The larger part of a heading, at its end, that the head names as the title by itself: a
    kicker, a date or a number stands before it in the same element."""
    key = key_of(heading)
    for words in titles:
        end = key_of(words)
        is_title = key.endswith(end) and len(key) / 2 <= len(end) < len(key)
        if is_title and len(words_of(words)) >= MIN_WORDS:
            return words
    return None


def _headings(root: Node) -> Iterator[tuple[str, float]]:
    """The first headings outside the article's surroundings, marked ones first."""
    lines = [(line, marked) for line, marked in _heading_lines(root) if line]
    is_only = len({key_of(line) for line, _ in lines}) == 1
    for line, marked in lines:
        short = len(words_of(line)) < MIN_WORDS
        yield line, (2.5 if marked else 2.0 if is_only else 1.5) - short


def _heading_lines(root: Node) -> list[tuple[str, bool]]:
    """The text of headings, and whether they are marked as the headline."""
    lines: list[tuple[str, bool]] = []
    waiting = [root]
    while waiting and len(lines) < MAX_HEADINGS:
        node = waiting.pop()
        if node.name in _AROUND:
            continue
        if node.name == "h1" or node.attributes.get("itemprop") == "headline":
            lines.append((_spaced(node)[:MAX_CHARACTERS], _is_marked(node)))
            continue
        waiting.extend(reversed(node.elements()))
    return lines


def _names_of_home(root: Node) -> set[str]:
    """What headings say that are a link to the site's first page: its name."""
    headings = islice((node for node in root.walk() if node.name == "h1"), MAX_HEADINGS)
    return {key_of(_spaced(node)) for node in headings if _is_home_link(node)} - {""}


def _is_home_link(heading: Node) -> bool:
    links = [node.attributes.get("href", "").strip() for node in heading.walk() if node.name == "a"]
    if len(links) != 1 or not links[0].startswith(("/", "./", "http")):
        return False
    address = links[0].partition("?")[0].partition("#")[0]
    return _HOME.fullmatch(address) is not None


def _is_marked(node: Node) -> bool:
    attributes = node.attributes
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}".lower()[:500]
    return attributes.get("itemprop") in ("headline", "name headline") or bool(
        _MARKED.intersection(_WORD.findall(named.replace("_", " ")))
    )


def _spaced(node: Node) -> str:
    """The words of a heading; parts on separate lines stay separate."""
    parts: list[str] = []
    waiting: list[Node | str] = [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            parts.append(inner)
            continue
        if inner.name in ("script", "style", "svg", "button"):
            continue
        if inner.name in ("br", "div", "p", "small"):
            parts.append(" ")
        waiting.extend(reversed(inner.children))
    return _bare(one_line("".join(parts)))


def titles(root: Node) -> Iterator[str]:
    """The title in the head; not the title of an SVG drawing."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name == "title":
            line = _line(node.text())
            if line:
                yield line
            return
        if node.name not in ("svg", "body"):
            waiting.extend(reversed(node.elements()))


def _line(value: str | None) -> str:
    """A wording on one line; some pages escape it twice, or leave tags in it."""
    words = one_line((value or "")[: 4 * MAX_CHARACTERS])
    if "&" in words or "<" in words:
        words = plain(words) or ""
    return _bare(words[:MAX_CHARACTERS])


def _bare(words: str) -> str:
    """A wording without the date before it and without the places at which it may be broken."""
    words = words.replace(SOFT_HYPHEN, "").strip()
    dated = _DATE_BEFORE.match(words)
    rest = words[dated.end() :] if dated else ""
    return rest if len(words_of(rest)) >= MIN_WORDS else words


def _is_alike(one: str, other: str) -> bool:
    """True if most of the shorter wording is in the longer one."""
    if key_of(one) == key_of(other):
        return True
    pieces, others = _pieces(one), _pieces(other)
    least = min(len(pieces), len(others))
    return least > 0 and len(pieces & others) >= ALIKE * least


def _pieces(line: str) -> set[str]:
    """Every three consecutive characters of the wording, which works in any script."""
    key = key_of(line)
    return {key[start : start + 3] for start in range(max(1, len(key) - 2))} - {""}
