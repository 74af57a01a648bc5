"""Sanitised HTML as blocks of NITF: no word is lost, and marks end where they ended."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.formats.markup.sanitise import sanitise, to_text
from newsman.outputs.nitf_body import add_blocks


def blocks(markup):
    root = ET.Element("body.content")
    add_blocks(root, markup)
    return ET.tostring(root, encoding="unicode").split(">", 1)[1].removesuffix("</body.content>")


@pytest.mark.parametrize(
    ("markup", "nitf"),
    [
        ("<p>a</p><p>b</p>", "<p>a</p><p>b</p>"),
        ("bare words", "<p>bare words</p>"),
        ("bare <p>then a block", "<p>bare </p><p>then a block</p>"),
        ("<h3>Rain</h3><p>More</p>", "<hl2>Rain</hl2><p>More</p>"),
        ("<p>a <b>b <i>c</i> d</b> e</p>", "<p>a <em>b <em>c</em> d</em> e</p>"),
        ("<p><q>a</q> said b</p>", "<p><q>a</q> said b</p>"),
        ("<p>a<br>b</p>", "<p>a<br />b</p>"),
        ('<p>a<img src="https://e.org/x.jpg">b</p>', "<p>ab</p>"),
        (
            '<p><a href="https://e.org/?a=1&amp;b=2">x</a> y</p>',
            '<p><a href="https://e.org/?a=1&amp;b=2">x</a> y</p>',
        ),
        ("<ul><li>a</li><li><em>b</em></li></ul>", "<ul><li>a</li><li><em>b</em></li></ul>"),
        ("<ol><li>a<ul><li>b</li></ul></li></ol>",
         "<ol><li>a</li><li><ul><li>b</li></ul></li></ol>"),
        ("<blockquote><p>a</p><p>b</p></blockquote>",
         "<bq><block><p>a</p><p>b</p></block></bq>"),
        ("<ul><li><blockquote>q</blockquote></li></ul>",
         "<ul><li><bq><block><p>q</p></block></bq></li></ul>"),
        ("<blockquote>a</blockquote>after", "<bq><block><p>a</p></block></bq><p>after</p>"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "<p>1</p><p>2</p>"),
        ("<p>a</p><hr><p>b</p>", "<p>a</p><p>b</p>"),
        ("<p>&lt;b&gt; &amp;amp; &#8364;</p>", "<p>&lt;b&gt; &amp;amp; €</p>"),
        ("<p>a\x0bb\ufffe</p>", "<p>ab</p>"),
        ("", ""),
        ("<p> </p>", ""),
        ("<ul></ul><p>a</p>", "<p>a</p>"),
        ("<blockquote><ul><li> </li></ul></blockquote>", ""),
    ],
)  # fmt: skip
def test_each_block_has_its_place(markup, nitf):
    assert blocks(markup) == nitf


def test_a_link_that_lost_its_address_ends_nothing_around_it():
    markup = sanitise('<p><strong>x <a href="javascript:alert(1)">y</a> z</strong> end</p>')
    assert blocks(markup) == "<p><em>x y z</em> end</p>"


def test_an_end_without_a_beginning_ends_nothing():
    assert blocks("<p>a</em> b</a> c</ul> d</blockquote> e</p>").count("a") == 1
    assert blocks("</em></a>a") == "<p>a</p>"


def test_marks_do_not_reach_into_the_next_block():
    assert blocks("<p><em>a</p><p>b</p>") == "<p><em>a</em></p><p>b</p>"


TAGS = "p em strong a ul ol li blockquote h2 br td table q div figcaption hr".split()
MARKUP = st.lists(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS])
    | st.text("abc é€<&", min_size=1, max_size=5),
    max_size=30,
).map("".join)


@given(MARKUP)
def test_no_word_of_any_markup_is_lost_or_moved(markup):
    clean = sanitise(markup)
    root = ET.Element("body.content")
    add_blocks(root, clean)
    assert "".join("".join(root.itertext()).split()) == "".join(to_text(clean).split())


@given(MARKUP)
def test_any_markup_becomes_blocks_that_stand_where_nitf_has_them(markup):
    root = ET.Element("body.content")
    add_blocks(root, sanitise(markup))
    allowed = {
        "body.content": {"p", "hl2", "ul", "ol", "bq"},
        "block": {"p", "hl2", "ul", "ol", "bq"},
        "bq": {"block"},
        "ul": {"li", "hl2"},
        "ol": {"li", "hl2"},
    }
    for parent in root.iter():
        if parent.tag in allowed:
            assert {child.tag for child in parent} <= allowed[parent.tag]
