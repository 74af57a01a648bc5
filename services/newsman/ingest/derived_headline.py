"""A headline for an article that came without one, and whether there is anything to head."""

from typing import Any

from newsman.ingest.formats.values.text import is_blank, one_line
from newsman_schemas.articles import PubStatus

MAX_CHARACTERS = 200
_FILES = frozenset(
    "renditions enclosures attachments media media:content media:group content".split()
)
"""Names in `extra` of what is no text and no picture: sound, film, documents, tables of sports."""
NOTHING_TO_SHOW = "there is nothing to show: no headline, no text and no picture"


def derived_headline(values: dict[str, Any]) -> str:
    """The first words that the article has, else its uri; none where there is nothing to show."""
    first_line = values["body_text"].partition("\n")[0]
    images = values.get("images")
    captions = (
        image.get("caption")
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict)
    )
    candidates = (
        values.get("slug"),
        one_line(first_line),
        one_line(values.get("summary") or ""),
        values.get("subheadline"),
        next(filter(None, captions), None),
        values.get("uri") if _is_worth_a_page(values) else None,
    )
    headline = next((text for text in candidates if text and not is_blank(text)), "")
    return str(headline)[:MAX_CHARACTERS]


def _is_worth_a_page(values: dict[str, Any]) -> bool:
    """True if an article without words has a picture or a file, or takes another away."""
    if values.get("pubstatus", PubStatus.USABLE) != PubStatus.USABLE:
        return True
    shown = (values.get(name) for name in ("images", "associations"))
    extra = values.get("extra")
    files = (extra.get(name) for name in _FILES) if isinstance(extra, dict) else ()
    return "<img" in values["body_html"] or any(shown) or any(files)
