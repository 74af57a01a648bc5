"""Superdesk push out of one Newsman into another: its ingest takes what a Newsroom would."""

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from tests.log import records_on
from tests.unit.deliver.channels.context import NOW, channel_context, delivery, subscription

from newsman.assets.store import AssetStore
from newsman.deliver.channels.superdesk import SuperdeskChannel
from newsman.kafka.records import decode
from newsman.outputs.listing import Site, Tombstone
from newsman.outputs.ninjs.dialect import render_article, render_tombstone
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import (
    ArticleReceived,
    EnrichedArticle,
    Enrichment,
    PubStatus,
)
from newsman_schemas.subscriptions import Secret

SECRET = "a secret between two houses"
ASSET = "a" * 26
PICTURE = b"\x89PNG\r\n\x1a\n pixels"
SITE = Site("https://news.example", "Harbour News")
URI = "urn:harbour:1"


class OneAsset(BaseHTTPRequestHandler):
    """Feeds, as far as it serves one picture."""

    def do_GET(self) -> None:
        is_it = self.path == f"/assets/{ASSET}"
        self.send_response(200 if is_it else 404)
        self.send_header("Content-Length", str(len(PICTURE) if is_it else 0))
        self.end_headers()
        if is_it:
            self.wfile.write(PICTURE)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def feeds_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneAsset)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def article() -> EnrichedArticle:
    rendition = {
        "href": f"{SITE.url}/assets/{ASSET}",
        "media": "20260301/ferry.png",
        "mimetype": "image/png",
    }
    picture = {"type": "picture", "guid": "urn:harbour:p", "renditions": {"original": rendition}}
    return EnrichedArticle(
        id="b" * 16,
        source="harbour",
        uri=URI,
        version=2,
        version_created=NOW,
        headline="The night ferry returns",
        slug="the-night-ferry-returns",
        body_html="<p>It did.</p>",
        associations={"featuremedia": picture},
        enrichment=Enrichment(status="done", method="none", duration_ms=0),
    )


def test_another_newsman_takes_articles_their_pictures_and_kills(
    start_service, tmp_path, feeds_url, kafka_bootstrap, topics
):
    sources = tmp_path / "sources.toml"
    sources.write_text(
        f'[sources.harbour]\nsecrets = ["{SECRET}"]\nunsigned_binary_checks = true\n'
    )
    assets = (tmp_path / "assets").as_uri()
    ingest = start_service(
        "ingest", NEWSMAN_SOURCES_FILE=str(sources), NEWSMAN_ASSETS_URL=assets
    ).wait_ready()
    wish = subscription(
        "superdesk",
        f"{ingest.url}/push",
        options={"assets_url": f"{ingest.url}/push_binary"},
        secrets=(Secret(value=SECRET),),
    )
    published = render_article(StoredArticle(article(), 1, 0, ()), SITE)
    killed = render_tombstone(Tombstone("b" * 16, URI, 3, NOW, "killed"), SITE)

    async def scenario():
        async with channel_context(feeds_url=feeds_url) as context:
            channel = SuperdeskChannel(context)
            return [
                (await channel.send(wish, [delivery(body, event)]))[0]
                for body, event in (
                    (published, "article.published"),
                    (published, "article.published"),
                    (killed, "article.killed"),
                )
            ]

    answers = asyncio.run(scenario())
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [(200, {})] * 3
    store = AssetStore(assets)
    assert store.exists("harbour", "20260301/ferry.png")
    records = records_on(kafka_bootstrap, f"{topics}.article-received.v1")
    received = [decode(ArticleReceived, record.value).article for record in records]
    assert [(one.uri, one.version, one.pubstatus) for one in received] == [
        (URI, 2, PubStatus.USABLE),
        (URI, 2, PubStatus.USABLE),
        (URI, 3, PubStatus.CANCELED),
    ]
    assert received[0].body_html == "<p>It did.</p>"
