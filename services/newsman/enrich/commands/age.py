"""Ages as operators write them."""

import re
from datetime import timedelta

_AGE = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """`30d`, `12h`, `90m` or `45s` as a span of time; raises ValueError."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no age; examples: 30d, 12h, 90m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
