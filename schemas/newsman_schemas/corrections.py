"""Corrections: texts whose words were changed or taken out, and what a newsroom says of them."""

import re
from collections.abc import Sequence

from newsman_schemas.articles import Article

CORRECTION_FIELDS = ("correction", "corrections", "correction_note")
TEXT_KEYS = ("text", "note", "body_text", "value", "code", "qcode", "name")
_BEGINNINGS = (
    "correct", "clarif", "retract", "errat", "amend",  # English, and what it shares with others
    "korrektur", "korrigier", "berichtig", "richtigstell", "richtiggestell",  # German
    "rectifi", "corrig", "corregg", "correcci", "correç", "correzion", "retific", "rettific",
    "fe de err", "gecorrigeer", "rettels", "beriktig", "rättels", "oikais", "sprostowan", "korekt",
    "erată", "corec", "helyesbít", "helyreigazít", "düzelt", "koreksi", "ralat",
    "διόρθωσ", "διευκρίνισ", "исправлен", "уточнен", "поправк", "опровержен", "виправлен",
)  # fmt: skip
_ANYWHERE = (
    "تصحيح", "تصویب", "تصويب", "اصلاحیه", "תיקון", "הבהרה", "更正", "勘误", "勘誤", "订正", "訂正",
    "修正", "澄清", "정정", "바로잡", "सुधार", "संशोधन",
)  # fmt: skip
"""In scripts that join words to others, or write them without spaces."""
_SAID = re.compile(rf"\b(?:{'|'.join(_BEGINNINGS)})\w*|{'|'.join(_ANYWHERE)}", re.IGNORECASE)


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


def correction_note(before: Article, after: Article) -> str | None:
    """The newsroom's note to a correction that it admits; "" where it says that the later version
    is one without a note, None where it says nothing of the kind.

    It says so by an editorial note, a correction beside its fields (a text, an object with a text,
    or a list of them: schema.org's CorrectionComment among them; `true` where there is no note),
    the signal `correction`, or by Superdesk's `correction_sequence`.
    """
    note = after.editorial_note if after.editorial_note != before.editorial_note else None
    if note is not None and _SAID.search(note):
        return note
    for name in CORRECTION_FIELDS:
        said, said_before = _texts(after.extra.get(name)), _texts(before.extra.get(name))
        if new := [text for text in said if text not in said_before]:
            return " ".join(new)
    return (note or "") if _is_flagged(before, after) else None


def _is_flagged(before: Article, after: Article) -> bool:
    """True if the later version alone has a sign of a correction."""
    old, new = (_sequence(article.extra.get("correction_sequence")) for article in (before, after))
    if new > old:
        return True
    signals = (_texts(article.extra.get("signal")) for article in (after, before))
    now, then = ({text.lower().rpartition(":")[2] for text in texts} for texts in signals)
    return "correction" in now - then or (_has_mark(after) and not _has_mark(before))


def _has_mark(article: Article) -> bool:
    return any(article.extra.get(name) is True for name in CORRECTION_FIELDS)


def _sequence(value: object) -> int:
    return value if isinstance(value, int) else 0


def _texts(value: object) -> list[str]:
    """The texts of a value: its own, those of its members, and `text` or the like of objects."""
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, list):
        return [text for member in value for text in _texts(member)]
    if isinstance(value, dict):
        return next((found for key in TEXT_KEYS if (found := _texts(value.get(key)))), [])
    return []


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
