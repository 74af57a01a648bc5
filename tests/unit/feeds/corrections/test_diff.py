"""What is told of a change is what a reader would notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.feeds.corrections.diff import MOST_COMPARED, Piece, difference, summary, words
from newsman_schemas.articles import Entity


@pytest.fixture
def article(stored):
    def build(body: str = "", **fields):
        return stored(body_text=body, **fields).article

    return build


def named(name: str) -> Entity:
    return Entity(name=name, slug="x", type="person", mentions=1, confidence=1, method="t")


def test_words_are_compared_one_by_one():
    assert words("14 people died", "15 people were hurt") == (
        Piece("removed", "14"),
        Piece("added", "15"),
        Piece("same", "people"),
        Piece("removed", "died"),
        Piece("added", "were hurt"),
    )


def test_a_changed_headline_number_and_name_are_told(article):
    before = article("Mayor Ann Lee spoke.\nIt cost 1,400 euros.", headline="Bridge opens",
                     entities=(named("Ann Lee"),))  # fmt: skip
    after = article("Mayor Anne Leigh spoke.\nIt cost 1,500 euros.", headline="Bridge closes",
                    entities=(named("Anne Leigh"),))  # fmt: skip
    found = difference(before, after)
    assert [change.where for change in found.changes] == ["headline", "paragraph", "paragraph"]
    assert (found.numbers_gone, found.numbers_new) == (("1,400",), ("1,500",))
    assert (found.names_gone, found.names_new) == (("Ann Lee",), ("Anne Leigh",))
    assert not found.is_correction
    assert summary(found) == (
        "Headline changed; 2 paragraphs changed; numbers: 1,400 → 1,500; names: Ann Lee → "
        "Anne Leigh."
    )


def test_a_name_is_gone_only_if_the_text_holds_it_no_more(article):
    before = article("Ann Lee spoke in Oslo.", entities=(named("Ann Lee"), named("Oslo")))
    # The model found another set of names in a text that still holds them.
    after = article("Ann Lee spoke in Oslo, at last.", entities=(named("Bergen"),))
    found = difference(before, after)
    assert (found.names_gone, found.names_new) == ((), ("Bergen",))
    short = article("Lee spoke in Osloer Allee.")
    alias = Entity(**{**dict(named("Ann Lee")), "aliases": ("Lee",)})
    assert difference(article("x", entities=(alias, named("Oslo"))), short).names_gone == ("Oslo",)


def test_a_change_of_words_is_no_correction(article):
    found = difference(article("One.\nTwo."), article("One, at last.\nTwo.\nThree."))
    assert not found.is_correction
    grown = difference(article("One.\nTwo."), article("One.\nTwo.\nThree."))
    assert not grown.is_correction
    assert summary(grown) == "1 paragraph added."


def test_a_paragraph_that_is_gone_is_told(article):
    found = difference(article("One.\nTwo.\nThree."), article("One.\nThree."))
    assert not found.is_correction
    assert summary(found) == "1 paragraph removed."


def test_the_newsrooms_own_word_makes_it_a_correction(article):
    found = difference(article("One."), article("One.\nTwo.", editorial_note="CORRECTS the date"))
    assert found.correction == "CORRECTS the date"
    plain = article("One.\nTwo.", editorial_note="Adds a quote")
    assert not difference(article("One."), plain).is_correction


def test_spaces_and_empty_lines_are_no_change(article):
    assert difference(article("One  two.\n\nThree."), article("One two.\n Three.")).changes == ()


def test_what_is_too_long_to_compare_counts_as_a_whole():
    found = words("a " * (MOST_COMPARED + 1), "b")
    assert [piece.op for piece in found] == ["removed", "added"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_from_the_pieces(before, after):
    pieces = words(before, after)
    old = " ".join(p.text for p in pieces if p.op != "added").split()
    new = " ".join(p.text for p in pieces if p.op != "removed").split()
    assert (old, new) == (before.split(), after.split())
