"""Leaving out of a page what its own markup says is not the article."""

import re

from newsman.ingest.formats.markup.tree import Node

MOST_OF_THE_WORDS = 0.25
"""An element with a larger share of the page's paragraphs is not dropped for its name."""
MAX_NAMES = 300
_DROPPED = frozenset("figcaption nav dialog menu button form footer aside".split())
_KEPT = frozenset("html body main article h1 h2 p".split())
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COMMENTS = re.compile(
    r"(?:^|-)(?:comments?|comentarios|comentaris|commentaires|kommentare|reacties|disqus|livefyre|"
    r"coral-talk|respond)(?:-(?:list|area|section|thread|container|wrapper|wrap|block|box|body|"
    r"content|holder|module|feed|panel|stream))?$"
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
    r"content|items?|widget|area|inner|bar|form|text|news|topics?))?$"
)


def pruned(root: Node) -> Node:
    """A copy of the page without comments, captions, lists of other articles and the like."""
    weights, headed = _measured(root)
    most = MOST_OF_THE_WORDS * weights[id(root)]
    copy = Node(root.name, root.attributes)
    waiting = [(root, copy)]
    while waiting:
        node, twin = waiting.pop()
        for child in node.children:
            if isinstance(child, str):
                twin.children.append(child)
            elif not _is_around(child, weights[id(child)] > most, id(child) in headed):
                grown = Node(child.name, child.attributes)
                twin.children.append(grown)
                waiting.append((child, grown))
    return copy


def _is_around(node: Node, holds_most: bool, is_headed: bool) -> bool:  # noqa: FBT001
    if node.name in _KEPT or is_headed:
        return False
    if node.name in _DROPPED:
        return not holds_most
    names = _names(node)
    if not names:
        return False
    if any(_COMMENTS.search(name) for name in names):
        return True
    return not holds_most and any(_ASIDE.search(name) for name in names)


def _names(node: Node) -> list[str]:
    """The element's classes and its id, in small letters and with dashes."""
    attributes = node.attributes
    named = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:MAX_NAMES]
    if named == " ":
        return []
    return _CAMEL.sub("-", named).lower().replace("_", "-").split()


def _measured(root: Node) -> tuple[dict[int, int], set[int]]:
    """Characters in the paragraphs of every element, and the elements with the main heading."""
    weights: dict[int, int] = {}
    headed: set[int] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, is_counted = waiting.pop()
        parts = node.elements()
        if not is_counted:
            waiting.append((node, True))
            waiting.extend((part, False) for part in parts)
            continue
        own = len(node.text().strip()) if node.name == "p" else 0
        weights[id(node)] = own or sum(weights[id(part)] for part in parts)
        if node.name in ("h1", "article") or any(id(part) in headed for part in parts):
            headed.add(id(node))
    return weights, headed
