"""The rule of what corrects a text, for lists of corrections and for events alike."""

import re
from collections.abc import Sequence

from newsman_schemas.articles import Article

_SAID = re.compile(r"\b(?:correct|clarif|retract|errat|amend)\w*", re.IGNORECASE)


def is_correction(before: Article, after: Article) -> bool:
    """True if words that readers had were changed or taken out, or the newsroom says so in its
    note; a text that only grew is an update.

    Takes time that is linear in the texts.
    """
    note = after.editorial_note if after.editorial_note != before.editorial_note else None
    if note is not None and _SAID.search(note):
        return True
    return not all(
        _goes_on(old.split(), new.split())
        for old, new in zip(_read(before), _read(after), strict=True)
    )


def _read(article: Article) -> tuple[str, ...]:
    """The parts of an article that readers read."""
    return (
        article.headline,
        article.subheadline or "",
        article.byline or "",
        article.body_text,
    )


def _goes_on(before: Sequence[str], after: Sequence[str]) -> bool:
    """True if all the words stand in the other text in their order, with others between them."""
    words = iter(after)
    return all(word in words for word in before)
