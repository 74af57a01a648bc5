"""From a draft in any format to the one article: cleaned, dated, named, complete."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from newsman.ingest.derived_headline import NOTHING_TO_SHOW, derived_headline
from newsman.ingest.draft_dates import read_dates
from newsman.ingest.entries import drop_the_nameless, keep_what_the_model_lacks
from newsman.ingest.formats.markup.sanitise import is_web_address, sanitise, to_html, to_text
from newsman.ingest.formats.markup.shown_media import with_shown_media
from newsman.ingest.formats.model import Defaults, Draft, FieldProblem, Parsed
from newsman.ingest.formats.values.authors import complete_authors
from newsman.ingest.formats.values.text import (
    TooDeep,
    clean,
    clean_all,
    is_blank,
    one_line,
)
from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import Article, PubStatus, article_id
from newsman_schemas.events import digest
from newsman_schemas.names.slugs import slugify
from newsman_schemas.pubstatus import status_named

LINES = ("uri", "headline", "subheadline", "byline", "located", "section", "language", "slug")
MAX_HEADLINE_CHARACTERS = 1_000


@dataclass(frozen=True)
class _Place:
    """A draft's place in the document, and the names of its fields there."""

    base: str
    names: Mapping[str, str]

    def pointer(self, field: str) -> str:
        return f"{self.base}{self.names.get(field, '/' + field)}"


def normalise(draft: Draft, defaults: Defaults, *, index: int, base: str = "") -> Parsed:
    """The article, or everything that keeps the draft from being one.

    `version_created` is the moment of receipt where the newsroom names none; no other date is
    ever made up.
    """
    base += draft.base
    place = _Place(base, draft.pointers)
    problems = [FieldProblem(base + problem.pointer, problem.detail) for problem in draft.problems]
    try:
        values = clean_all(dict(draft.fields))
    except TooDeep as error:
        return Parsed(index, None, (FieldProblem(base, str(error)),))
    values = {name: value for name, value in values.items() if value is not None}
    unread, warnings = read_dates(values, draft, place.pointer, defaults)
    problems += unread
    problems += _wrong_strings(values, place)
    problems += _wrong_numbers(values, place)
    if problems:
        return Parsed(index, None, tuple(problems))
    _read_status(values)
    if draft.item is not None:
        return replace(
            _agenda_item(draft, values, defaults, index, place), warnings=tuple(warnings)
        )
    _complete(values, defaults, draft.feed)
    try:
        article = Article.model_validate(values)
    except ValidationError as error:
        problems = [_problem(issue, place) for issue in error.errors()]
        # A wrong field may be why there is nothing to show.
        problems.sort(key=lambda problem: problem.detail == NOTHING_TO_SHOW)
        return Parsed(index, None, tuple(problems))
    return Parsed(index, _with_web_images(article), feed=draft.feed, warnings=tuple(warnings))


def _with_web_images(article: Article) -> Article:
    """The article without pictures that are not on the web; those stand in `extra`."""
    images = tuple(image for image in article.images if is_web_address(image.href))
    if len(images) == len(article.images):
        return article
    return article.model_copy(update={"images": images})


def _agenda_item(
    draft: Draft, values: dict[str, Any], defaults: Defaults, index: int, place: _Place
) -> Parsed:
    item = clean_all(dict(draft.item or {}))
    item_id = article_id(defaults.source, str(values.get("uri", "")))
    title = one_line(values.get("headline") or "")[:MAX_HEADLINE_CHARACTERS]
    try:
        agenda = AgendaItemReceived(
            event_id=digest("agenda-item-received", item_id, json.dumps(item, sort_keys=True)),
            occurred_at=defaults.now,
            item_id=item_id,
            source=defaults.source,
            uri=values.get("uri", ""),
            kind=draft.kind,
            version=values.get("version", 1),
            version_created=values.get("version_created", defaults.now),
            pubstatus=values.get("pubstatus", PubStatus.USABLE),
            title=title or None,
            format="ninjs",
            item=item,
        )
    except ValidationError as error:
        return Parsed(index, None, tuple(_problem(issue, place) for issue in error.errors()))
    return Parsed(index, None, agenda=agenda)


def _read_status(values: dict[str, Any]) -> None:
    """Puts another word for a status in the model's; one that is unknown is refused later."""
    status = values.get("pubstatus")
    if isinstance(status, str):
        values["pubstatus"] = status_named(status) or status
        if not status.strip():
            del values["pubstatus"]


def _wrong_strings(values: dict[str, Any], place: _Place) -> list[FieldProblem]:
    names = (*LINES, "body_html", "body_text", "summary", "canonical_url")
    return [
        FieldProblem(place.pointer(name), "must be a string")
        for name in names
        if not isinstance(values.get(name, ""), str)
    ]


def _wrong_numbers(values: dict[str, Any], place: _Place) -> list[FieldProblem]:
    # The model would take true for 1.
    wrong = [name for name in ("version", "urgency") if isinstance(values.get(name), bool)]
    pointers = [place.pointer(name) for name in wrong]
    pointers += [place.pointer("images") + size for size in _wrong_sizes(values.get("images"))]
    return [FieldProblem(pointer, "must be a number") for pointer in pointers]


def _wrong_sizes(images: Any) -> list[str]:
    """Pointers, from the list of images on, to sizes that are true or false."""
    listed = images if isinstance(images, list) else []
    return [
        f"/{number}/{name}"
        for number, image in enumerate(listed)
        for name in ("width", "height")
        if isinstance(image, dict) and isinstance(image.get(name), bool)
    ]


def _complete(values: dict[str, Any], defaults: Defaults, feed: str | None) -> None:
    for name in LINES:
        if name in values:
            values[name] = one_line(values[name])
            if is_blank(values[name]):
                del values[name]
    values["source"] = defaults.source
    values["received_at"] = defaults.now
    values.setdefault("version_created", defaults.now)
    values.setdefault("language", defaults.language)
    values.setdefault("section", defaults.section)
    _hold_until_release(values, defaults)
    _complete_body(values)
    complete_authors(values)
    _keep_web_address(values)
    if defaults.canonical_at_source and values.get("canonical_url"):
        values["canonical_at_source"] = True
    if not values.get("headline") and (headline := derived_headline(values)):
        values["headline"] = headline
    if "uri" not in values:
        values["uri"] = _derived_uri(values)
    values["id"] = article_id(defaults.source, values["uri"], feed=feed)
    drop_the_nameless(values)
    keep_what_the_model_lacks(values)
    slug = slugify(values.get("slug", "")) or slugify(values.get("headline", ""))
    values["slug"] = slug or values["id"]


def _hold_until_release(values: dict[str, Any], defaults: Defaults) -> None:
    """A release that lies ahead is an embargo."""
    release = values.pop("released_at", None)
    if release and release > defaults.now:
        values.setdefault("embargoed_until", release)


def _complete_body(values: dict[str, Any]) -> None:
    markup, text = values.get("body_html", ""), values.get("body_text", "").strip()
    shown = with_shown_media(markup) if markup else ""
    values["body_html"] = _parsed(sanitise, shown) if shown else to_html(text)
    values["body_text"] = text or _parsed(to_text, values["body_html"])


def _parsed(parse: Callable[[str], str], markup: str) -> str:
    # What is clean stays so, but for what references in it may stand for.
    return clean(parse(markup)) if "&" in markup else parse(markup)


def _keep_web_address(values: dict[str, Any]) -> None:
    """An address that leads nowhere on the web goes to `extra`, where nothing links to it."""
    url = values.get("canonical_url")
    if url and not is_web_address(url):
        values["extra"] = {**values.get("extra", {}), "canonical_url": values.pop("canonical_url")}


def _derived_uri(values: dict[str, Any]) -> str:
    if values.get("canonical_url"):
        return str(values["canonical_url"])
    dated = values.get("published_at") or values.get("first_created")
    day = dated.isoformat() if dated else ""
    return "urn:newsman:" + digest(values.get("headline", ""), day)


def _problem(issue: Any, place: _Place) -> FieldProblem:
    field, *rest = [str(step) for step in issue["loc"]] or [""]
    if (field, issue["type"]) == ("headline", "missing"):
        return FieldProblem(place.pointer(field), NOTHING_TO_SHOW)
    steps = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in rest)
    return FieldProblem(place.pointer(field) + steps, issue["msg"])
