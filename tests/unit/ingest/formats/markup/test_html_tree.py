"""Pages as browsers read them, in a tree."""

import pytest
from lxml import etree

from newsman.ingest.formats.markup import html_tree
from newsman.ingest.formats.markup.html_tree import CHARACTERS_PER_STEP, DEEPEST, read_html
from newsman.ingest.formats.markup.tokens import FEWEST_STEPS, MAX_REFERENCES, MAX_STEPS, most_steps
from newsman.ingest.formats.markup.tree import HTML, read_markup
from newsman.ingest.formats.model import BadDocument


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
        ("<textarea><b></textarea>c", "<textarea>&lt;b></textarea>c"),
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


@pytest.mark.parametrize("stray", ["<", "< ", "<<a>"])
def test_a_page_of_stray_brackets_is_refused_before_it_costs_much(stray):
    with pytest.raises(BadDocument, match="too many tags"):
        read_html(stray * 1_000_000)


def test_a_text_of_many_references_is_one_text():
    assert read_html("<p>" + "&amp;" * MAX_REFERENCES).text() == "&" * MAX_REFERENCES


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7])
@pytest.mark.parametrize(
    "page",
    [
        "<title>A &amp; B</title><p>é 日 &#x41; &notit; a &lt; b</p><!-- <p> --!><p>c",
        "<script>if (a<b) '</p>'</script><style>p > a</style><textarea><b></textarea>",
        "<a href='x y' title=\"&quot;\">a<br/>b</a><![CDATA[c]]><?pi?><table><td>d<tr>e\r\nf",
        "< << <1 </ </> <!-> <!--",
    ],
)
def test_a_page_is_the_same_in_whatever_pieces_it_is_read(page, piece_bytes, monkeypatch):
    whole = read_html(page).inner_markup()
    monkeypatch.setattr(html_tree, "PIECE_BYTES", piece_bytes)
    assert read_html(page).inner_markup() == whole


def test_a_page_that_is_refused_is_read_no_further(monkeypatch):
    pieces = []

    class Counting(etree.HTMLParser):
        def feed(self, data):
            pieces.append(data)
            super().feed(data)

    monkeypatch.setattr(html_tree.etree, "HTMLParser", Counting)
    page = "<" * 20 * html_tree.PIECE_BYTES
    with pytest.raises(BadDocument, match="too many tags"):
        read_html(page)
    assert (
        len(pieces)
        == -(-most_steps(page, CHARACTERS_PER_STEP) // html_tree.PIECE_BYTES)
        < len(page)
    )


@pytest.mark.parametrize("deep", ["", "<b>" * 2 * DEEPEST])
def test_a_page_may_have_as_many_tags_as_its_length_has_room_for(deep):
    # Behind what is too deep for libxml2 our own tokens count the end of each element as well.
    many = "<br>" * (FEWEST_STEPS - 3 * DEEPEST)
    assert read_html(deep + many + "x").text() == "x"
    with pytest.raises(BadDocument, match="too many tags"):
        read_html(deep + 2 * many)
    assert most_steps("x" * 3_000_000, CHARACTERS_PER_STEP) == 100_000
    assert most_steps("x" * 10_000_000, CHARACTERS_PER_STEP) == MAX_STEPS
