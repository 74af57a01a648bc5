"""Numbers as options take them: a wrong one is told in words, and never a traceback."""

import argparse

import pytest

from newsman.terminal.numbers import amount, count


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "1.5", "1e3", "²", "٣", "nan", "9" * 40])
def test_what_is_no_number_from_1_on(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is no number from 1 on"):
        count(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "-inf", "1e99", "1,5"])
def test_what_is_no_number_from_0_on(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is no number from 0 on"):
        amount(text)


def test_numbers():
    assert (count("1"), count("007"), amount("0"), amount("1.5"), amount("2e3")) == (
        1,
        7,
        0,
        1.5,
        2000,
    )
