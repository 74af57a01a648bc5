"""Finding the article's text within the page."""

from newsman.ingest.formats.markup.tree import UNSEEN, Node
from newsman.ingest.formats.page.text.confirmed import confirmed
from newsman.ingest.formats.page.text.extraction import extracted, length_of
from newsman.ingest.formats.page.text.furniture import without_furniture
from newsman.ingest.formats.page.text.pruning import pruned
from newsman.ingest.formats.page.text.regions import MIN_CHARACTERS, Paragraphs
from newsman.ingest.formats.page.text.restoring import restored
from newsman.ingest.formats.page.text.runs import INLINE, runs

LITTLE_TEXT, A_LINE, LEAST_SHARE = 1_500, 100, 0.3
MAX_ELEMENTS = 10_000
"""Larger pages are read by the simplest rules; newspapers' pages have a few thousand."""
AROUND = UNSEEN | frozenset(
    "nav aside footer header form button select input textarea dialog menu audio video".split()
)


def find_body(root: Node, headline: str | None, witness: str) -> str:
    """The article's markup; `witness` is what the page's JSON-LD says it is, or nothing."""
    if sum(1 for _ in root.walk()) > MAX_ELEMENTS:
        whole = Paragraphs(root).article()
        return whole.inner_markup(AROUND) if whole is not None else ""
    page = pruned(root)
    paragraphs = Paragraphs(page)
    own = paragraphs.article()
    length = paragraphs.length(own) if own is not None else 0
    region = paragraphs.region(own)
    text = extracted(region, length // 2)
    # An extractor that lost most of the article's paragraphs is not trusted.
    if text is None or 3 * length_of(text) < length:
        blocks = _blocks(own.without(AROUND)) if own is not None else []
    else:
        blocks = _of_the_text(restored(_blocks(text), region), own)
    blocks = confirmed(without_furniture(blocks, headline), witness)
    return Node("", {}, [*blocks]).inner_markup(frozenset())


def _of_the_text(blocks: list[Node], own: Node | None) -> list[Node]:
    """Of a short text the blocks in the article's own element, where all others are but lines.

    Where there is little, as in front of a paywall, the extractor takes whatever else there is.
    """
    lengths = [length_of(block) for block in blocks]
    if own is None or sum(lengths) > LITTLE_TEXT:
        return blocks
    keys = {run.key for run in runs(own)}
    kept = [block for block in blocks if all(run.key in keys for run in runs(block))]
    others = [block for block in blocks if block not in kept]
    length = sum(map(length_of, kept))
    if length < max(MIN_CHARACTERS, LEAST_SHARE * sum(lengths)):
        return blocks
    return blocks if max(map(length_of, others), default=0) > A_LINE else kept


def _blocks(body: Node) -> list[Node]:
    """The blocks of a text; those of an element that holds nothing else are its own."""
    blocks: list[Node] = []
    run: list[Node | str] = []
    for child in _unwrapped(body).children:
        if isinstance(child, Node) and child.name not in INLINE:
            blocks += _paragraph(run)
            run = []
            blocks.append(child)
        else:
            run.append(child)
    return blocks + _paragraph(run)


def _paragraph(run: list[Node | str]) -> list[Node]:
    """Loose text outside any block, as one block."""
    is_empty = all(isinstance(part, str) and not part.strip() for part in run)
    return [] if is_empty else [Node("p", {}, run)]


def _unwrapped(node: Node) -> Node:
    """The innermost element that holds everything."""
    while True:
        parts = [c for c in node.children if isinstance(c, Node) or c.strip()]
        inner = parts[0] if len(parts) == 1 else None
        if not isinstance(inner, Node) or inner.name not in ("div", "section", "article", "main"):
            return node
        node = inner
