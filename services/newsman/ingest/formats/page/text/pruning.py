"""Removing from a page what its own markup says is not the article."""

import re

from newsman.ingest.formats.markup.tree import Node

MOST_OF_THE_WORDS = 0.25
"""An element with a larger share of the page's paragraphs is not dropped because of its name."""
MAX_NAMES = 300
_DROPPED = frozenset("figcaption nav dialog menu button form footer aside".split())
_KEPT = frozenset("html body main article h1 h2 p".split())
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COMMENTS = re.compile(
    r"(?:^|-)(?:comments?|comentarios|comentaris|commentaires|kommentare|reacties|disqus|livefyre|"
    r"coral-talk|respond)(?:-(?:list|area|section|thread|container|wrapper|wrap|block|box|body|"
    r"content|holder|module|feed|panel|stream|form(?:-container)?))?(?:-[0-9a-f]{6,40})?$"
)
_ASIDE = re.compile(
    r"(?:^|-)(?:related|recommended|recommendations?|recirc(?:ulation)?|read-?more|read-?next|"
    r"read-?also|also-?read|more-(?:stories|news|articles|from|on|in)|most-?(?:read|popular|viewed)|"
    r"popular|trending|newsletter|sign-?up|subscribe|share(?:bar|-bar|-tools|-buttons|-links)?|"
    r"sharing|share-?this|sharedaddy|jp-relatedposts|addthis|addtoany|social|follow-us|"
    r"author-(?:bio|box|info|card|description)|about-(?:the-)?author|breadcrumbs?|cookies?|"
    r"cookie-(?:banner|notice|bar)|consent|gdpr|captions?|wp-caption-text|"
    r"(?:image|photo|picture|media)-(?:credits?|caption|copyright|source)|credits?|"
    r"tags?-(?:list|cloud|links)|tags|outbrain|taboola|zergnet|advert(?:isement|ising)?|"
    r"ad-(?:slot|unit|container|wrapper|label)|sponsored|sr-only|visually-hidden|"
    r"screen-reader(?:-text)?|print-only|donation|donate)"
    r"(?:-(?:list|box|block|wrapper|wrap|container|section|module|links?|posts?|articles?|stories|"
    r"content|items?|widget|area|inner|bar|form|text|news|topics?|cards?|banner|promo|offer|cta))?$"
)


def pruned(root: Node) -> Node:
    """A copy of the page without comments, captions, lists of other articles and the like."""
    weights, headed = _measured(root)
    most = MOST_OF_THE_WORDS * weights[id(root)]
    purposes = _Purposes()
    copy = Node(root.name, root.attributes)
    waiting = [(root, copy)]
    while waiting:
        node, twin = waiting.pop()
        kept = twin.children
        for child in node.children:
            if isinstance(child, str):
                kept.append(child)
                continue
            is_kept = child.name in _KEPT or id(child) in headed
            if is_kept or not purposes.is_around(child, holds_most=weights[id(child)] > most):
                grown = Node(child.name, child.attributes)
                kept.append(grown)
                if child.children:
                    waiting.append((child, grown))
    return copy


class _Purposes:
    """The purposes of elements by their names, each of which is looked at once in a page."""

    def __init__(self) -> None:
        self._by_names: dict[tuple[str, str], tuple[bool, bool]] = {}

    def is_around(self, node: Node, *, holds_most: bool) -> bool:
        """True for comments, and for what is of the page and not of the article."""
        if node.name in _DROPPED:
            return not holds_most
        attributes = node.attributes
        named = (attributes.get("class", ""), attributes.get("id", ""))
        if named == ("", ""):
            return False
        purposes = self._by_names.get(named)
        if purposes is None:
            purposes = self._by_names[named] = _purposes(" ".join(named))
        is_comment, is_aside = purposes
        return is_comment or (is_aside and not holds_most)


def _purposes(named: str) -> tuple[bool, bool]:
    """True for what holds comments, and for what stands beside articles."""
    names = _CAMEL.sub("-", named[:MAX_NAMES]).lower().replace("_", "-").split()
    return any(map(_COMMENTS.search, names)), any(map(_ASIDE.search, names))


def _measured(root: Node) -> tuple[dict[int, int], set[int]]:
    """Characters in each element's paragraphs, and the elements that hold the main heading."""
    weights: dict[int, int] = {}
    headed: set[int] = set()
    # From the last element to the first, so that each comes behind all that it holds.
    for node in reversed([*root.walk()]):
        parts = node.elements()
        own = len(node.text().strip()) if node.name == "p" else 0
        weights[id(node)] = own or sum([weights[id(part)] for part in parts])
        if node.name in ("h1", "article") or not headed.isdisjoint(map(id, parts)):
            headed.add(id(node))
    return weights, headed
