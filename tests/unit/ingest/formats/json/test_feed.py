"""JSON Feed 1.0 and 1.1: every item an article, whatever it is sent as."""

import json
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument, Defaults
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 1, tzinfo=UTC))
VERSION = "https://jsonfeed.org/version/1.1"
ITEM = {
    "id": "tag:fjord.example,2026:1",
    "url": "/stories/1",
    "external_url": "https://elsewhere.example/2",
    "title": "Ferry returns to the fjord",
    "content_html": '<p>It <a href="/map">did</a>.</p>',
    "summary": "A ferry is back.",
    "image": "/ferry.jpg",
    "date_published": "2026-02-28T09:00:00+01:00",
    "date_modified": "2026-02-28T10:00:00+01:00",
    "tags": ["Transport", "Local"],
    "attachments": [{"url": "https://fjord.example/a.mp3", "mime_type": "audio/mpeg"}],
    "_mood": {"calm": True},
}
FEED = {
    "version": VERSION,
    "title": "Fjord news",
    "home_page_url": "https://fjord.example/",
    "language": "nb",
    "authors": [{"name": "Newsman desk", "url": "https://fjord.example/desk"}],
    "items": [ITEM],
}
MEDIA_TYPES = ("application/feed+json", "application/json", None)


def read(feed: object, content_type: str | None = "application/feed+json"):
    body = json.dumps(feed).encode()
    return parse(body, content_type=content_type, format_name=None, defaults=DEFAULTS)


@pytest.mark.parametrize("content_type", MEDIA_TYPES)
def test_every_name_reaches_its_field(content_type):
    (item,) = read(FEED, content_type).items
    article = item.article
    assert article.uri == "tag:fjord.example,2026:1"
    assert article.canonical_url == "https://fjord.example/stories/1"
    assert article.headline == "Ferry returns to the fjord"
    assert 'href="https://fjord.example/map"' in article.body_html
    assert article.body_text == "It did."
    assert article.summary == "A ferry is back."
    assert article.published_at == datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert article.version_created == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert (article.language, article.byline, article.section) == (
        "nb",
        "Newsman desk",
        "Transport",
    )
    assert article.keywords == ("Transport", "Local")
    assert [image.href for image in article.images] == ["https://fjord.example/ferry.jpg"]
    assert article.extra["_mood"] == {"calm": True}
    assert article.extra["external_url"] == "https://elsewhere.example/2"
    assert article.extra["attachments"] == ITEM["attachments"]


@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", "http://www.jsonfeed.org/version/1.1"]
)
def test_older_spellings_of_the_version_are_known(version):
    old = {**FEED, "version": version, "author": {"name": "A"}, "authors": None}
    assert read(old).items[0].article.byline == "A"


def test_a_bad_item_costs_itself_only():
    document = read({**FEED, "items": [ITEM, {"id": "2"}, 7, {**ITEM, "date_published": "soon"}]})
    assert document.is_batch
    assert [item.is_bad for item in document.items] == [False, True, True, False]
    pointers = [[problem.pointer for problem in item.problems] for item in document.items]
    assert pointers[1:] == [["/1/title"], ["/2"], []]
    assert [w.pointer for w in document.items[3].warnings] == ["/3/date_published"]


def test_a_number_may_stand_for_an_id():
    assert read({**FEED, "items": [{**ITEM, "id": 7}]}).items[0].article.uri == "7"


@pytest.mark.parametrize(
    "feed", [{}, [], 3, {"version": VERSION}, {"version": VERSION, "items": []}, {"version": "2"}]
)
def test_what_is_no_feed_is_refused(feed):
    with pytest.raises(BadDocument):
        read(feed)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode("iso-8859-1"), "text/plain; charset=iso-8859-1"),
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode(), "text/plain"),
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode("utf-16"), "text/plain; charset=utf-8"),
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode("cp1252"), "text/plain"),
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode(), 'text/plain; charset="rot13"'),
        ("Blåbærsyltetøy\n\nÆ Ø Å".encode(), "text/plain; charset=nonsense"),
    ],
)
def test_text_is_read_in_the_charset_that_it_is_in(body, content_type):
    document = parse(body, content_type=content_type, format_name=None, defaults=DEFAULTS)
    assert document.items[0].article.headline == "Blåbærsyltetøy"


def test_all_that_is_said_of_a_picture_is_kept():
    known = {"title": "The ferry", "_newsman": {"width": 1200, "height": 800, "credit": "Ida Holm"}}
    attachments = [
        {"url": "/ferry.webp", "mime_type": "image/webp", **known},
        {"url": "/lock.png", "width": "640", "credit": "Per Aas"},
        {"url": "/plan.pdf", "mime_type": "application/pdf"},
    ]
    item = {"id": "1", "title": "T", "image": "/ferry.webp", "attachments": attachments}
    feed = {"version": VERSION, "home_page_url": "https://x.example/", "items": [item]}
    ferry, lock = read(feed).items[0].article.images
    assert (ferry.width, ferry.height, ferry.mimetype) == (1200, 800, "image/webp")
    assert (ferry.href, ferry.caption, ferry.credit) == (
        "https://x.example/ferry.webp",
        "The ferry",
        "Ida Holm",
    )
    assert (lock.width, lock.credit, lock.mimetype) == (640, "Per Aas", None)
