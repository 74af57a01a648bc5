"""The text of an ANPA message: lines that begin with `^` above it, then its paragraphs."""

import re
from dataclasses import dataclass, field

from newsman.ingest.formats.wire.paragraphs import is_hold, paragraphs, plain_lines
from newsman.ingest.formats.wire.slugs import is_reference

QUADS = "<@= "
"""Signs that end a line: quad left, flush, quad centre."""
ENDS = ("<", "@", "=")
_BYLINE = re.compile(r"by:? +(.{2,120})$", re.IGNORECASE)
_NOTE = re.compile(r"\(?(?:eds?|editors?(?:'s)? note|editors)\b[:._ ]+(.+)", re.IGNORECASE)
_LABELLED = re.compile(
    r"(HL|INDEX|UPDATE|CODE|SYMBOLS?|LINK|PHOTOS?|URL)\s?:\s?(.*)$", re.IGNORECASE
)
_PICTURES = re.compile(r"AP (?:Photos?|Graphics?|Videos?)\b", re.IGNORECASE)
_COUNT = re.compile(r"\d{1,5}$")
_END = re.compile(
    r"[A-Z]{2,4}-[A-Z]{2,4}-\d{1,2}-\d{1,2}-\d{2,4} \d{2}:?\d{2}|\d{2}:?\d{2}[A-Z]{1,4} \d"
)
_MORE = re.compile(r"\(?more\)?", re.IGNORECASE)
_DASH = re.compile(r"(?<=\S) _ (?=\S)")
SHORTEST_SUMMARY = 80
MAX_END = 60
MAX_HEAD_LINE = 1_000


@dataclass
class AnpaStory:
    """The parts of a text; `head` is every line above it, `end` a date below it."""

    keyword: str
    version: str = ""
    headline: str | None = None
    byline: str | None = None
    summary: str | None = None
    note: str | None = None
    keywords: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    end: str = ""


def read_story(text: str, keyword: str, *, is_table: bool) -> AnpaStory:
    """The parts of a text whose header names the keyword, which may be cut off there."""
    head, body = _split(plain_lines(text))
    story = AnpaStory(keyword, head=[_words(line) for line in head])
    others = [line for line in story.head if not _take(line, story)]
    texts = _table(body) if is_table else paragraphs(_unmarked(body))
    texts = [words for text in texts if (words := _words(text))]
    _take_end(texts, story)
    if not texts and len(others) > 2:
        texts, others = others[1:], others[:1]
    _take_titles(others, story)
    story.paragraphs = texts
    return story


def _take_titles(lines: list[str], story: AnpaStory) -> None:
    """Takes a headline, and a line long enough for a summary, from the unmarked lines."""
    if story.headline is None and lines:
        story.headline = lines.pop(0)
    if lines and len(lines[0]) >= SHORTEST_SUMMARY:
        story.summary = lines[0]


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines above the text, unchanged, and the lines of the text."""
    head: list[str] = []
    is_open = False
    for number, line in enumerate(lines):
        plain = line.strip()
        if plain.startswith("^"):
            head += [piece.strip() for piece in plain.split("^") if piece.strip()]
        elif plain and is_open and not line.startswith((" ", "\t")):
            head[-1] = f"{head[-1]} {plain}"
        elif plain and not _is_label(line, head):
            return head, lines[number:]
        else:
            continue
        is_open = bool(head) and len(head[-1]) < MAX_HEAD_LINE and not head[-1].endswith(ENDS)
    return head, []


def _is_label(line: str, head: list[str]) -> bool:
    """True for a label without `^` between the lines above the text, such as `code:2`."""
    return bool(head) and not line.startswith((" ", "\t")) and bool(_LABELLED.match(line.strip()))


def _unmarked(lines: list[str]) -> list[str]:
    """The lines of the text; a line that ends with a quad is followed by an empty one."""
    unmarked: list[str] = []
    for line in lines:
        unmarked.append(line.replace("^", ""))
        if line.endswith("<"):
            unmarked.append("")
    return unmarked


def _table(lines: list[str]) -> list[str]:
    """The lines of a table, with its columns in place."""
    return [line.rstrip().removeprefix("^") for line in lines if line.strip()]


def _words(line: str) -> str:
    """The line without quads, its signs replaced by the dashes and quotes they stand for."""
    line = line.rstrip(QUADS)
    return _DASH.sub(" — ", line).replace("``", "“").replace("''", "”")


def _take(line: str, story: AnpaStory) -> bool:
    """Files a line above the text where it belongs; False for a headline or a summary."""
    if _take_keyword(line, story) or _take_labelled(line, story):
        return True
    if note := _NOTE.match(line):
        words = note[1].removesuffix(")")
        story.note = f"{story.note}\n{words}" if story.note else words
        return True
    byline = _BYLINE.match(line)
    if byline and story.byline is None:
        story.byline = byline[1].strip()
        return True
    is_beside = story.byline is not None or line.startswith("*") or _PICTURES.match(line)
    return bool(is_beside) or is_hold(line)


def _take_keyword(line: str, story: AnpaStory) -> bool:
    """The line that repeats the keyword in full: `BC-Ferry-Fire, 1st Ld-Writethru,416`."""
    keyword, *rest = [part.strip() for part in line.split(",")]
    squeezed = "".join(keyword.split()).lower()
    named = "".join(story.keyword.split()).lower()
    is_longer = squeezed.startswith(named)
    if not squeezed or not (is_longer or (rest and named.startswith(squeezed))):
        return False
    if not is_longer:
        keyword = story.keyword
    story.keyword = keyword
    if rest and _COUNT.match(rest[-1]):
        rest.pop()
    story.version = " ".join(part for part in rest if not is_reference(part))
    return True


def _take_labelled(line: str, story: AnpaStory) -> bool:
    labelled = _LABELLED.match(line)
    if labelled is None:
        return False
    label, words = labelled[1].upper(), labelled[2].strip()
    if label == "HL":
        story.headline = words
    elif label == "INDEX":
        story.keywords = [word.strip() for word in words.split(",") if word.strip()]
    elif label == "UPDATE":
        story.note = words
    return True


def _take_end(texts: list[str], story: AnpaStory) -> None:
    """Takes the date below the text, and the note that more is to come."""
    while texts and _ends(texts[-1]):
        last = texts.pop()
        story.end = story.end or (last.strip() if _END.search(last) else "")


def _ends(text: str) -> bool:
    return len(text) < MAX_END and bool(_END.search(text) or _MORE.fullmatch(text.strip()))
