"""Pages with naughty strings in every field, and the linked data in them."""

import json
from pathlib import Path

from jsonschema_rs import Draft202012Validator
from lxml import html

SCHEMA = Path(__file__).parent / "newsarticle.json"


def test_naughty_strings_are_text_in_pages(hostile, naughty_strings, pages, site):
    for text in naughty_strings:
        body = pages.article(hostile(text), ())
        page = html.fromstring(body.decode().replace("\x00", "�"), parser=html.HTMLParser())
        assert len(page.findall(".//script")) == 2
        assert page.findall(".//*[@onerror]") == []
        assert page.findall(".//*[@onload]") == []
        assert page.findtext(".//script[@type='application/ld+json']") is not None
        assert [element.tag for element in page.find(".//h1").iter()] == ["h1"]


def test_the_linked_data_of_a_page_cannot_end_its_script(hostile, naughty_strings, pages):
    for text in naughty_strings:
        body = pages.article(hostile(text), ()).decode()
        raw = body.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        data = json.loads(raw)
        assert data["@type"] == "NewsArticle"
        assert data["headline"] == text


def test_the_linked_data_of_pages_is_a_news_article(everything, pages):
    held = Draft202012Validator(json.loads(SCHEMA.read_text()))
    for stored in everything.articles:
        body = pages.article(stored, ()).decode()
        raw = body.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        data = json.loads(raw)
        held.validate(data)
        assert data["headline"] == stored.article.headline
    assert not held.is_valid({**data, "dateModified": "2026-03-02"})
    assert not held.is_valid({**data, "author": ["Mira Holt"]})
