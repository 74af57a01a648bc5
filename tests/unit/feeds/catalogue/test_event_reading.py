"""What the catalogue reads of an event is all that it needs of it."""

import json

import pytest

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.event_reading import read_event
from newsman.feeds.catalogue.index import Catalogue
from newsman.kafka.records import Unprocessable
from newsman_schemas.articles import (
    ArticlePublished,
    Author,
    Entity,
    Image,
    LogPlace,
    Reading,
    Span,
    Stage,
    Story,
)

from .test_first_build import rows
from .test_index import NOW, event, ids, tag

SPANS = (Span(field="headline", start=0, end=4), Span(field="body_text", start=3, end=9))
RICH = {
    "headline": "Quay",
    "summary": "A ferry",
    "body_text": "The quay.",
    "body_html": "<p>The quay.</p>",
    "section": "Sport",
    "language": "pt-BR",
    "authors": (Author(name="Mira Holt"),),
    "tags": (tag("cup").model_copy(update={"evidence": SPANS}),),
    "entities": (
        Entity(name="Oslo", slug="oslo", type="place", mentions=2, confidence=1, method="t",
               aliases=("Christiania",), known_as=("The Oslo",), evidence=SPANS),
    ),
    "keyphrases": (tag("quay"),),
    "genre": tag("live"),
    "event_place": tag("oslo"),
    "reading": Reading(words=1, seconds=1, language_confidence=1, language_method="t"),
    "images": (Image(href="https://x.example/a.jpg"),),
    "extra": {"provider": "Desk"},
    "evolved_from": "before",
    "published_at": NOW,
    "received_at": NOW,
    "log_place": LogPlace(partition=0, offset=1, logged_at=NOW),
    "story": Story(id=ids("s")[0], role="copy"),
}  # fmt: skip
ASSET = "a" * 26


def raw_of(told: ArticlePublished) -> bytes:
    stage = Stage(stage="received", service="ingest", at=NOW, version=1)
    return told.model_copy(update={"trail": (stage,)}).model_dump_json().encode()


def catalogued(logged: LoggedEvent) -> dict[str, list]:
    catalogue = Catalogue()
    catalogue.write([logged], {0: 1})
    made = rows(catalogue)
    catalogue.close()
    return made


WITH_ASSET = RICH | {"body_html": f"<img src='/assets/{ASSET}'>"}


@pytest.mark.parametrize("fields", [{}, RICH, WITH_ASSET, RICH | {"byline": "x"}])
def test_an_event_is_catalogued_as_if_it_were_read_whole(fields):
    told = event("a", **fields)
    assert catalogued(read_event(0, 0, raw_of(told))) == catalogued(LoggedEvent(0, 0, told))


def test_a_kill_is_read():
    logged = read_event(3, 7, raw_of(event("a", 2, action="killed")))
    assert (logged.part, logged.offset, logged.names_assets) == (3, 7, False)
    assert (logged.event.action, logged.event.revision, logged.event.article) == ("killed", 2, None)


@pytest.mark.parametrize("spelt", [f"/assets/{ASSET}", f"\\/assets\\/{ASSET}"])
def test_an_asset_is_found_however_json_spells_its_address(spelt):
    body = raw_of(event("a", body_html="ADDRESS")).replace(b"ADDRESS", spelt.encode())
    assert json.loads(body)["article"]["body_html"] == f"/assets/{ASSET}"
    assert catalogued(read_event(0, 0, body))["assets"] == [(ASSET, "desk", *ids("a"), 1)]


@pytest.mark.parametrize("raw", [None, b"", b"{}", b"assets", b'{"article": {"assets": 1}}'])
def test_what_is_no_event_is_refused(raw):
    with pytest.raises(Unprocessable):
        read_event(0, 0, raw)
