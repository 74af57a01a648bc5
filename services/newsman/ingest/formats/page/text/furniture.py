"""Paragraphs in and below an article that do not belong to it."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

from newsman.ingest.formats.markup.shown_media import is_known_player
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.text.runs import key_of
from newsman.ingest.formats.page.visible_dates import find_date
from newsman.ingest.formats.values.text import one_line

PHRASES = Path(__file__).with_name("furniture.txt")
SHORT, PROMPT = 250, 220
LONGEST_LINE = 20_000
NOTICE = 450
TEASERS = 2
TITLE_WORDS = 4
REPEATED = 60
HEAD = 6
STANDFIRST = 160
LITTLE = 0.25
BIOGRAPHY = 600
CREDIT = 120
MOSTLY = 0.5
ALL = 0.9
DATE_WORDS, DATE_LINE = 12, 90
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
LISTS = frozenset("ul ol dl".split())
_MARKS = " \t.,;:!?…()（）[]【】「」«»\"'“”‘’*_|/\\–—-•·▼▲▶►>→+\u00a0"
_GOES_ON = (":", "：", "»", "-", "–", "—", ">", "|", "→")
_BYLINE = re.compile(r"(?:by|von|par|por|di|door|av|af)\s[^\W\d_][^.!?]{1,100}", re.IGNORECASE)
_MINUTES = re.compile(
    r"\d{1,3}\s?(?:min(?:ute)?s?|мин)\.?(?:\s(?:read|lesezeit|de lecture))?", re.I
)
_HOUR_AT_END = re.compile(r"\d\s?[ap]\.\s?m\.$", re.IGNORECASE)
_COUNT = re.compile(
    r"[\d.,]{1,9}\s?(?:comments?|commentaires?|kommentare?|comentarios?|shares?)", re.I
)
_SHOUTED = re.compile(r"[A-Z][A-Z’' ]{3,40}:")
_CREDIT = re.compile(
    r"[^.!?。、]{0,80}\b(?:REUTERS|Reuters|AFP|AP Photo|AP|EPA|Getty Images?|dpa|picture alliance|"
    r"Shutterstock|iStock|Unsplash)\b[^.!?]{0,40}"
)
_PRICE = re.compile(r"[$€£¥]\s?\d[\d.,]{0,12}\s(?:at|from|on|bei|chez|en)\s.{1,40}")
_ADDRESS = re.compile(r"(?:[^\W\d]{1,30}\s){0,3}[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")
_SOCIAL = re.compile(r"twitter|facebook|instagram|telegram|whatsapp|newsletter|e-mail us|email us")
_TRADE = re.compile(
    r"\b(?:is|was|covers|writes|reports)\b.{0,60}\b(?:reporter|correspondent|editor|writer|"
    r"journalist|author|columnist|contributor|reporting|contributing|freelance)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[A-ZÀ-Þ][\w.'’-]{0,30}\s){2,4}(?:is|was|covers|writes|reports)\b")


def without_furniture(blocks: Sequence[Node], headline: str | None) -> list[Node]:
    """The blocks of an article alone: prompts, lists of others, credits and bylines are left out.

    What would leave hardly anything is left as it is.
    """
    kept = _without_head(_without_teasers(_once(blocks)), headline)
    kept = _without_closings([block for block in kept if not _is_furniture(block)])
    kept = _without_tail(kept)
    return kept if 3 * _length(kept) > _length(blocks) else list(blocks)


def _once(blocks: Sequence[Node]) -> list[Node]:
    """The blocks without those that repeat an earlier one, unless they are very short."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        key = key_of(block.text())
        if len(key) < REPEATED or key not in seen:
            kept.append(block)
        seen.add(key)
    return kept


def _length(blocks: Sequence[Node]) -> int:
    return sum(len(line_of(block)) for block in blocks)


def line_of(block: Node) -> str:
    """The words of a block in one line, as far as they may tell what it is."""
    return one_line(block.text()[:LONGEST_LINE])


def _is_furniture(block: Node) -> bool:
    line = line_of(block)
    if not line:
        return not any(node.name in ("img", "hr") for node in block.walk())
    if block.name in LISTS:
        return linked_share(block) >= ALL
    if _is_notice(line):
        return True
    if len(line) > SHORT or block.name == "table":
        return False
    bare = line.casefold().strip(_MARKS)
    return (
        _is_credit_or_count(line, bare)
        or _is_prompt(block, bare)
        or (block.name == "p" and _is_link_alone(block, line))
    )


def _is_notice(line: str) -> bool:
    """True for the words of a button, a notice of rights or cookies, a call to subscribe."""
    if len(line) > NOTICE:
        return False
    phrases, low = _phrases(), line.casefold()
    if any(phrase in low for phrase in phrases["anywhere"]):
        return True
    is_short = len(line) <= SHORT
    return is_short and (
        low.startswith(phrases["beginnings"]) or low.strip(_MARKS) in phrases["lines"]
    )


def _is_credit_or_count(line: str, bare: str) -> bool:
    is_credit = len(line) <= CREDIT and _CREDIT.fullmatch(line) is not None
    return bool(is_credit or _COUNT.fullmatch(bare) or _PRICE.fullmatch(line))


def _is_prompt(block: Node, bare: str) -> bool:
    if len(bare) > PROMPT:
        return False
    if _SHOUTED.match(line_of(block)) and linked_share(block) >= MOSTLY:
        return True
    prompt = next((p for p in _phrases()["prompts"] if bare.startswith(p)), None)
    if prompt is None:
        return False
    rest = bare[len(prompt) :]
    if prompt.isascii() and rest[:1].isalnum():
        return False
    if prompt.endswith(":") or not rest or rest.lstrip().startswith(_GOES_ON):
        return True
    return linked_share(block) >= MOSTLY


def _is_link_alone(block: Node, line: str) -> bool:
    """True for a paragraph that is the title of another article: a link and not a sentence."""
    words = len(line.split())
    if any(is_known_player(node.attributes.get("href", "")) for node in block.walk()):
        return False
    is_title = words >= TITLE_WORDS and not line.endswith((".", "!", "”", '"', ":", ","))
    return is_title and linked_share(block) >= ALL


def linked_share(block: Node) -> float:
    """The share of a block's words that are links."""
    linked = sum(len(one_line(node.text())) for node in block.walk() if node.name == "a")
    return linked / max(1, len(line_of(block)))


def _without_closings(blocks: list[Node]) -> list[Node]:
    """Without headings of unrelated things and the short blocks that follow them."""
    kept: list[Node] = []
    is_closed = False
    for block in blocks:
        line = line_of(block)
        if len(line) <= SHORT and _is_closing(block, line) and kept:
            is_closed = True
            continue
        if is_closed and (block.name in LISTS or _is_teaser(block, line)):
            continue
        is_closed = False
        kept.append(block)
    return kept


def _is_closing(block: Node, line: str) -> bool:
    bare = line.casefold().strip(_MARKS)
    if bare in _phrases()["closings"]:
        return True
    return block.name in HEADINGS and bare.startswith(_openings())


def _is_teaser(block: Node, line: str) -> bool:
    return len(line) <= SHORT and (
        block.name in HEADINGS or linked_share(block) >= MOSTLY or not line.endswith((".", "”"))
    )


def _without_head(blocks: list[Node], headline: str | None) -> list[Node]:
    """Without the headline, everything above it, and the byline and date below it."""
    title = key_of(headline or "")
    for number, block in enumerate(blocks[:HEAD]):
        if title and key_of(block.text()) == title:
            blocks = blocks[number + 1 :]
            break
    lines = [line_of(block) for block in blocks[:HEAD]]
    # A line that says what the text is about may stand above its byline and date.
    head = next((n for n, line in enumerate(lines) if len(line) > STANDFIRST), len(lines))
    above = [
        block
        for block, line in zip(blocks[:head], lines, strict=False)
        if block.name in HEADINGS or not line or not _is_about_the_text(line)
    ]
    return [*above, *blocks[head:]]


def _is_about_the_text(line: str) -> bool:
    words = line.split()
    is_sentence = line.endswith((".", "”", "。")) and not _HOUR_AT_END.search(line)
    if len(words) > DATE_WORDS or len(line) > DATE_LINE or is_sentence:
        return False
    is_dated = find_date(line, is_day_first=True) is not None
    return is_dated or bool(_BYLINE.fullmatch(line) or _MINUTES.fullmatch(line))


def _pictures(blocks: Sequence[Node]) -> list[Node]:
    return [block for block in blocks if not block.text().strip()]


def _without_tail(blocks: list[Node]) -> list[Node]:
    """Without notes on the author and on other articles below the text."""
    last = len(blocks)
    while last > 1 and _is_of_the_tail(blocks[last - 1]):
        last -= 1
    return [*blocks[:last], *(_pictures(blocks[last:]) if last else ())]


def _is_of_the_tail(block: Node) -> bool:
    line = line_of(block)
    if not line or block.name in HEADINGS or _ADDRESS.fullmatch(line) or _is_about_the_text(line):
        return True
    low = line[:SHORT].casefold().strip(_MARKS)
    if len(line) <= SHORT and low.startswith((*_phrases()["prompts"], *_phrases()["closings"])):
        return linked_share(block) > 0
    if len(line) <= SHORT and linked_share(block) >= LITTLE and _SOCIAL.search(low):
        return True
    # Names are recognised in one alphabet only; in others the paragraph stays.
    is_named = len(line) <= BIOGRAPHY and _NAME.match(line) is not None
    return is_named and _TRADE.search(line[:SHORT]) is not None


def _without_teasers(blocks: list[Node]) -> list[Node]:
    """Without the titles of other articles below the text, and the sentence on each."""
    lengths = [len(line_of(block)) for block in blocks]
    before = [0, *accumulate(lengths)]
    last = max((number for number, length in enumerate(lengths) if length > SHORT), default=-1)
    titles = [
        number
        for number, block in enumerate(blocks)
        if number > last and 2 * before[number] > before[-1] and _is_title_elsewhere(block)
    ]
    return blocks[: titles[0]] if len(titles) >= TEASERS else blocks


def _is_title_elsewhere(block: Node) -> bool:
    line = line_of(block)
    return len(line.split()) >= TITLE_WORDS and linked_share(block) >= ALL


@cache
def _openings() -> tuple[str, ...]:
    """What a heading begins with that has some name of its own behind it."""
    return tuple(f"{closing} " for closing in _phrases()["closings"] if " " in closing)


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    """The phrases by the names of their sections."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            sections.setdefault(name, []).append(line.casefold())
    return {name: tuple(sorted(lines, key=len, reverse=True)) for name, lines in sections.items()}
