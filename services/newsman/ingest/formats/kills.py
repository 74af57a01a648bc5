"""Kills of another article that a document brings along with what it says itself."""

from collections.abc import Iterator

from newsman.ingest.formats.model import Draft

KILLS = "kills"
"""The field of a draft that names the article which it kills."""
_SHOWN = ("headline", "body_html", "body_text", "summary", "images")


def with_kills(draft: Draft) -> Iterator[Draft]:
    """The draft, and the kill that it brings; nothing but the kill where it has nothing to show,
    or kills itself."""
    killed = draft.fields.get(KILLS)
    if not isinstance(killed, str) or not killed or draft.problems:
        yield draft
        return
    fields = {name: value for name, value in draft.fields.items() if name != KILLS}
    own = draft.fields.get("uri")
    if own and own != killed and any(fields.get(name) for name in _SHOWN):
        yield Draft(fields, draft.pointers, base=draft.base)
    kill = {
        "uri": killed,
        "headline": fields.get("headline") or killed,
        "pubstatus": "canceled",
        "version": fields.get("version") if own == killed else None,
        "version_created": fields.get("version_created"),
    }
    yield Draft({k: v for k, v in kill.items() if v is not None}, draft.pointers, base=draft.base)
