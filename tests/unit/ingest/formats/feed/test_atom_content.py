"""Entries of Atom in the dialects that feeds speak: content in base64, dates of RSS, people."""

from datetime import UTC, datetime

import pytest

ENTRY = '<entry xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>Ferry</title>%s</entry>'
OLD = '<entry xmlns="http://purl.org/atom/ns#"><id>urn:f</id>%s</entry>'
MARKUP = "RmVycnkgPGI+bGVhdmVzPC9iPg=="  # Ferry <b>leaves</b>


@pytest.fixture
def entry(article):
    """The article of an Atom entry with these elements."""
    return lambda parts, around=ENTRY: article(around % parts, "application/atom+xml")


@pytest.mark.parametrize(
    "content",
    [
        f'<content type="application/octet-stream">{MARKUP}</content>',
        f'<content type="text/html;base64">\n {MARKUP[:9]}\n {MARKUP[9:]}\n</content>',
        f'<content type="text/html" mode="base64">{MARKUP}</content>',
    ],
)
def test_content_in_base64_is_read(entry, content):
    assert entry(content).body_html == "Ferry <b>leaves</b>"


def test_plain_text_in_base64_is_no_markup(entry):
    content = f'<content type="text/plain;base64">{MARKUP}</content>'
    assert entry(content).body_text == "Ferry <b>leaves</b>"


def test_every_text_of_atom_03_may_be_in_base64(entry):
    old = entry(f'<title mode="base64" type="text/html">{MARKUP}</title>', OLD)
    assert old.headline == "Ferry leaves"


@pytest.mark.parametrize(
    "content",
    [
        '<content type="image/png">iVBORw0KGgoAAAANSUhEUg==</content>',
        '<content type="application/octet-stream">/+7d</content>',
    ],
)
def test_what_is_no_text_is_no_content(entry, content):
    assert entry(f"<summary>Short.</summary>{content}").body_text == "Short."


@pytest.mark.parametrize("kind", ["application/xhtml+xml", "text/x-web-markdown", "html", "text"])
def test_other_types_are_not_decoded(entry, kind):
    assert entry(f'<content type="{kind}">Rm9v</content>').body_text == "Rm9v"


def test_the_date_of_rss_is_read(entry):
    found = entry("<pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate><summary>x</summary>")
    assert found.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_author_without_a_name_is_called_by_the_address(entry):
    (author,) = entry("<author><uri>https://ann.example/</uri></author>").authors
    assert (author.name, author.uri) == ("https://ann.example/", "https://ann.example/")


def test_an_entry_without_an_author_has_its_sources_else_its_feeds(article):
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><author><name>Feed</name></author><entry>'
        "<id>urn:1</id><title>t</title>%s<contributor><name>Eva</name></contributor></entry></feed>"
    )

    def names(parts: str) -> list[str]:
        return [author.name for author in article(feed % parts, "application/atom+xml").authors]

    assert names("") == ["Feed", "Eva"]
    assert names("<source><author><name>Wire</name></author></source>") == ["Wire", "Eva"]
    assert names("<author><name>Ann</name></author>") == ["Ann", "Eva"]


def test_content_may_say_its_encoding_in_an_attribute_of_its_own(entry):
    found = entry('<content type="html" encoding="base64">PHA+TG9jazwvcD4=</content>')
    assert found.body_html == "<p>Lock</p>"
