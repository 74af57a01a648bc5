"""Filters that nothing can pass are refused, by the rules of those that things pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.matching.asked import check_name, check_words
from newsman.matching.queries import read_query
from newsman.matching.words import tokenizer
from newsman_schemas.subscriptions import Filter

TEXTS = st.text(max_size=20) | st.text(alphabet="_-!?…\u0301\u00b2ßa1 ", max_size=6)


def is_refused(check, text: str) -> bool:
    try:
        assert check(text) == text
    except ValueError:
        return True
    return False


@given(query=TEXTS)
def test_words_are_refused_where_their_standing_query_is_none(query):
    is_none = read_query("q", Filter(q=query), (), tokenizer()) is None
    assert is_refused(check_words, query) == is_none


@pytest.mark.parametrize("name", ["Sport", "ü", "東京", "7", "#7!"])
def test_a_name_with_a_letter_or_a_digit_is_taken(name):
    assert not is_refused(check_name, name)


@pytest.mark.parametrize("name", ["", " ", "_", "?!", "’", "\u0301"])
def test_a_name_under_which_nothing_can_stand_is_refused(name):
    assert is_refused(check_name, name)
