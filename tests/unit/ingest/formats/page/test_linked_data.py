"""JSON-LD of pages: schema.org as sites write it, hidden in comments, nested and half wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.formats.page.linked_data import pixels, text, texts

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Lock opens",
    "articleBody": "It opened.",
    "url": "https://e.org/lock",
}


def page(*scripts):
    listed = "".join(
        f'<script type="application/ld+json">{script}</script>'
        for script in (s if isinstance(s, str) else json.dumps(s) for s in scripts)
    )
    return (
        f"<html lang=en><head><title>Site</title>{listed}</head><body><p>Words.</p></body></html>"
    )


@pytest.fixture
def page_article(article):
    def page_article(*scripts):
        return article(page(*scripts), "text/html")

    return page_article


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([ARTICLE]),
        json.dumps({"@graph": [{"@type": "WebSite", "headline": "no"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}),
        json.dumps({"@type": "WebPage", "mainEntityOfPage": ARTICLE}),
        json.dumps({**ARTICLE, "@type": "https://schema.org/NewsArticle"}),
        json.dumps({**ARTICLE, "@type": ["Thing", "NewsArticle"]}),
        f"<!-- {json.dumps(ARTICLE)} -->",
        f"<!--//\n{json.dumps(ARTICLE)}\n//-->",
        f"//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]>",
        f"/*<![CDATA[*/ {json.dumps(ARTICLE)} /*]]>*/",
        json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE).replace("It opened.", "It\topened."),
    ],
    ids=[
        "alone", "in a list", "in a graph", "main entity", "of its page", "address as type",
        "several types", "comment", "comment with slashes", "CDATA", "CDATA in a comment",
        "semicolon", "raw tab",
    ],
)  # fmt: skip
def test_an_article_is_found_wherever_sites_put_it(page_article, script):
    assert page_article(script).headline == "Lock opens"


@pytest.mark.parametrize(
    "script", ["", "{", "null", "[]", "5", "{}", '{"@type": 5}', "[" * 5_000, "{'a': 1}"]
)
def test_a_broken_script_costs_only_itself(page_article, script):
    assert page_article(script, ARTICLE).headline == "Lock opens"


def test_other_things_of_a_page_are_no_articles(page_article):
    others = [{**ARTICLE, "@type": kind} for kind in ("Organization", "Product", "BreadcrumbList")]
    assert page_article(*others).headline == "Site"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ana Roth", ["Ana Roth"]),
        (["Ana Roth", "Bo Lie", "Ana Roth"], ["Ana Roth", "Bo Lie"]),
        ({"@type": "Person", "name": "Ana Roth"}, ["Ana Roth"]),
        ([{"name": ["Ana Roth", "Bo Lie"]}], ["Ana Roth", "Bo Lie"]),
        ([{"name": " "}, {"name": None}, {}, None, 5, "Ana Roth"], ["Ana Roth"]),
        ([], []),
        (None, []),
    ],
)
def test_authors_are_read_in_every_shape(page_article, author, names):
    assert [a.name for a in page_article({**ARTICLE, "author": author}).authors] == names


def test_authors_and_images_may_be_described_elsewhere_on_the_page(page_article):
    graph = [
        {**ARTICLE, "author": [{"@id": "#ana"}, {"@id": "#gone"}], "image": {"@id": "/#main"}},
        {"@type": "Person", "@id": "#ana", "name": "Ana Roth"},
        {"@type": "ImageObject", "@id": "/#main", "url": "https://e.org/a.jpg", "caption": "Lock"},
    ]
    found = page_article({"@graph": graph})
    assert [(author.name, author.uri) for author in found.authors] == [("Ana Roth", None)]
    assert [(image.href, image.caption) for image in found.images] == [
        ("https://e.org/a.jpg", "Lock")
    ]


@pytest.mark.parametrize(
    ("image", "hrefs"),
    [
        ("https://e.org/a.jpg", ["https://e.org/a.jpg"]),
        (["https://e.org/a.jpg", "https://e.org/a.jpg"], ["https://e.org/a.jpg"]),
        ({"@type": "ImageObject", "url": "https://e.org/a.jpg"}, ["https://e.org/a.jpg"]),
        ({"contentUrl": "https://e.org/a.jpg"}, ["https://e.org/a.jpg"]),
        ({"@id": "https://e.org/a.jpg"}, ["https://e.org/a.jpg"]),
        ([{"url": ["https://e.org/a.jpg"]}, {}, None], ["https://e.org/a.jpg"]),
        ([], []),
        (5, []),
    ],
)
def test_images_are_read_in_every_shape(page_article, image, hrefs):
    assert [i.href for i in page_article({**ARTICLE, "image": image}).images] == hrefs


def test_what_an_image_says_of_itself_goes_along(page_article):
    image = {
        "url": "https://e.org/a.jpg",
        "width": {"@type": "QuantitativeValue", "value": 800},
        "height": "600px",
        "caption": "The lock",
        "creator": {"name": "Bo Lie"},
    }
    (found,) = page_article({**ARTICLE, "image": image}).images
    assert (found.width, found.height) == (800, 600)
    assert (found.caption, found.credit) == ("The lock", "Bo Lie")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (800, 800),
        (800.0, 800),
        ("800", 800),
        (" 800 px ", 800),
        ({"value": "800"}, 800),
        (0, 0),
        (-1, None),
        (1.5, None),
        ("1e3", None),
        ("٨٠٠", None),
        ("100%", None),
        (True, None),
        (None, None),
        ([800], None),
        (10**7, None),
    ],
)
def test_pixels_are_whole_numbers_however_they_are_said(said, number):
    assert pixels(said) == number


def test_keywords_with_codes_are_subjects(page_article):
    term = {
        "@type": "DefinedTerm",
        "name": "transport",
        "termCode": "medtop:20000337",
        "inDefinedTermSet": {"url": "http://cv.iptc.org/newscodes/mediatopic/"},
    }
    found = page_article({**ARTICLE, "keywords": ["canals", term, "canals"]})
    assert found.keywords == ("canals", "transport")
    (subject,) = found.subjects
    assert (subject.name, subject.code) == ("transport", "medtop:20000337")
    assert subject.scheme == "http://cv.iptc.org/newscodes/mediatopic/"


def test_keywords_in_one_string_are_parted_at_commas(page_article):
    assert page_article({**ARTICLE, "keywords": "canals, , locks,canals"}).keywords == (
        "canals",
        "locks",
    )


def test_what_has_no_field_is_kept(page_article):
    found = page_article({**ARTICLE, "isAccessibleForFree": False, "about": {"name": "Locks"}})
    assert found.extra["isAccessibleForFree"] is False
    assert found.extra["about"] == {"name": "Locks"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "@value", "url", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_a_text_of_anything_is_a_text_that_stands_in_it(value):
    for found in [text(value), *texts(value)]:
        assert found is None or (found == found.strip() and found)
        assert found is None or json.dumps(found)[1:-1] in json.dumps(value)


@given(st.lists(st.text(max_size=10)))
def test_the_first_text_of_a_list_is_the_first_that_is_not_blank(words):
    assert text(words) == next((w.strip() for w in words if w.strip()), None)


def test_what_it_says_is_as_it_was_written_though_an_attribute_has_signs(article):
    item = {**ARTICLE, "description": "Lock & key > all"}
    markup = page(item).replace("<p>", "<p title='a > b'><img src=/x.png>")
    assert article(markup, "text/html").summary == "Lock & key > all"
