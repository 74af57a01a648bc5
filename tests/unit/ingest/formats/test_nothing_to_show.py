"""An item that has neither headline nor text nor anything to show is no article."""

import json

import pytest

from newsman.ingest.derived_headline import NOTHING_TO_SHOW

G2 = "<newsItem guid='urn:1' version='2'><itemMeta>{}</itemMeta>{}</newsItem>"
NITF = "<nitf><head><docdata{}><doc-id id-string='urn:1'/></docdata></head>{}</nitf>"
V1 = (
    "<NewsML><NewsItem><Identification><NewsIdentifier><PublicIdentifier>urn:1</PublicIdentifier>"
    "</NewsIdentifier></Identification><NewsManagement>{}</NewsManagement>{}</NewsItem></NewsML>"
)
FILE = "<item><guid>1</guid><enclosure url='https://n.example/{}' type='{}'/></item>"
PICTURE = {"original": {"href": "https://n.example/1.jpg", "mimetype": "image/jpeg"}}


@pytest.mark.parametrize(
    ("name", "document", "pointer"),
    [
        ("json", {"uri": "urn:1"}, "/headline"),
        ("json", {"guid": "urn:1", "type": "text", "version": "2", "language": "en"}, "/headline"),
        ("json", {"uri": "urn:1", "headline": " ", "body_html": "<p> </p>"}, "/headline"),
        ("native", {"uri": "urn:1", "canonical_url": "https://n.example/1"}, "/headline"),
        ("native", {}, "/headline"),
        (
            "native",
            {"uri": "urn:1", "headline": "\u200b", "body_html": "<p>&#8203;</p>"},
            "/headline",
        ),
        ("ninjs-3.1", {"uri": "urn:1", "subjects": [{"name": "transport"}]}, "/headline"),
        ("jsonfeed", {"items": [{"id": "1", "url": "https://n.example/1"}]}, "/title"),
        ("rss", "<rss><channel><item><guid>1</guid></item></channel></rss>", "/title"),
        ("atom", "<feed><entry><id>urn:1</id><title/></entry></feed>", "/title"),
        ("newsml-g2", G2.format("", ""), "/contentMeta/headline"),
        ("newsml1", V1.format("", ""), "/NewsComponent/NewsLines/HeadLine"),
        ("nitf", NITF.format("", "<body/>"), "/nitf/body/body.head/hedline"),
    ],
)
def test_it_is_refused_with_the_place_and_the_reason(read, name, document, pointer):
    if name == "jsonfeed":
        document["version"] = "https://jsonfeed.org/version/1.1"
    body = document if isinstance(document, str) else json.dumps(document)
    (problem,) = (p for item in read(body, format_name=name).items for p in item.problems)
    assert (problem.pointer.removeprefix("/0"), problem.detail) == (pointer, NOTHING_TO_SHOW)


@pytest.mark.parametrize(
    ("name", "document", "headline"),
    [
        ("json", {"uri": "urn:1", "title": "Lock opens"}, "Lock opens"),
        ("json", {"uri": "urn:1", "title": "Lock", "headline": "Lock opens"}, "Lock opens"),
        ("native", {"title": "Lock opens", "body_text": "It did."}, "Lock opens"),
        ("json", {"uri": "urn:1", "description_text": "It did."}, "It did."),
        ("json", {"guid": "urn:1", "slugline": "LOCK"}, "LOCK"),
        ("json", {"uri": "urn:1", "type": "picture", "renditions": PICTURE}, "urn:1"),
        ("native", {"uri": "urn:1", "body_html": "<img src='https://n.example/1.jpg'>"}, "urn:1"),
        (
            "rss",
            FILE.format("1.jpg", "image/jpeg"),
            "1",
        ),
        (
            "rss",
            FILE.format("1.mp3", "audio/mpeg"),
            "1",
        ),
    ],
)
def test_a_word_or_a_picture_is_enough(article, name, document, headline):
    body = document if isinstance(document, str) else json.dumps(document)
    assert article(body, format_name=name).headline == headline


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("json", json.dumps({"uri": "urn:1", "pubstatus": "canceled"})),
        ("json", json.dumps({"guid": "urn:1", "type": "text", "pubstatus": "canceled"})),
        ("native", json.dumps({"uri": "urn:1", "pubstatus": "withheld"})),
        ("newsml-g2", G2.format("<pubStatus qcode='stat:canceled'/>", "")),
        ("newsml1", V1.format("<Status FormalName='Canceled'/>", "")),
        ("nitf", NITF.format(" management-status='canceled'", "<body/>")),
    ],
)
def test_a_kill_needs_no_words(article, name, document):
    taken = article(document, format_name=name)
    assert (taken.uri, taken.pubstatus == "usable") == ("urn:1", False)


def test_what_else_is_wrong_is_told_too(pointers):
    sent = json.dumps({"guid": "urn:1", "urgency": 77})
    assert pointers(sent, "application/json") == ["/urgency", "/headline"]


def test_of_many_items_the_others_are_taken(read):
    feed = "<rss><channel><item><guid>1</guid></item><item><title>x</title></item></channel></rss>"
    assert [item.is_bad for item in read(feed, "application/rss+xml").items] == [True, False]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "contenttype"),
        ("json", "contentType"),
        ("json", "mimetype"),
        ("ninjs-2.2", "contenttype"),
        ("ninjs-3.1", "contentType"),
    ],
)
def test_associations_in_a_list_are_read_without_any_other_name_of_2_or_3(
    article, name, media_type
):
    rendition = {"name": "main", "href": "https://n.example/1.jpg", media_type: "image/jpeg"}
    entry = {"name": "photo", "uri": "urn:2", "type": "picture", "renditions": [rendition]}
    item = {"uri": "urn:1", "title": "Lock opens", "associations": [entry]}
    if media_type == "mimetype":
        item |= {"guid": "urn:1", "priority": 5}  # Superdesk's dialect
    taken = article(json.dumps(item), format_name=name)
    assert (taken.headline, list(taken.associations)) == ("Lock opens", ["photo"])
    (image,) = taken.images
    assert (image.href, image.mimetype) == ("https://n.example/1.jpg", "image/jpeg")


def test_lists_nested_beyond_reason_are_refused(refused):
    item: dict = {"associations": []}
    for _ in range(400):
        item = {"associations": [item]}
    body = json.dumps({"guid": "urn:1", "headline": "x", **item})
    assert "nested" in refused(body, "application/json")
