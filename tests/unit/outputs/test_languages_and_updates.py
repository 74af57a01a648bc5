"""The language of a feed and of its entries, and marks of what was updated."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from lxml import etree

from newsman.outputs import FORMATS, sitemap
from newsman.outputs.listing import Listing
from newsman_schemas.articles import Reading

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed_of(extension: str, articles, site):
    body = FORMATS[extension].render(Listing("Latest", "/", "/latest", tuple(articles)), site)
    return json.loads(body) if extension == "json" else etree.fromstring(body)


def languages(articles, site) -> list[str | None]:
    """The language that each of the feed formats names."""
    return [
        feed_of("rss", articles, site).findtext("channel/language"),
        feed_of("atom", articles, site).get(LANG),
        feed_of("json", articles, site).get("language"),
    ]


def in_language(stored, *tags):
    return [stored(id=letter * 16, language=tag) for letter, tag in zip("abc", tags, strict=False)]


@pytest.mark.parametrize(
    ("tags", "default", "named"),
    [
        (("pt_BR", "pt-BR"), None, "pt-br"),
        (("en-GB", "en-US"), "de", "en"),
        (("en", None), None, "en"),
        (("en", "de"), None, None),
        (("en", "de"), "en-GB", "en-gb"),
        ((None, "<xx>"), "iw", "he"),
        ((), "nb", "nb"),
        ((), None, None),
    ],
)
def test_a_feed_names_the_language_of_its_articles_or_the_sites(stored, site, tags, default, named):
    site = replace(site, language=default)
    assert languages(in_language(stored, *tags), site) == [named] * 3


def test_entries_name_their_language_where_it_is_another_than_the_feeds(stored, site):
    site = replace(site, language="en")
    articles = in_language(stored, "EN", "de-AT", "no such")
    items = feed_of("rss", articles, site).findall("channel/item")
    assert [item.findtext(f"{DC}language") for item in items] == [None, "de-at", None]
    entries = feed_of("atom", articles, site).findall(f"{ATOM}entry")
    assert [entry.get(LANG) for entry in entries] == [None, "de-at", None]
    items = feed_of("json", articles, site)["items"]
    assert [item.get("language") for item in items] == ["en", "de-at", None]


def test_the_language_that_a_text_reads_like_counts_where_the_newsroom_names_none(stored, site):
    reading = Reading(
        words=9, seconds=3, language="fr", language_confidence=0.97, language_method="test"
    )
    articles = [stored(reading=reading), stored(id="b" * 16, language="fr")]
    assert languages(articles, site) == ["fr"] * 3
    assert sitemap_languages(articles, site) == ["fr", "fr"]


def sitemap_languages(articles, site) -> list[str]:
    root = etree.fromstring(sitemap.render(articles, site))
    return [element.text for element in root.iter(f"{NEWS}language")]


def test_a_sitemap_names_languages_as_google_does_and_always_one(stored, site):
    articles = in_language(stored, "zh-Hant", "zh-Hans", "nonsense")
    assert sitemap_languages(articles, site) == ["zh-tw", "zh-cn", "en"]
    site = replace(site, language="zh-HK")
    assert sitemap_languages(articles, site) == ["zh-tw", "zh-cn", "zh-tw"]


def titles(stored_article, site) -> list[str]:
    """The title in each feed format."""
    return [
        feed_of("rss", [stored_article], site).findtext("channel/item/title"),
        feed_of("atom", [stored_article], site).findtext(f"{ATOM}entry/{ATOM}title"),
        feed_of("json", [stored_article], site)["items"][0]["title"],
    ]


def test_every_feed_dates_the_newest_change(stored, site):
    article = stored(revision=2, version_created=LATER)
    item = feed_of("rss", [article], site).find("channel/item")
    assert datetime.fromisoformat(item.findtext(f"{ATOM}updated")) == LATER
    entry = feed_of("atom", [article], site).find(f"{ATOM}entry")
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) == LATER
    item = feed_of("json", [article], site)["items"][0]
    assert datetime.fromisoformat(item["date_modified"]) == LATER
    body = FORMATS["rss"].render(Listing("Latest", "/", "/latest", (article,)), site)
    assert feedparser.parse(body).entries[0].updated_parsed[:6] == LATER.timetuple()[:6]


def test_titles_of_updated_articles_are_marked_where_the_site_asks_for_it(stored, site):
    update = stored(revision=2, version_created=LATER)
    assert titles(update, site) == ["A bridge opens"] * 3
    site = replace(site, updated_prefix="Oppdatert:")
    assert titles(update, site) == ["Oppdatert: A bridge opens"] * 3
    # Another revision without another version is what enrichment added.
    exact = stored(revision=2, version_created=NOW + timedelta(microseconds=9))
    for unchanged in (exact, stored(revision=2), stored(version_created=LATER)):
        assert titles(unchanged, site) == ["A bridge opens"] * 3
