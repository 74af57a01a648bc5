"""Examples that work: the tests push each of them to the running service."""

from typing import Any

from newsman.ingest.parse import CLOUDEVENT, CLOUDEVENTS_BATCH, MULTIPART

BOUNDARY = "batch"
ARTICLE: dict[str, Any] = {
    "uri": "urn:newsdesk:ferry-2026-03-01",
    "version": 1,
    "headline": "Ferry returns to the fjord",
    "byline": "Kari Nordmann",
    "section": "Local",
    "language": "en",
    "published_at": "2026-03-01T08:00:00Z",
    "body_html": "<p>The ferry sails again after <em>ten</em> years.</p>",
    "keywords": ["ferry", "fjord"],
}
KILL: dict[str, Any] = {
    "uri": ARTICLE["uri"], "version": 2, "headline": ARTICLE["headline"], "pubstatus": "canceled"
}  # fmt: skip
SUPERDESK: dict[str, Any] = {
    "guid": "urn:newsml:desk.example:2026-03-01:1",
    "version": "2",
    "type": "text",
    "headline": "Ferry returns to the fjord",
    "body_html": "<p>It did.</p>",
    "versioncreated": "2026-03-01T08:00:57+0000",
    "pubstatus": "usable",
    "service": [{"name": "Local", "code": "l"}],
    "associations": {"featuremedia": None},
}
NINJS: dict[str, Any] = {
    "uri": "http://desk.example/2026/ferry",
    "type": "text",
    "version": "1",
    "versioncreated": "2026-03-01T08:00:57+00:00",
    "headline": "Ferry returns to the fjord",
    "body_text": "It did.",
}
JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The desk",
    "items": [{"id": "ferry", "title": "Ferry returns", "content_text": "It did."}],
}
RSS = (
    '<rss version="2.0"><channel><title>The desk</title><link>https://desk.example/</link>'
    "<description>News</description><item><title>Ferry returns</title><guid>ferry-1</guid>"
    "<pubDate>Sun, 01 Mar 2026 08:00:00 +0000</pubDate></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>The desk</title><id>urn:desk</id>'
    "<updated>2026-03-01T08:00:00Z</updated><entry><title>Ferry returns</title>"
    "<id>urn:ferry:1</id><updated>2026-03-01T08:00:00Z</updated></entry></feed>"
)
NEWSML_G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:ferry:1" version="1">'
    "<itemMeta><versionCreated>2026-03-01T08:00:00Z</versionCreated></itemMeta>"
    "<contentMeta><headline>Ferry returns</headline></contentMeta><contentSet>"
    "<inlineData>It did.</inlineData></contentSet></newsItem>"
)
NEWSML_1 = (
    "<NewsML><NewsItem><Identification><NewsIdentifier><PublicIdentifier>urn:ferry:1"
    "</PublicIdentifier></NewsIdentifier></Identification><NewsComponent><NewsLines>"
    "<HeadLine>Ferry returns</HeadLine></NewsLines><ContentItem><DataContent>It did."
    "</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
)
NITF = (
    '<nitf><head><docdata><doc-id id-string="urn:ferry:1"/></docdata></head><body><body.head>'
    "<hedline><hl1>Ferry returns</hl1></hedline></body.head><body.content><p>It did.</p>"
    "</body.content></body></nitf>"
)
WEB_PAGE = (
    '<!doctype html><html lang="en"><head><title>Ferry returns</title>'
    '<meta property="og:title" content="Ferry returns">'
    '<link rel="canonical" href="https://desk.example/ferry"></head>'
    "<body><article><h1>Ferry returns</h1><p>It did.</p></article></body></html>"
)
PAGE = (
    "March 1, 2026\nHomeLocalFerry returns to the fjord\n\nFerry returns to the fjord\n\n"
    "Courier: The ferry sails again.\n"
)
LINES = '{"uri": "urn:1", "headline": "One"}\n{"uri": "urn:2", "headline": "Two"}\n'
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/desk",
    "type": "article",
    "datacontenttype": "application/json",
    "data": ARTICLE,
}
PARTS = (
    f"--{BOUNDARY}\r\nContent-Type: application/json\r\n\r\n"
    '{"uri": "urn:1", "headline": "One"}\r\n'
    f"--{BOUNDARY}\r\nContent-Type: application/rss+xml\r\n\r\n{RSS}\r\n--{BOUNDARY}--\r\n"
)
BY_FORMAT: dict[str, dict[str, Any]] = {
    "json": {"one": ARTICLE, "a kill": KILL, "a batch": [ARTICLE, SUPERDESK]},
    "native": {"one": ARTICLE},
    "ninjs": {"from Superdesk": SUPERDESK, "IPTC": NINJS},
    "ndjson": {"two": LINES},
    "rss": {"a feed": RSS},
    "atom": {"a feed": ATOM},
    "jsonfeed": {"a feed": JSON_FEED},
    "newsml-g2": {"an item": NEWSML_G2},
    "newsml1": {"an item": NEWSML_1},
    "nitf": {"a story": NITF},
    "html": {"a page": WEB_PAGE},
    "text": {"a page": PAGE},
}
"""Name -> body, by the format's name; a format without an example has none in the document."""
BY_ENVELOPE: dict[str, dict[str, Any]] = {
    MULTIPART: {"two parts": PARTS},
    CLOUDEVENT: {"one": EVENT},
    CLOUDEVENTS_BATCH: {"a batch": [EVENT]},
}
SNIFFED = {
    "application/xml": {"a feed": RSS},
    "text/xml": {"a feed": ATOM},
    "application/octet-stream": {"a feed": RSS},
}
"""Content types that say little: the body's beginning tells the format."""
VIEW = {"article": "e7lzc3nbdhu4qx2a", "reader": "subscriber-1", "id": "view-1", "seconds": 12.5}
VIEW_LINES = '{"article": "e7lzc3nbdhu4qx2a"}\n{"article": "e7lzc3nbdhu4qx2a", "seconds": 8}\n'
HITS: dict[str, Any] = {
    "hits": [
        {"path": "/articles/e7lzc3nbdhu4qx2a", "ip": "192.0.2.1", "user_agent": "Mozilla/5.0"},
        {"path": "/2026/03/ferry.html", "session": "s1", "created_at": "2026-03-01T08:00:00Z"},
    ]
}
PIN: dict[str, Any] = {
    "article": VIEW["article"], "action": "pin", "rank": 1, "scope": "section:local", "by": "Kari"
}  # fmt: skip
BAN: dict[str, Any] = {"article": VIEW["article"], "action": "ban", "reason": "in dispute"}
ARTICLE_EVENT = {
    "$schema": "/newsman/article/1.0.0",
    "meta": {"stream": "newsman.article", "id": "9f6e2f6c-4d55-4b43-a5ba-0b8a34b5f4d9"},
    **ARTICLE,
}
VIEW_EVENT = {
    "$schema": "/newsman/view/1.0.0",
    "meta": {"stream": "newsman.view", "dt": "2026-03-01T08:00:00Z"},
    "article": VIEW["article"],
}
