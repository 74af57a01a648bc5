"""Feeds of a running Newsman: combinations, pages, changes, kills."""

import json
from datetime import UTC, datetime

import feedparser
import httpx
import pytest
from lxml import etree, html

KEY = {"Authorization": "Bearer demo-key", "Content-Type": "application/x-ndjson"}
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ROWS = 23


def story(number: int, **fields) -> dict:
    return {
        "uri": f"urn:feeds:{number}",
        "headline": f"Tram number {number}",
        "body_text": "Trams of the quay line return.",
        "section": "Tramways",
        "language": "nb-NO" if number % 2 else "en",
        "byline": "Mira Holt" if number % 3 else "Jo Berg",
        "published_at": "2026-03-02T12:00:00Z",
        **fields,
    }


@pytest.fixture(scope="module")
def http(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def push(newsroom):
    def send(*articles: dict) -> None:
        body = "\n".join(json.dumps(article) for article in articles)
        answer = httpx.post(f"{newsroom.url('ingest')}/v1/articles", content=body, headers=KEY)
        assert answer.status_code == 202, answer.text

    return send


@pytest.fixture(scope="module")
def trams(http, push, eventually) -> None:
    push(*(story(number) for number in range(ROWS)))
    eventually(lambda: len(items(http, "/feed?section=tramways&limit=100&format=json")) == ROWS)


def items(http: httpx.Client, path: str) -> list[dict]:
    return http.get(path).json()["items"]


def test_filters_combine_and_each_kind_has_a_feed(http, trams):
    both = items(http, "/feed?section=Tramways&lang=nb&author=jo-berg&format=json")
    numbers = {int(item["title"].rpartition(" ")[2]) for item in both}
    assert numbers == {n for n in range(ROWS) if n % 2 and not n % 3}
    assert len(items(http, "/authors/jo-berg.json?limit=100")) == len(range(0, ROWS, 3))
    assert len(items(http, "/languages/nb.json?limit=100")) == len(range(1, ROWS, 2))
    assert items(http, "/sources/demo.json?limit=1")
    assert items(http, "/feed?section=no-such&format=json") == []
    assert http.get("/authors/nobody-at-all.rss").status_code == 404
    assert "Mira Holt" in http.get("/authors/mira-holt").text


def test_pages_of_articles_of_one_moment_hold_each_once(http, trams):
    seen, address = [], "/sections/tramways.atom?limit=5"
    while address:
        feed = feedparser.parse(http.get(address).text)
        seen += [entry.id for entry in feed.entries]
        following = [link.href for link in feed.feed.links if link.rel == "next"]
        address = following[0] if following else None
    assert len(seen) == len(set(seen)) == ROWS


def test_changes_come_without_gaps_and_kills_as_tombstones(http, push, trams, eventually):
    first = http.get("/feed?section=tramways&format=json&limit=1")
    since = first.headers["newsman-since"]
    assert first.json()["_since"] == since
    push(
        story(0, version=2, headline="Tram number 0 stops"),
        story(1, version=2, pubstatus="canceled"),
        story(2, version=2, section="Ferries"),
    )
    told: dict[str, str] = {}

    def follow() -> bool:
        nonlocal since
        page = http.get(f"/feed?section=tramways&format=json&limit=2&since={since}").json()
        told.update({item["title"]: "shown" for item in page["items"]})
        told.update({gone["id"]: gone["reason"] for gone in page["_tombstones"]})
        since = page["_since"]
        assert page["next_url"].endswith(since)
        return len(told) >= 3

    eventually(follow)
    assert told.pop("Tram number 0 stops") == "shown"
    assert sorted(told.values()) == ["killed", "moved"]
    feed = http.get("/sections/tramways.atom").content
    assert len(etree.fromstring(feed).findall(TOMBSTONE)) >= 1
    assert "killed" in http.get("/feed?section=tramways&format=json").text
    assert '"canceled"' in http.get("/sections/tramways.ninjs").text


@pytest.mark.parametrize("extension", ["rss", "atom", "json", "ninjs", "newsml", "txt"])
def test_every_format_answers_conditionally_packed_and_to_head(http, trams, extension):
    path = f"/sections/tramways.{extension}"
    whole = http.get(path, headers={"Accept-Encoding": "identity"})
    packed = http.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == whole.text
    etag = whole.headers["etag"]
    assert not etag.startswith("W/")
    assert http.get(path, headers={"If-None-Match": etag}).status_code == 304
    head = http.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == etag
    assert head.headers["last-modified"]
    assert f'/sections/tramways.{extension}>; rel="self"' in head.headers["link"]


@pytest.mark.parametrize("extension", ["ninjs", "newsml", "nitf", "txt"])
def test_an_article_has_documents_of_its_own(http, trams, extension):
    item = items(http, "/feed?section=tramways&format=json&limit=1")[0]
    path = "/articles/" + item["_newsman"]["article_id"]
    assert item["title"] in http.get(f"{path}.{extension}").text
    assert http.get(f"/latest.{extension}").status_code == 200


def test_the_sitemap_and_the_list_of_feeds(http, push, eventually):
    push({"uri": "urn:feeds:now", "headline": "A tram of today", "section": "Tramways"})
    eventually(lambda: "A tram of today" in http.get("/sitemap-news.xml").text)
    assert "Tram number 3" not in http.get("/sitemap-news.xml").text
    assert http.get("/sitemap-news-1.xml").status_code == 200
    assert http.get("/sitemap-news-9.xml").status_code == 404
    assert "/sitemap-news.xml" in http.get("/robots.txt").text
    outlines = {
        o.get("xmlUrl") for o in etree.fromstring(http.get("/opml").content).iter("outline")
    }
    assert any(url and url.endswith("/sections/tramways.rss") for url in outlines)
    assert any(url and url.endswith("/authors/mira-holt.rss") for url in outlines)


@pytest.mark.parametrize(
    "path",
    [
        "/feed?format=exe",
        "/feed?since=x",
        "/feed?before=1",
        "/feed?limit=0",
        "/feed?limit=101",
        "/feed?before=1-aaaaaaaaaaaaaaaa&since=0",
        "/sections/tramways.rss?since=-",
    ],
)
def test_a_parameter_that_makes_no_sense_is_400(http, trams, path):
    assert http.get(path).status_code == 400


def test_the_api_combines_filters_words_and_times_and_goes_on_by_cursor(http, trams, push):
    address, seen = "/v1/articles?section=Tramways&author=mira-holt&limit=4", []
    while address:
        page = http.get(address).json()
        seen += [item["id"] for item in page["items"]]
        address = page.get("next")
    assert len(seen) == len(set(seen)) >= 10
    found = http.get("/v1/articles?q=quay+line&section=tramways&limit=3").json()["items"]
    assert len(found) == 3
    assert all("quay" in item["body_text"] for item in found)
    old = "section=tramways&published_before=2026-03-03T00:00:00Z"
    assert http.get(f"/v1/articles?{old}&source=demo").json()["items"]
    new = f"{old}&published_after=2026-03-02T12:00:01Z"
    assert http.get(f"/v1/articles?{new}").json()["items"] == []


def test_the_api_tells_changes_kills_and_versions(http, push, eventually):
    push(story(100, section="Funiculars"), story(101, section="Funiculars"))
    every = "/v1/articles?section=funiculars&since=0"
    first = eventually(lambda: len((p := http.get(every).json())["items"]) == 2 and p)
    push(
        story(100, section="Funiculars", version=2, headline="Funicular stops"),
        story(101, section="Funiculars", version=2, pubstatus="canceled"),
    )
    onward = first["next"]
    eventually(lambda: http.get(onward).json()["gone"])
    told = eventually(lambda: len((p := http.get(onward).json())["items"]) == 1 and p)
    assert told["items"][0]["headline"] == "Funicular stops"
    assert [gone["status"] for gone in told["gone"]] == ["killed"]
    live = told["items"][0]["id"]
    versions = http.get(f"/v1/articles/{live}/versions").json()["items"]
    assert [version["version"] for version in versions] == [2, 1]
    assert http.get(f"/v1/articles/{told['gone'][0]['id']}/versions").status_code == 410
    assert http.get("/v1/articles/aaaaaaaaaaaaaaaa/versions").status_code == 404


def test_every_answer_of_the_api_says_what_is_left_of_the_limit(http, trams):
    first, second = http.get("/v1/articles"), http.get("/v1/articles")
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, second)]
    assert first.headers["x-ratelimit-limit"] == "120000"
    assert left[1] < left[0] or left[1] == 119_999
    assert "x-ratelimit-limit" not in http.get("/latest.rss").headers


def test_hostile_text_is_shown_whole_by_readers_that_take_it_as_html(http, push, eventually):
    headline, summary = "The <script> of a&lt;b ]]>", "a<b & c>d <script>alert(1)</script>"
    push(story(900, headline=headline, summary=summary, section="Hostile", language="pt-BR"))
    eventually(lambda: items(http, "/feed?section=hostile&format=json"))
    channel = etree.fromstring(http.get("/sections/hostile.rss").content).find("channel")
    assert channel.findtext("language") == "pt-br"
    item = channel.find("item")
    for name, text in (("title", headline), ("description", summary)):
        shown = html.fragment_fromstring(item.findtext(name), create_parent=True)
        assert (shown.text_content(), len(shown)) == (text, 0)
    assert (
        item.findtext(f"{ATOM}updated")
        == http.get("/sections/hostile.json").json()["items"][0]["date_modified"]
    )


def test_a_source_whose_own_pages_are_canonical_is_in_no_sitemap(http, newsroom, push, eventually):
    address = "https://agency.example/a?b=1&c=é"
    now = datetime.now(UTC).isoformat()
    pushed = story(901, section="Canonical", canonical_url=address, published_at=now)
    key = {"Authorization": "Bearer agency-key"}
    url = f"{newsroom.url('ingest')}/v1/articles"
    theirs = httpx.post(url, json=pushed, headers=key).raise_for_status().json()["id"]
    push(pushed)
    eventually(lambda: len(items(http, "/feed?section=canonical&format=json")) == 2)

    page = html.fromstring(http.get(f"/articles/{theirs}").text)
    assert page.find(".//link[@rel='canonical']").get("href") == address
    link = http.get(f"/articles/{theirs}.txt").headers["link"]
    assert link == '<https://agency.example/a?b=1&c=%C3%A9>; rel="canonical"'
    ids = {item["_newsman"]["article_id"] for item in items(http, "/sections/canonical.json")}
    (ours,) = ids - {theirs}
    assert (
        f'/articles/{ours}>; rel="canonical"' in http.get(f"/articles/{ours}.txt").headers["link"]
    )
    eventually(lambda: ours in http.get("/sitemap-news.xml").text)
    assert theirs not in http.get("/sitemap-news.xml").text


PICTURES = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Quay Post</title><item>
  <title>Ferry with a picture</title><guid isPermaLink="false">urn:feeds:picture</guid>
  <category>Piers</category><dc:creator>By Ida Holm, Per Aas and The Quay Post Staff</dc:creator>
  <media:content url="https://i.example/60/f.jpg" width="60"/>
  <media:content url="https://i.example/900/f.jpg" type="image/jpeg" width="900" height="600">
    <media:description>The ferry</media:description><media:credit>Eva Lund</media:credit>
  </media:content>
  <description><![CDATA[<p>It left.</p><img src="data:image/gif;base64,AA"
    data-src="https://i.example/lazy.jpg"><iframe src="https://www.youtube.com/embed/x"
    title="How it left"></iframe>]]></description></item></channel></rss>"""


def test_pictures_players_and_authors_come_through(http, newsroom, eventually):
    headers = {**KEY, "Content-Type": "application/rss+xml"}
    answer = httpx.post(f"{newsroom.url('ingest')}/v1/articles", content=PICTURES, headers=headers)
    assert answer.status_code == 202, answer.text
    eventually(lambda: items(http, "/feed?section=piers&format=json"))
    (item,) = items(http, "/feed?section=piers&format=json")
    names = ["Ida Holm", "Per Aas", "The Quay Post Staff"]
    assert [author["name"] for author in item["authors"]] == names
    assert item["attachments"] == [
        {
            "url": "https://i.example/900/f.jpg",
            "mime_type": "image/jpeg",
            "title": "The ferry",
            "_newsman": {"width": 900, "height": 600, "credit": "Eva Lund"},
        }
    ]
    assert '<img src="https://i.example/lazy.jpg">' in item["content_html"]
    assert ">How it left</a>" in item["content_html"]
    for extension in ("rss", "atom"):
        text = http.get(f"/feed?section=piers&format={extension}").text
        (entry,) = feedparser.parse(text).entries
        assert [author["name"] for author in entry.authors] == names
        (picture,) = entry.media_content
        assert (picture["width"], picture["height"], picture["type"]) == (
            "900",
            "600",
            "image/jpeg",
        )
        assert entry.media_credit[0]["content"] == "Eva Lund"
    page = etree.HTML(http.get(f"/articles/{item['_newsman']['article_id']}").text)
    assert not page.xpath("//img")
    (link,) = page.xpath("//a[@href='https://i.example/900/f.jpg']")
    assert "".join(link.getparent().itertext()).split() == ["The", "ferry", "Eva", "Lund"]
    linked = json.loads(page.findtext(".//script[@type='application/ld+json']"))
    assert [author["@type"] for author in linked["author"]] == ["Person", "Person", "Organization"]


def test_an_external_address_comes_out_as_it_went_in(http, newsroom, eventually):
    external = "https://elsewhere.example/a?b=1"
    entry = {"id": "urn:feeds:link", "url": "https://quay.example/1", "external_url": external}
    entry |= {"title": "A link", "content_text": "Read this.", "tags": ["Links elsewhere"]}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Q", "items": [entry]}
    headers = {**KEY, "Content-Type": "application/feed+json"}
    answer = httpx.post(f"{newsroom.url('ingest')}/v1/articles", json=feed, headers=headers)
    assert answer.status_code == 202, answer.text
    eventually(lambda: items(http, "/feed?section=links-elsewhere&format=json"))
    (item,) = items(http, "/feed?section=links-elsewhere&format=json")
    assert item["external_url"] == external


def test_a_podcast_s_sound_is_an_enclosure_everywhere_until_it_is_killed(
    http, newsroom, eventually
):
    sound, guid = "https://cast.example/1.mp3?a=1&b=2", "urn:podcast:1"
    enclosure = f'<enclosure url="{sound.replace("&", "&amp;")}" type="audio/mpeg" length="1234"/>'
    item = (
        f"<item><guid>{guid}</guid><title>Ep 1</title><category>Cast</category>{enclosure}</item>"
    )
    document = f"<rss><channel><title>Pod</title>{item}</channel></rss>"
    url = f"{newsroom.url('ingest')}/v1/articles"
    headers = {**KEY, "Content-Type": "application/rss+xml"}
    answer = httpx.post(url, content=document, headers=headers).json()
    ident = answer["items"][0]["id"]
    eventually(lambda: http.get(f"/v1/articles/{ident}").status_code == 200)
    for extension in ("rss", "atom"):
        (entry,) = feedparser.parse(http.get(f"/sections/cast.{extension}").text).entries
        (found,) = entry.enclosures
        assert (found.href, found.type, found.length) == (sound, "audio/mpeg", "1234")
    (attached,) = items(http, "/sections/cast.json")[0]["attachments"]
    assert attached == {"url": sound, "mime_type": "audio/mpeg", "size_in_bytes": 1234}
    (part,) = http.get(f"/articles/{ident}.ninjs").json()["associations"].values()
    assert (part["type"], part["renditions"]["main"]["href"]) == ("audio", sound)
    page = html.fromstring(http.get(f"/articles/{ident}").text)
    assert [a.text for a in page.iter("a") if a.get("href") == sound] == ["1.mp3"]
    kill = {"uri": guid, "version": 2, "pubstatus": "canceled"}
    httpx.post(url, json=kill, headers={**KEY, "Content-Type": "application/json"})
    eventually(lambda: http.get(f"/articles/{ident}").status_code == 410)
    assert all("cast.example" not in http.get(f"/sections/cast.{e}").text for e in ("rss", "json"))
