"""Sound, film and other files that a newsroom sent leave in every feed, and stand on the page."""

import json
from dataclasses import replace
from datetime import UTC

import feedparser
import pytest
from lxml import etree

from newsman.ingest.formats.model import Defaults
from newsman.ingest.pushes import parse
from newsman.outputs import FORMATS
from newsman.outputs.listing import Listing
from newsman.outputs.media_files import MAX_FILES, MediaFile, media_files
from newsman_schemas.articles import EnrichedArticle, Enrichment, Image

from .conftest import NOW

EPISODE = "https://cast.example/1.mp3?a=1&b=2"
CLIP = "https://cast.example/clip.mp4"
MEDIA = "{http://search.yahoo.com/mrss/}"
ATOM = "{http://www.w3.org/2005/Atom}"

RSS = """<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><title>t</title><item>
<guid>urn:1</guid><title>Ep</title>
<enclosure url="https://cast.example/1.mp3?a=1&amp;b=2" type="audio/mpeg" length="1234"/>
<enclosure url="https://cast.example/p.jpg" type="image/jpeg" length="7"/>
<media:content url="https://cast.example/clip.mp4" type="video/mp4" fileSize="77" duration="12.5">
<media:title>Clip &lt;1&gt;</media:title></media:content></item></channel></rss>"""
ATOM_FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id>
<title>Ep</title><updated>2026-03-02T10:00:00Z</updated>
<link rel="enclosure" href="https://cast.example/1.mp3?a=1&amp;b=2" type="audio/mpeg"
length="1234"/><link rel="enclosure" href="https://cast.example/clip.mp4" title="Clip &lt;1&gt;"/>
</entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "t",
    "items": [
        {
            "id": "urn:1",
            "title": "Ep",
            "attachments": [
                {"url": EPISODE, "mime_type": "audio/mpeg", "size_in_bytes": 1234},
                {"url": CLIP, "mime_type": "video/mp4", "title": "Clip <1>"},
                {"url": "https://cast.example/p.jpg", "mime_type": "image/jpeg"},
            ],
        }
    ],
}
NINJS = {
    "uri": "urn:1",
    "type": "text",
    "version": "1",
    "headline": "Ep",
    "associations": {
        "a": {
            "uri": "urn:a",
            "type": "audio",
            "renditions": {"main": {"href": EPISODE, "mimetype": "audio/mpeg"}},
        },
        "b": {
            "uri": "urn:b",
            "type": "video",
            "headline": "Clip <1>",
            "renditions": {
                "still": {"href": "https://cast.example/s.jpg", "mimetype": "image/jpeg"},
                "main": {"href": CLIP, "mimetype": "video/mp4"},
            },
        },
    },
}
SENT = {
    "rss": (RSS, "application/rss+xml"),
    "atom": (ATOM_FEED, "application/atom+xml"),
    "jsonfeed": (json.dumps(JSON_FEED), "application/feed+json"),
    "ninjs": (json.dumps(NINJS), "application/json"),
}


def taken(body: str, kind: str) -> EnrichedArticle:
    defaults = Defaults("desk", "en", UTC, None, NOW)
    (item,) = parse(body.encode(), content_type=kind, format_name=None, defaults=defaults).items
    assert item.article is not None, item.problems
    own = {name: getattr(item.article, name) for name in type(item.article).model_fields}
    done = Enrichment(status="done", method="test", duration_ms=1)
    return EnrichedArticle(**own, enrichment=done)


@pytest.fixture(params=SENT)
def article(request) -> EnrichedArticle:
    return taken(*SENT[request.param])


@pytest.fixture
def rendered(site, stored):
    def render(extension: str, article: EnrichedArticle) -> bytes:
        one = replace(stored(), article=article)
        return FORMATS[extension].render(Listing("Latest", "/", "/latest", (one,)), site)

    return render


def test_every_format_brings_them(article):
    first, second = media_files(article)
    assert (first.href, first.mimetype, first.name) == (EPISODE, "audio/mpeg", "1.mp3")
    assert (second.href, second.mimetype, second.name) == (CLIP, "video/mp4", "Clip <1>")


def test_rss_has_the_first_as_its_enclosure_and_readers_find_both(article, rendered):
    document = rendered("rss", article)
    (enclosure,) = etree.fromstring(document).iter("enclosure")
    size = enclosure.get("length")
    assert (enclosure.get("url"), enclosure.get("type")) == (EPISODE, "audio/mpeg")
    assert size in ("1234", "0")
    (entry,) = feedparser.parse(document).entries
    assert [link.href for link in entry.enclosures] == [EPISODE]
    assert CLIP in [content["url"] for content in entry.media_content]
    titles = [node.text for node in etree.fromstring(document).iter(f"{MEDIA}title")]
    assert titles == ["Clip <1>"]


def test_atom_links_to_each(article, rendered):
    links = [
        (link.get("href"), link.get("type"), link.get("title"))
        for link in etree.fromstring(rendered("atom", article)).iter(f"{ATOM}link")
        if link.get("rel") == "enclosure" and not link.get("type").startswith("image/")
    ]
    assert links == [(EPISODE, "audio/mpeg", None), (CLIP, "video/mp4", "Clip <1>")]


def test_json_feed_attaches_each(article, rendered):
    (item,) = json.loads(rendered("json", article))["items"]
    files = [each for each in item["attachments"] if not each["mime_type"].startswith("image/")]
    assert [each["url"] for each in files] == [EPISODE, CLIP]
    assert files[1]["title"] == "Clip <1>"


def test_ninjs_has_each_in_an_association_once(article, rendered):
    (item,) = json.loads(rendered("ninjs", article))["associations"].values()
    files = [each for each in item["associations"].values() if each["type"] != "picture"]
    assert [each["type"] for each in files] == ["audio", "video"]
    text = json.dumps(item["associations"])
    assert [text.count(f'"href": {json.dumps(href)}') for href in (EPISODE, CLIP)] == [1, 1]


def test_what_comes_back_in_gives_the_same(article, rendered):
    for extension, kind in (("rss", "application/rss+xml"), ("json", "application/feed+json")):
        again = media_files(taken(rendered(extension, article).decode(), kind))
        assert [file.href for file in again] == [EPISODE, CLIP]


def test_an_item_that_is_sound_itself():
    item = {
        **NINJS,
        "type": "audio",
        "renditions": {"main": {"href": CLIP, "mimetype": "audio/ogg"}},
    }
    del item["associations"]
    assert media_files(taken(json.dumps(item), "application/json")) == (
        MediaFile(CLIP, "audio/ogg"),
    )


@pytest.mark.parametrize(
    "extra",
    [
        {"enclosures": [{"href": "javascript:alert(1)"}, {"href": "ftp://x/y.mp3"}, {"href": 7}]},
        {"enclosures": "https://x.example/a.mp3", "attachments": 7, "media:content": [[], None]},
        {"attachments": {"url": {"x": 1}}, "media:group": {"media:content": "x"}},
        {"type": "audio", "renditions": [1, {"href": None}]},
        {"type": ["audio"], "renditions": {"a": {"href": "https://[", "mimetype": "x"}}},
    ],
)
def test_what_is_no_file_on_the_web_is_left_out(stored, extra):
    assert media_files(stored(extra=extra).article) == ()


def test_sizes_types_and_titles_are_what_they_may_be(stored, rendered):
    sent = {
        "href": "https://x.example/a%20b.ogg",
        "type": "audio/mpeg\r\nX: y",
        "length": "-4",
        "title": "a\x00b\n c" + "x" * 9_000,
    }
    article = stored(extra={"enclosures": [sent]}).article
    (file,) = media_files(article)
    assert (file.mimetype, file.size_bytes) == ("audio/ogg", None)
    assert len(file.title) <= 2_000
    for extension in ("rss", "atom", "json", "ninjs"):
        assert b"a%20b.ogg" in rendered(extension, article)


def test_there_are_never_very_many_and_none_is_a_picture_of_the_article(stored):
    sent = [{"href": f"https://x.example/{n}.mp3"} for n in range(1_000)]
    pictures = (Image(href="https://x.example/0.mp3"),)
    files = media_files(stored(extra={"enclosures": sent}, images=pictures).article)
    assert len(files) == MAX_FILES - 1
