"""Markup that is bounded before HTML's parser reads it comes out as it would have."""

import time
import unicodedata

import nh3
import pytest

from newsman.ingest.formats.markup.bounds import bounded, without_quoted_signs
from newsman.ingest.formats.markup.sanitise import sanitise
from newsman_schemas.names.slugs import stream_safe


@pytest.mark.parametrize(
    "markup",
    [
        "<p>A &amp; B &lt;c&gt; "
        + "word &amp; é· " * 3_000
        + "</p><!-- x --><p title='x > y'>t</p>",
        "x & y " * 5_000,
        "&" * 20_000,
        "<p>" + "one text without an end " * 1_000 + "<b>bold</b> &notit; &#8364;</p>",
        '<p><img alt="' + "long " * 500 + '" src="https://example.org/x.png"></p>',
    ],
)
def test_what_is_bounded_reads_as_before(markup):
    assert nh3.clean(bounded(markup)) == nh3.clean(markup)


@pytest.mark.parametrize(
    "unit",
    ["a%d=1 ", "a%d ", 'a%d=">" ', "a%d<b "],
)
def test_a_tag_keeps_as_many_attributes_as_anyone_writes(unit):
    markup = "<a " + "".join(unit.replace("%d", str(n)) for n in range(40_000)) + ">x</a>"
    began = time.process_time()
    assert "x" in sanitise(markup)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("<a title='x > y'>t</a>", "<a title='x &gt; y'>t</a>"),
        ('<a b="<i>" c=\'"<\'>t', '<a b="&lt;i&gt;" c=\'"&lt;\'>t'),
        ("a = '<b>' <i a=\"<\">", "a = '<b>' <i a=\"&lt;\">"),
        ("<p>it's</p><b c=it's d=\"<\">", "<p>it's</p><b c=it's d=\"&lt;\">"),
        ('<!-- a="<" --><b a="<">', '<!-- a="<" --><b a="&lt;">'),
        ('<script>a="<b>" && c</script><b a="<">', '<script>a="<b>" && c</script><b a="&lt;">'),
        ('<SCRIPT a=">">"<b c=">"</SCRIPT >', '<SCRIPT a="&gt;">"<b c=">"</SCRIPT >'),
        ('<style>a::after{content:"</"}</style><b a=">">', None),
        ('<a b="<', '<a b="<'),
        ('<!doctype html "<"><b a="<">', '<!doctype html "<"><b a="&lt;">'),
    ],
)
def test_signs_within_attributes_are_escaped_and_all_else_stays(markup, written):
    expected = markup.replace('">"', '"&gt;"') if written is None else written
    assert without_quoted_signs(markup) == expected
    assert without_quoted_signs(expected) == expected


def test_marks_beyond_thirty_on_a_letter_are_left_out():
    assert stream_safe("a" + "\u0301" * 40 + "b") == "a" + "\u0301" * 30 + "b"
    assert stream_safe("ạ́ é") == "ạ́ é"
    began = time.process_time()
    unicodedata.normalize("NFC", stream_safe("\u0323\u0301" * 200_000))
    assert time.process_time() - began < 0.5
