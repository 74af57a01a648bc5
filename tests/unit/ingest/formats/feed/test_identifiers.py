"""Which article an item of a feed is: guids within their feed, and guids that name nothing."""

import json

import pytest

from newsman.ingest.formats.model import BadDocument, Defaults
from newsman.ingest.pushes import parse


def rss(*items, about="<title>Local</title><link>https://a.example/</link>"):
    rows = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel>{about}{rows}</channel></rss>'


def atom(*ids, feed_id="tag:a.example,2026:feed"):
    rows = "".join(f"<entry><id>{i}</id><title>{i}</title></entry>" for i in ids)
    around = f"<id>{feed_id}</id><title>A</title>{rows}"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{around}</feed>'


def rdf(about, guid):
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/"><channel rdf:about="{about}"><title>A</title></channel>
      <item rdf:about="{guid}"><title>A</title></item></rdf:RDF>"""


def json_feed(*items, url="https://a.example/feed.json"):
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "A", "feed_url": url, "items": items})


def guid(text, title="Lock opens", link=""):
    link = link and f"<link>{link}</link>"
    return f'<title>{title}</title>{link}<guid isPermaLink="false">{text}</guid>'


SELF = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{}"/><title>A</title>'
TWO_FEEDS = {
    "rss-self": [rss(guid("54"), about=SELF.format(f"https://a.example/{n}.rss")) for n in (1, 2)],
    "rss-link": [rss(guid("54"), about=f"<link>https://a.example/{n}</link>") for n in (1, 2)],
    "rss-title": [rss(guid("54"), about=f"<title>{n}</title>") for n in (1, 2)],
    "atom": [atom("54", feed_id=f"tag:a.example,2026:{n}") for n in (1, 2)],
    "rdf": [rdf(f"https://a.example/{n}.rdf", "54") for n in (1, 2)],
    "jsonfeed": [
        json_feed({"id": "54", "title": "A"}, url=f"https://a.example/{n}.json") for n in (1, 2)
    ],
}


@pytest.mark.parametrize("kind", TWO_FEEDS)
def test_a_guid_that_is_no_uri_counts_within_its_feed(read, kind):
    first, second = (read(document).items[0].article for document in TWO_FEEDS[kind])
    assert (first.uri, second.uri) == ("54", "54")
    assert first.id != second.id
    assert first.id == read(TWO_FEEDS[kind][0]).items[0].article.id


def test_a_guid_that_is_a_uri_counts_in_all_feeds(read):
    documents = [rss(guid("tag:a,2026:1"), about=f"<title>{n}</title>") for n in (1, 2)]
    first, second = (read(document).items[0].article for document in documents)
    assert first.id == second.id


def test_a_feed_that_does_not_name_itself_has_the_address_it_came_from(now):
    def article(url):
        defaults = Defaults("desk", "en", now.tzinfo, None, now, document_url=url)
        return parse(
            rss(guid("54")).encode(), content_type=None, format_name=None, defaults=defaults
        )

    urls = ("https://a.example/1.rss", "https://a.example/2.rss", "http://a.example/1.rss")
    first, second, third = (article(url).items[0].article.id for url in urls)
    assert first != second
    assert first == third


NIL = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (  # the link names the item
            [guid("N/A", "A", "https://a.example/1"), guid("N/A", "B", "https://a.example/2")],
            ["https://a.example/1", "https://a.example/2"],
        ),
        ([guid("7", "A", "https://a.example/1"), guid("7", "B")], ["https://a.example/1", None]),
        ([guid("None", "A"), guid("None", "B")], [None, None]),
        ([guid("N/A", "A"), guid("8", "B")], [None, "8"]),
        *(
            ([guid(name, "A", "https://a.example/1"), guid("8", "B")], ["https://a.example/1", "8"])
            for name in (
                "#N/A",
                "http://",
                "about:blank",
                "urn:uuid:" + NIL,
                NIL,
                "{guid}",
                "${id}",
            )
        ),
        (
            [guid("{6F9619FF-8B86-D011-B42D-00C04FC964FF}", "A")],
            ["{6F9619FF-8B86-D011-B42D-00C04FC964FF}"],
        ),
        ([guid("https://a.example/", "A"), guid("https://a.example", "B")], [None, None]),
        ([guid("urn:x", "A"), guid("urn:x", "B")], [None, None]),
        (["<title>A</title><link>https://a.example/</link>"], [None]),
        ([guid("urn:x", "A", "https://a.example/1")] * 2, ["urn:x", "urn:x"]),
        (["<title>Briefs</title><description>1</description>"] * 1, [None]),
    ],
)
def test_a_guid_that_names_nothing_is_none(read, items, expected):
    articles = [item.article for item in read(rss(*items)).items]
    uris = [a.uri if not a.uri.startswith("urn:newsman:") else None for a in articles]
    assert uris == expected
    assert len({a.id for a in articles}) == len(set(items))


def test_items_without_any_name_are_told_apart_by_their_text(read):
    briefs = [f"<title>Briefs</title><description>Text {n}</description>" for n in (1, 2)]
    first, second = (item.article for item in read(rss(*briefs)).items)
    assert first.id != second.id


def test_ids_of_a_json_feed_that_stand_twice_are_none(read):
    items = [{"id": "0", "url": f"https://a.example/{n}", "title": n} for n in "ab"]
    assert [item.article.uri for item in read(json_feed(*items)).items] == [
        "https://a.example/a",
        "https://a.example/b",
    ]


def test_the_guid_that_was_sent_is_kept(read):
    items = [guid("N/A", "A", "https://a.example/1"), guid("N/A", "B", "https://a.example/2")]
    assert read(rss(*items)).items[0].article.extra["guid"] == "N/A"


WHOLE = rss(guid("urn:1", "A"), guid("urn:2", "B") + "<description>A long text.</description>")


@pytest.mark.parametrize("document", [WHOLE, atom("urn:1", "urn:2"), rdf("urn:f", "urn:1")])
def test_half_an_item_is_none(read, document):
    whole = [item.article.id for item in read(document).items]
    names = set()
    for length in range(len(document)):
        try:
            items = read(document[:length], "text/xml", format_name="rss").items
        except BadDocument:
            continue
        names.update(item.article.id for item in items if item.article)
        assert all("ends in the middle" in p.detail for item in items for p in item.problems)
    assert names <= set(whole)


def test_a_feed_whose_items_lack_end_tags_is_read(read):
    items = read("<rss><channel><item><title>A</title><item><title>B</title></rss>").items
    assert [item.article.headline for item in items] == ["A", "B"]


def test_items_that_share_a_guid_and_have_no_link_are_told_apart_by_their_text(read):
    def texts(*texts, title=""):
        items = [f"{title}<description>{t}</description><guid>7</guid>" for t in texts]
        return {item.article.uri for item in read(rss(*items)).items}

    assert len(texts("The lock opens.", "The lock shuts.")) == 2
    assert len(texts("The lock opens.", "The lock shuts.", title="<title>Lock</title>")) == 2
    assert texts("The lock opens.", "The lock opens.") == {"7"}


@pytest.mark.parametrize("sign", ["?", "...", "* * *", "\u2014"])
def test_signs_alone_name_nothing(read, sign):
    (item,) = read(rss(guid(sign, link="https://a.example/lock"))).items
    assert (item.article.uri, item.article.extra["guid"]) == ("https://a.example/lock", sign)
