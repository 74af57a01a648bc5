"""Status words of all formats, as ninjs spells them."""

import re

_STATUS = {
    "usable": "usable",
    "info": "usable",
    "embargo": "withheld",
    "embargoed": "withheld",
    "withhold": "withheld",
    "withheld": "withheld",
    "hold": "withheld",
    "held": "withheld",
    "cancel": "canceled",
    "canceled": "canceled",
    "cancelled": "canceled",
    "kill": "canceled",
    "killed": "canceled",
    "recall": "canceled",
    "recalled": "canceled",
    "delete": "canceled",
    "deleted": "canceled",
}
EMBARGOED = ("embargo", "embargoed")
CANCELED, WITHHELD, USABLE = "canceled", "withheld", "usable"
_EMBARGO = re.compile(
    r"embargo(?:ed)?(?:[_-]?(?:at|date|end|ends|release|till|time|to|until))?", re.IGNORECASE
)
_SCHEME = re.compile(r"[:/#]")


def status_named(word: str) -> str | None:
    """The ninjs `pubstatus` that a word stands for, with or without the scheme that it is a code
    of (`stat:canceled`); None if nobody here knows it."""
    return _STATUS.get(_SCHEME.split(word)[-1].strip().lower())


def names_embargo(name: str) -> bool:
    """True if a member or element of this name says until when a text is held."""
    return _EMBARGO.fullmatch(name) is not None
