"""Numbers as options take them."""

import argparse

MOST = 10**9


def count(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return number


def amount(text: str) -> float:
    """A number from 0 on, such as one of seconds."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return number
