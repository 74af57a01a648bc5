"""News pages: schema.org, Open Graph, and plain markup."""

import json
from datetime import UTC, datetime

import pytest

from newsman.ingest.core import normalise
from newsman.ingest.formats.model import BadDocument, Defaults
from newsman.ingest.formats.page import html as html_page
from newsman.ingest.formats.page.text import body as page_body
from newsman.ingest.pushes import parse

SITE = "https://c.example"
DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 5, tzinfo=UTC))
PARAGRAPHS = [
    f"Paragraph {number} tells at some length how the lock at the canal was opened for barges, "
    "and who was there to see it."
    for number in range(4)
]
BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
LINKED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Organization", "name": "The Courier"},
        {
            "@type": ["NewsArticle", "Thing"],
            "headline": "Lock opens &amp; closes",
            "alternativeHeadline": "A day at the canal",
            "datePublished": "2026-03-02T10:00:00+01:00",
            "dateModified": "2026-03-02T12:00:00+01:00",
            "author": [
                {"@type": "Person", "name": "Ana Roth", "url": "https://c.example/ana"},
                "Bo",
            ],
            "articleSection": ["Canals", "Region"],
            "keywords": "locks, barges",
            "image": [
                {"@type": "ImageObject", "url": "/lock.jpg", "width": "800px", "height": 600}
            ],
            "inLanguage": {"@type": "Language", "alternateName": "en-GB"},
            "mainEntityOfPage": {"@id": "https://c.example/lock"},
            "description": "It opened.",
            "copyrightHolder": {"name": "The Courier"},
            "isAccessibleForFree": False,
        },
    ],
}


def page(head: str = "", body: str = BODY) -> str:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>Lock opens | The Courier</title>{head}</head>"
        f"<body><nav><a href=/>Home</a><p>Sections of this site</p></nav><article><h1>Lock opens"
        f"</h1>{body}</article><footer><p>About us and our terms of use</p></footer></body></html>"
    )


def linked(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def draft(markup: str | bytes):
    (found,) = html_page.read(markup if isinstance(markup, bytes) else markup.encode(), DEFAULTS)
    return found


def article(markup: str | bytes):
    parsed = normalise(draft(markup), DEFAULTS, index=0)
    assert parsed.problems == ()
    return parsed.article


def test_schema_org_says_what_the_article_is():
    found = article(page(linked(LINKED)).replace("<h1>Lock opens</h1>", ""))
    assert (found.uri, found.canonical_url) == ("https://c.example/lock",) * 2
    assert (found.headline, found.subheadline) == ("Lock opens & closes", "A day at the canal")
    assert found.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert found.version_created == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert (found.byline, found.authors[0].uri) == ("Ana Roth, Bo", "https://c.example/ana")
    assert (found.section, found.keywords) == ("Canals", ("locks", "barges"))
    assert (found.language, found.summary) == ("en-GB", "It opened.")
    assert found.copyright == "The Courier"
    assert found.extra["isAccessibleForFree"] is False
    (image,) = found.images
    assert (image.href, image.width, image.height) == ("https://c.example/lock.jpg", 800, 600)


def test_the_body_is_the_article_without_what_stands_around_it():
    found = article(page())
    assert found.body_text.split("\n\n") == PARAGRAPHS
    assert "Home" not in found.body_html
    assert "terms of use" not in found.body_html


def test_comments_are_left_out_where_no_element_but_a_class_says_it():
    comments = '<div class="comments"><p>First, says a reader of it.</p></div>'
    bare = f"<html><body><div class=story>{BODY}{comments}</div></body></html>"
    found = draft(bare).fields["body_html"]
    assert [text for text in PARAGRAPHS if text not in found] == []
    assert "First, says" not in found


def test_without_an_extractor_the_article_element_is_the_body(monkeypatch):
    monkeypatch.setattr(page_body, "extracted", lambda *_: None)
    found = article(page())
    assert [text for text in PARAGRAPHS if text not in found.body_text] == []
    assert "Home" not in found.body_text


def test_open_graph_and_meta_elements_say_it_too():
    found = article(
        page(
            '<meta property="og:title" content="Lock opens"><link rel=canonical href="/lock">'
            '<meta property="og:url" content="https://c.example/x">'
            '<meta property="article:published_time" content="2026-03-02T10:00:00Z">'
            '<meta property="article:section" content="Canals">'
            '<meta property="article:tag" content="locks"><meta name=keywords content="a, Locks">'
            '<meta name=author content="Ana Roth"><meta property="og:image" content="/l.jpg">'
            '<meta name="twitter:site" content="@courier">'
        )
    )
    assert found.canonical_url == "https://c.example/lock"
    assert found.headline == "Lock opens"
    assert found.published_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (found.section, found.keywords) == ("Canals", ("locks", "a"))
    assert (found.byline, found.language) == ("Ana Roth", "en")
    assert found.images[0].href == "https://c.example/l.jpg"
    assert found.extra["meta"] == {"twitter:site": "@courier"}


def test_a_bare_page_has_its_heading_and_its_time():
    found = article(page(body=f'<time datetime="2026-03-02T10:00:00Z">Monday</time>{BODY}'))
    assert found.headline == "Lock opens"
    assert found.published_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_page_without_dates_gets_none():
    fields = draft(page()).fields
    assert [fields.get(name) for name in html_page.DATES] == [None] * 4


def test_words_in_the_place_of_a_date_are_set_aside():
    item = {"@type": "NewsArticle", "headline": "Lock opens", "datePublished": "last week"}
    found = article(page(linked(item)))
    assert found.published_at is None
    assert found.extra["published_at"] == "last week"


def test_the_article_of_the_address_is_chosen_among_several():
    items = [
        {"@type": "NewsArticle", "headline": name, "description": name, "url": f"{SITE}/{name}"}
        for name in ("other", "lock")
    ]
    head = '<link rel="canonical" href="https://c.example/lock">' + linked(items)
    assert article(page(head)).summary == "lock"


def test_the_words_in_json_ld_serve_where_the_page_loads_its_own_later():
    item = {"@type": "Article", "headline": "Lock", "articleBody": "\n\n".join(PARAGRAPHS)}
    assert article(page(linked(item), body="<p>Loading</p>")).body_text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize("script", ["{", "[" * 100_000, "null", '{"@graph": 1}', '{"@type": {}}'])
def test_broken_json_ld_costs_only_itself(script):
    head = f'<script type="application/ld+json">{script}</script>'
    assert article(page(head)).headline == "Lock opens"


def test_links_are_made_absolute_and_scripts_are_left_out():
    body = f'{BODY}<p>More <a href="/more">there</a> on the other page.</p><script>x()</script>'
    found = article(page('<link rel=canonical href="https://c.example/a/b">', body))
    assert 'href="https://c.example/more"' in found.body_html
    assert "x()" not in found.body_html


def test_the_page_declares_its_charset():
    body = page("<meta charset=windows-1251>").replace("Lock", "Мост").encode("windows-1251")
    assert article(body).headline == "Мост opens"


@pytest.mark.parametrize("body", ["", "<html></html>", "<script>x</script>", "\0", "<!--"])
def test_a_page_without_words_is_no_article(body):
    assert [problem.pointer for problem in draft(body).problems] == ["/headline"]


@pytest.mark.parametrize("part", ["<p>", "<a b>", "</p><b/>", "&amp;" * 4, "<li c d=1>"])
def test_more_markup_than_any_page_has_is_refused(part):
    with pytest.raises(BadDocument, match="too many"):
        html_page.read((part * 300_000).encode(), DEFAULTS)


def test_more_attributes_than_any_tag_has_are_refused():
    names = " ".join(f"a{number}" for number in range(300_000))
    with pytest.raises(BadDocument, match="too many"):
        html_page.read(f"<p {names}>".encode(), DEFAULTS)


@pytest.mark.parametrize("part", ["<a ", "x=1 ", "<", '"', "'"])
def test_a_tag_that_never_ends_is_no_article(part):
    assert [p.pointer for p in draft("<a " + part * 300_000).problems] == ["/headline"]


@pytest.mark.parametrize(
    "comment",
    ["<!-- ad -->", "<!-- ad --!>", "<!-->", "<!--->", "<!---->", "<!-- -- > <p>ad</p> -->"],
)
def test_a_comment_ends_where_browsers_end_it(comment):
    body = BODY.replace(PARAGRAPHS[1], comment + PARAGRAPHS[1])
    found = article(page(body=body)).body_text
    assert found == article(page()).body_text
    assert PARAGRAPHS[1] in found


@pytest.mark.parametrize("comment", ["<!-- ad --!>", "<!-->", "<!--->"])
def test_a_comment_before_the_page_hides_nothing(comment):
    document = parse(
        (comment + page()).encode(), content_type=None, format_name=None, defaults=DEFAULTS
    )
    assert document.items[0].article.headline == "Lock opens"


def test_deep_nesting_is_flattened():
    found = article(page(body="<div>" * 5_000 + BODY))
    assert PARAGRAPHS[3] in found.body_text


def test_a_page_that_ends_in_its_head_is_refused(refused):
    whole = f"<html><head><title>Lock opens</title></head><body>{BODY}</body></html>"
    for end in (len("<html><head><title>Lock"), len("<html><head><title>Lock opens</title>")):
        assert "ends before its text" in refused(whole[:end], "text/html")
    assert not refused(whole, "text/html")
    assert not refused("<title>Lock opens</title>", "text/html")
    assert not refused("<html><head><title>Lock opens</title></head></html>", "text/html")
