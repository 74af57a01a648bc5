"""Deliveries in every format, of articles and of kills."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from newsman.outputs.listing import Site, Tombstone
from newsman.outputs.payloads import FORMAT_PAYLOADS, render
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import EnrichedArticle, Enrichment
from newsman_schemas.subscriptions import PAYLOADS

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = Site("https://news.example", "The Example")
ARTICLE = StoredArticle(
    EnrichedArticle(
        id="a" * 16,
        source="desk",
        uri="urn:desk:1",
        version=3,
        version_created=NOW,
        headline="The night ferry returns",
        slug="ferry",
        body_html="<p>It sails.</p>",
        body_text="It sails.",
        enrichment=Enrichment(status="done", method="none", duration_ms=0),
    ),
    2,
    0,
    (),
)
KILLED = Tombstone("a" * 16, "urn:desk:1", 4, NOW, "killed")


def test_every_payload_but_the_webhooks_own_is_a_format():
    assert {*FORMAT_PAYLOADS, "full", "thin"} == set(PAYLOADS)


@pytest.mark.parametrize("payload", [name for name in PAYLOADS if name.startswith("ninjs")])
def test_ninjs_tells_of_articles_and_their_kills(payload):
    content, media_type = render(payload, ARTICLE, SITE)
    assert media_type.startswith("application/")
    assert "The night ferry returns" in json.dumps(json.loads(content))
    killed, _ = render(payload, KILLED, SITE)
    item = json.loads(killed)
    assert (item.get("pubstatus") or item.get("pubStatus")) == "canceled"
    assert "ferry" not in killed.decode()


@pytest.mark.parametrize(
    ("payload", "mark"), [("newsml-g2", b'"stat:canceled"'), ("nitf", b'"canceled"')]
)
def test_xml_tells_of_articles_and_their_kills(payload, mark):
    content, media_type = render(payload, ARTICLE, SITE)
    assert b"The night ferry returns" in content
    assert "xml" in media_type
    killed, _ = render(payload, KILLED, SITE)
    ET.fromstring(killed)
    assert mark in killed
    assert b"ferry" not in killed
