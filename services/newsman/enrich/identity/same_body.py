"""Names of one organisation that contain each other: "Air Force" and "U.S. Air Force"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

_PREFIX = re.compile(
    r"^(?:The|the|U\.S\.|US|UK|U\.K\.|U\.N\.|UN|EU|Royal|National|Federal|State|American|British)$"
)
_LEGAL = re.compile(
    r"^(?:Inc|Ltd|Limited|LLC|Corp|Corporation|Co|Company|plc|PLC|AG|ASA|AS|A/S|SE|SA|S\.A|NV|AB|"
    r"GmbH|Oyj|SpA|Group|Holdings?|International|FC|F\.C|AFC|SC|CF)\.?$"
)
_SAID_BEFORE = 2
"""Words of a name that may stand before a shorter one of the same body."""


def same_bodies(names: Collection[str], peoples: Collection[str]) -> dict[str, str]:
    """Shorter name -> longer one, where the text has one longer name only and what that has more
    is an article, a nation (one of `peoples` or a country's letters), or a legal form."""
    longer: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        for part in _parts(name):
            longer[part].append(name)
    found = {}
    for name in names:
        others = [other for other in longer[name] if _adds_little(name, other, peoples)]
        if len(others) == 1:
            found[name] = others[0]
    return {name: _last(name, found) for name in found}


def _parts(name: str) -> Iterator[str]:
    """The rest of a name without a word or two at its beginning, or without some at its end."""
    words = name.split()
    for count in range(1, len(words)):
        yield " ".join(words[:count])
        if count <= _SAID_BEFORE:
            yield " ".join(words[count:])


def _last(name: str, found: dict[str, str]) -> str:
    seen = {name}
    while (following := found.get(name)) and following not in seen:
        seen.add(following)
        name = following
    return name


def _adds_little(name: str, longer: str, peoples: Collection[str]) -> bool:
    words, more = name.split(), longer.split()
    if len(more) <= len(words):
        return False
    if more[: len(words)] == words:
        return all(_LEGAL.match(word) for word in more[len(words) :])
    if more[-len(words) :] != words:
        return False
    before = more[: -len(words)]
    if before == ["The"] or before == ["the"]:
        return True
    # One word alone says too little: "Group" is in many names.
    is_nation = " ".join(before) in peoples or all(_PREFIX.match(word) for word in before)
    return len(before) <= _SAID_BEFORE and len(words) > 1 and is_nation
