"""Telling by the text in a page's JSON-LD which of its blocks are the article."""

from collections.abc import Iterable, Sequence

from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.text.furniture import HEADINGS, line_of, linked_share
from newsman.ingest.formats.page.text.runs import key_of

MIN_CHARACTERS, MAX_CHARACTERS = 400, 100_000
MIN_SHARE, MOST_SHARE = 0.75, 0.5
LETTERS = 12
PROSE, MOSTLY = 200, 0.5
"""A paragraph of that many characters between others of the article is the article's, unless it is
mostly links: some sites leave the first paragraph of each section out of their JSON-LD."""
_CUT_OFF = ("…", "...", "[...]", "[…]")


def confirmed(blocks: Sequence[Node], witness: str) -> list[Node]:
    """The blocks that the witness has as well; all of them where it does not speak of the page.

    A witness that was cut off, is no article's length or covers little is not believed.
    """
    is_usual = MIN_CHARACTERS <= len(witness) <= MAX_CHARACTERS
    if not is_usual or witness.rstrip().endswith(_CUT_OFF):
        return list(blocks)
    pieces = _pieces(witness)
    judged = [(block, _share(block, pieces) > MOST_SHARE) for block in blocks]
    if _length(block for block, is_held in judged if is_held) < MIN_SHARE * _length(blocks):
        return list(blocks)
    kept = [(block, is_held) for block, is_held in judged if is_held or _stays(block)]
    while kept and not kept[-1][1]:
        kept.pop()
    return [block for block, _ in kept]


def _stays(block: Node) -> bool:
    """True for headings and paragraphs of prose, which the witness may lack."""
    is_prose = block.name == "p" and len(line_of(block)) >= PROSE
    return block.name in HEADINGS or (is_prose and linked_share(block) < MOSTLY)


def _length(blocks: Iterable[Node]) -> int:
    return sum(len(line_of(block)) for block in blocks)


def _share(block: Node, pieces: set[str]) -> float:
    own = _pieces(line_of(block))
    return len(own & pieces) / len(own) if own else 1.0


def _pieces(text: str) -> set[str]:
    """Every run of a few letters."""
    letters = key_of(text)
    count = max(1, len(letters) - LETTERS + 1)
    return {piece for start in range(count) if (piece := letters[start : start + LETTERS])}
