"""Pages as browsers read them, in a tree."""

import pytest

from newsman.ingest.formats.markup.html_tree import DEEPEST, read_html
from newsman.ingest.formats.markup.tree import HTML, read_markup


def body(markup):
    """The markup as it stands in the tree."""
    root = read_html(markup)
    return next(n for n in root.walk() if n.name == "body").inner_markup(frozenset())


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a<!-- x --!>b", "<p>ab</p>"),
        ("<p>a<!-->b", "<p>ab</p>"),
        ("<p>a<!--->b", "<p>ab</p>"),
        ("<p>a<!-- -- ! > -->b", "<p>ab</p>"),
        ("<p>a<!-- never ends <p>b", "<p>a</p>"),
        ("<P CLASS=a class=b>x<P>y", '<p class="a">x</p><p>y</p>'),
        ("<p>a<figure>b</figure>c", "<p>a</p><figure>b</figure>c"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<table><tr><td>a<td>b<tr><td>c</table>",
         "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"),
        ("<p>1 < 2 & 3 &lt; 4 &copy; &#150; &bogus;",
         "<p>1 &lt; 2 &amp; 3 &lt; 4 © – &amp;bogus;</p>"),
        ("<p>a<br/>b<img src=x>c", '<p>a<br>b<img src="x">c</p>'),
        ("<p>a<![CDATA[b]]>c", "<p>abc</p>"),
        ("<p>a<?php echo ?>c", "<p>ac</p>"),
        ("<textarea><b></textarea>c", "<textarea>&lt;b&gt;</textarea>c"),
        ("<p title=\"a>b\">c", '<p title="a&gt;b">c</p>'),
    ],
)  # fmt: skip
def test_markup_is_read_as_browsers_read_it(markup, expected):
    assert body(markup) == expected


@pytest.mark.parametrize(
    "markup", ["", " ", "<", "</", "<!--", "<!-", "<a", "\ud800", "&", "x" * 9]
)
def test_what_is_no_markup_is_a_tree_as_well(markup):
    assert read_html(markup).name == ""


@pytest.mark.parametrize(
    "before", ["", "<!doctype html>\n<!-- a --!>", "Warning: x", "<br><b>Notice</b>: <i>y</i>\n"]
)
def test_the_language_of_a_page_counts_behind_warnings_too(before):
    root = read_html(f"{before}<html lang=fr><head><title>t</title></head><body><p>x</p></body>")
    assert [n.attributes for n in root.walk() if n.name == "html"] == [{"lang": "fr"}]


def test_names_that_would_be_tags_when_written_are_left_out():
    markup = """<p a<script b='1' "onload='2' <i>='3' good=4>text</p><x"y>z</x"y><q<b>w</q<b>"""
    nodes = list(read_html(markup).walk())
    assert [n.name for n in nodes] == ["", "html", "body", "p", "x", "q"]
    assert nodes[3].attributes == {"b": "1"}
    written = body(markup)
    assert body(written) == written


def test_what_nests_deeper_than_any_page_is_read_all_the_same():
    deep = "<div>" * (DEEPEST + 10) + "<p>text</p>"
    assert read_html(deep).text() == "text"
    flat = "<div>" * (DEEPEST - 10) + "<p>text</p>"
    assert read_html(flat).text() == "text"


@pytest.mark.parametrize(
    "comment", ["<!-- x -->", "<!-- x --!>", "<!-->", "<!--->", "<!---->", "<!--x", "<!--a--b-->"]
)
def test_our_own_tokens_end_comments_at_the_same_place(comment):
    markup = f"<p>a{comment}<b>c</b></p>"
    own = next(n for n in read_markup(markup, HTML).walk() if n.name == "p")
    assert (
        own.inner_markup()
        == next(n for n in read_html(markup).walk() if n.name == "p").inner_markup()
    )


def test_a_page_of_more_than_10_mb_is_read_to_its_end():
    text = read_html("<p>" + "word " * 2_200_000 + "<p>end").text()
    assert text.endswith("end")
