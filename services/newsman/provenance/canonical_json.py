"""JSON in its one canonical form (RFC 8785, JCS), of which digests are made. Pure."""

import json
import math
from typing import Any

MOST_EXACT = 2**53 - 1
"""Whole numbers beyond it are written as the double that every reader of JSON makes of them."""
_text = json.JSONEncoder(ensure_ascii=False).encode


class NotCanonical(ValueError):
    """A value that has no canonical form: a number that no double holds, half a character."""


def canonical_json(value: Any) -> bytes:
    """A value of JSON types as RFC 8785 writes it, in UTF-8; raises NotCanonical."""
    try:
        return _written(value).encode()
    except (OverflowError, UnicodeEncodeError) as error:
        raise NotCanonical(str(error)) from error


def _written(value: Any) -> str:
    match value:
        case str():
            return _text(value)
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case int():
            return str(value) if -MOST_EXACT <= value <= MOST_EXACT else _number(float(value))
        case float():
            return _number(value)
        case dict():
            members = sorted(value.items(), key=_place)
            return f"{{{','.join(f'{_text(name)}:{_written(each)}' for name, each in members)}}}"
        case list() | tuple():
            return f"[{','.join(map(_written, value))}]"
    raise NotCanonical(f"{type(value).__name__} is no type of JSON")


def _place(member: tuple[str, Any]) -> bytes:
    """Members are in the order of their names' UTF-16 code units (RFC 8785 section 3.2.3)."""
    return member[0].encode("utf-16-be")


def _number(value: float) -> str:
    """A double as ECMAScript writes it (ECMA-262, Number::toString), which JCS goes by."""
    if not math.isfinite(value):
        raise NotCanonical(f"{value} is no number of JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    all_digits = whole + fraction
    significant = all_digits.lstrip("0")
    point = len(whole) + int(power or 0) - (len(all_digits) - len(significant))
    return sign + _placed(significant.rstrip("0"), point)


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point behind so many of them."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
