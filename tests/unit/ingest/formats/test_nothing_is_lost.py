"""Whatever a newsroom sends is in the article: in a field of its own, or in `extra`.

Left out are scripts, styles and attributes of markup in a body (it is sanitised), bytes that are
encoded in a document, the addresses of XML schemas, and by which role a text became the headline,
the body or the summary.
"""

import html
import json
import re
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from newsman.ingest.derived_headline import NOTHING_TO_SHOW
from newsman.ingest.formats.values.dates import parse_date

SAMPLES = Path(__file__).parent / "samples"
BODIES = {"body.content", "body", "DataContent", "encoded", "content", "inlineData"}
ROLES = re.compile(r"/(headlines|bodies|descriptions)/\d+/(role|content[tT]ype)$")


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{number}")
    elif value is not None and not isinstance(value, bool):
        yield path, str(value)


def xml_leaves(element, path="", *, in_body=False):
    name = element.tag.rpartition("}")[2]
    path = f"{path}/{name}"
    if not in_body:
        for attribute, value in element.attrib.items():
            if not attribute.endswith("schemaLocation"):
                yield f"{path}/@{attribute}", value
    in_body = in_body or (name in BODIES and element.find("{*}body.head") is None)
    yield path, element.text or ""
    for inner in element:
        yield from xml_leaves(inner, path, in_body=in_body)
        yield path, inner.tail or ""


def squeezed(text: str) -> str:
    return "".join(re.sub(r"<[^<>]*>", "", html.unescape(text)).split())


def moment(text: str):
    try:
        return parse_date(text, UTC)
    except ValueError:
        return None


def is_wordless(document) -> bool:
    """Nothing of it is taken, since there is nothing to show."""
    reasons = {problem.detail for item in document.items for problem in item.problems}
    return all(item.is_bad for item in document.items) and reasons == {NOTHING_TO_SHOW}


def lost(document, sent) -> list[tuple[str, str]]:
    """What was sent and stands in none of the articles."""
    assert all(not item.is_bad for item in document.items), document.items[0].problems
    taken = [item.article or item.agenda for item in document.items]
    told = [value for each in taken for _, value in leaves(each.model_dump(mode="json"))]
    whole = "\0".join(map(squeezed, told)) + "\0" + "\0".join("".join(t.split()) for t in told)
    moments = {moment(value) for value in told} - {None}
    visible = ((path, re.sub("[\x80-\x9f]", "", value)) for path, value in sent)
    return [
        (path, value)
        for path, value in visible
        if "".join(value.split()) not in whole
        and squeezed(value) not in whole
        and moment(value) not in moments
        and not ROLES.search(path)
    ]


def test_of_every_ninjs_file_nothing_is_lost(read, shared_data):
    files = sorted((shared_data / "ninjs" / "examples").glob("*/*.json"))
    files += sorted((shared_data / "ninjs" / "validation").glob("*/should_pass/*.json"))
    assert len(files) > 90
    for file in files:
        sent = json.loads(file.read_bytes())
        document = read(file.read_bytes(), "application/json")
        if is_wordless(document):
            sent["title"] = "Ferry returns"
            document = read(json.dumps(sent), "application/json")
        assert lost(document, leaves(sent)) == [], file


def test_of_every_newsml_file_nothing_is_lost(read, shared_data):
    files = sorted((shared_data / "newsml-g2").glob("*.xml"))
    files += sorted((shared_data / "ninjs" / "examples" / "NewsML").glob("*.xml"))
    articles = ("newsItem", "packageItem", "newsMessage", "NewsML")
    compared = 0
    for file in files:
        root = ET.parse(file).getroot()
        if root.tag.rpartition("}")[2] in articles:
            document = read(file.read_bytes(), "application/xml")
            if not is_wordless(document):
                assert lost(document, xml_leaves(root)) == [], file
                compared += 1
    assert compared >= 12


NATIVE = {
    "id": "77",
    "uri": "urn:1",
    "headline": "Ferry returns",
    "slug": "FERRY Return",
    "body_text": "It did.",
    "body_html": "<p>It <b>did</b>.</p>",
    "authors": [{"name": "Ana Roth", "biography": "Sails."}],
    "subjects": [{"name": "transport", "relevance": 70}],
    "images": [{"href": "https://n.example/1.jpg", "alt": "a"}, {"href": "ftp://n.example/2.jpg"}],
    "canonical_url": "about:ferry",
    "mood": {"calm": [1, 2.5]},
}
DIALECT = {
    "guid": "urn:1",
    "_id": "urn:other",
    "type": "text",
    "version": "final",
    "headline": "Ferry returns",
    "slugline": "FERRY/Return",
    "body_html": "<p>It did.</p>",
    "body_xhtml": "<p>Otherwise.</p>",
    "description_text": "Back.",
    "description_html": "<p>Back indeed.</p>",
    "copyrightholder": "Desk",
    "copyrightnotice": "All rights reserved",
    "embargoed": "Next Monday",
    "authors": [{"name": "Ana Roth", "code": "ar", "biography": "Sails.", "role": "writer"}],
    "subject": [
        {"code": "1", "name": "transport", "scheme": "s", "translations": {"de": "Verkehr"}}
    ],
    "service": [{"name": "Local", "code": "l"}],
    "genre": [{"name": "Feature", "code": "f"}],
    "place": [{"name": "Oslo", "code": "o", "world_region": "Europe"}],
    "organisation": [{"name": "O", "rel": "r", "symbols": [{"ticker": "T", "exchange": "E"}]}],
    "renditions": {
        "original": {"href": "https://n.example/o.mp4", "mimetype": "video/mp4", "media": "m1"},
        "web": {"href": "https://n.example/w.jpg", "width": 640, "poi": {"x": 3, "y": 4}},
    },
    "associations": {"featuremedia": {"type": "picture", "headline": "Pier", "extra": {"a": "z"}}},
    "extra": {"desk": "north", "type": "of its own", "genre": "hidden"},
    "extra_items": {"sidebar": {"items": []}},
    "annotations": [{"id": 1, "body": "note"}],
    "priority": 5,
}


@pytest.mark.parametrize("item", [NATIVE, DIALECT], ids=["native", "dialect"])
def test_of_json_nothing_is_lost(read, item):
    sent = {**item}
    sent.pop("id", None)
    assert lost(read(json.dumps(item), "application/json"), leaves(sent)) == []


FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour news",
    "home_page_url": "https://n.example/",
    "icon": "https://n.example/i.png",
    "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    "authors": [{"name": "Desk", "avatar": "https://n.example/d.png"}],
    "items": [
        {
            "id": "1",
            "url": "https://n.example/1",
            "title": "Ferry returns",
            "content_html": "<p>It did.</p>",
            "content_text": "It did.",
            "authors": [{"name": "Ana Roth", "avatar": "https://n.example/a.png"}],
            "attachments": [
                {"url": "https://n.example/a.jpg", "mime_type": "image/jpeg", "size_in_bytes": 7}
            ],
            "_desk": {"mood": "calm"},
        },
        {"id": 2, "title": "Lock opens"},
    ],
}


def test_of_a_json_feed_nothing_is_lost(read):
    assert lost(read(json.dumps(FEED), "application/feed+json"), leaves(FEED)) == []


XML = {path.stem: path.read_text() for path in sorted(SAMPLES.glob("*.xml"))}


@pytest.mark.parametrize("name", XML)
def test_of_xml_nothing_is_lost(read, name):
    root = ET.fromstring(XML[name])
    unsaid = ("isPermaLink", "/rss/@version")
    sent = [(path, value) for path, value in xml_leaves(root) if not path.endswith(unsaid)]
    assert lost(read(XML[name], format_name=name), sent) == []


@pytest.mark.parametrize("name", XML)
def test_what_is_added_anywhere_is_kept(read, name):
    """Every element gets an attribute, and every one with children a child, that nobody knows."""
    root = ET.fromstring(XML[name])
    marks = []

    def mark(element):
        label = element.tag.rpartition("}")[2]
        if label in BODIES and element.find("{*}body.head") is None:
            return
        for inner in list(element):
            mark(inner)
        element.set("newish", f"mark{len(marks)}a")
        marks.append(("attribute of " + label, f"mark{len(marks)}a"))
        if len(element) == 0 or label == "itemSet":
            return
        added = ET.SubElement(element, "novelty")
        added.text = f"mark{len(marks)}b"
        marks.append(("child of " + label, f"mark{len(marks)}b"))

    mark(root)
    # What stands outside of every article and of what tells of all of them has no place.
    places = ("rss", "feed", "channel", "itemSet", "newsMessage")
    sent = [(path, value) for path, value in marks if not path.endswith(places)]
    assert len(sent) > 12
    assert lost(read(ET.tostring(root), format_name=name), sent) == []


LINKED = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Ferry returns",
    "datePublished": "2026-03-02T12:00:00Z",
    "author": [{"@type": "Person", "name": "Ana Roth", "email": "a@n.example"}],
    "image": [{"url": "https://n.example/1.jpg", "license": "https://n.example/l"}],
    "publisher": {"name": "Desk", "logo": {"url": "https://n.example/logo.png"}},
    "isAccessibleForFree": "False",
}


def test_of_what_a_page_says_of_itself_nothing_is_lost(read):
    metas = [("meta", "Press 5"), ("og:image", "https://n.example/2.jpg")]
    document = read((SAMPLES / "page.html").read_text() % json.dumps(LINKED), "text/html")
    assert lost(document, [*leaves(LINKED), *metas]) == []


NEWS_ITEM = """<NewsItem><NewsComponent><NewsLines><HeadLine>{}</HeadLine></NewsLines>
</NewsComponent></NewsItem>"""


@pytest.mark.parametrize(
    ("name", "document", "items"),
    [
        (
            "newsml-g2",
            "<newsMessage><header><signal>{}</signal></header><itemSet>{}</itemSet></newsMessage>",
            '<newsItem guid="urn:{}"><contentMeta><headline>x</headline></contentMeta></newsItem>',
        ),
        (
            "newsml1",
            "<NewsML><NewsEnvelope><Comment>{}</Comment></NewsEnvelope>{}</NewsML>",
            NEWS_ITEM,
        ),
        (
            "newsml1",
            "<NewsML><NewsEnvelope><TransmissionId>{}</TransmissionId></NewsEnvelope>{}</NewsML>",
            NEWS_ITEM,
        ),
        ("rss", "<rss><channel><ttl>{}</ttl>{}</channel></rss>", "<item><title>{}</title></item>"),
    ],
)
def test_a_long_head_is_told_once_and_not_with_every_item(read, name, document, items):
    body = document.format("x" * 500_000, "".join(items.format(n) for n in range(500)))
    told = [item.article.model_dump_json() for item in read(body, format_name=name).items]
    assert len(told) == 500
    assert sum(map(len, told)) < 3 * len(body)
    assert sum("x" * 1_000 in each for each in told) == 1
