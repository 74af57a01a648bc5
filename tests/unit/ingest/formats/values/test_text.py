"""Text and markup: the quick ways give what the plain ones give."""

import json

from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.formats.markup.sanitise import sanitise, to_text
from newsman.ingest.formats.values.text import clean, one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.sampled_from(["<p>", "</p>", "<b>", "<br>", "<a href='x'>", "<!--", "<script>", "  "])
MARKUP = st.lists(st.one_of(TEXTS, PIECES), max_size=12).map("".join)


@given(TEXTS | st.lists(st.sampled_from(["a", " ", "\n", "\u00a0", "\u2003"])).map("".join))
def test_a_line_has_single_spaces_only(text):
    assert one_line(text) == " ".join(text.split())


@given(MARKUP)
def test_clean_markup_without_references_stays_clean_when_it_is_parsed(markup):
    safe = sanitise(clean(markup.replace("&", "")))
    assert clean(safe) == safe
    assert clean(to_text(safe)) == to_text(safe)


def test_a_reference_to_an_unwanted_character_is_cleaned_away(article):
    sent = {"headline": "A line", "body_html": "<p>one&#x7f;two&#x1F;</p>"}
    read = article(json.dumps(sent), format_name="native")
    assert clean(read.body_html) == read.body_html
    assert read.body_text == "onetwo"
