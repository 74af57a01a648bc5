"""The generation that the article store is served from; one key says so for everybody.

A store is rebuilt into a fresh key space, its generation, while the old one serves. While the new
one takes over, readers go on with the old and writers wait.
"""

from dataclasses import dataclass
from typing import Any

LAYOUT = "3"
"""What the store's keys hold; a store of another layout is rebuilt."""
TAKES_OVER = ">"

# KEYS: the marker. ARGV: its expected value ('' for none), its new value.
SWITCH = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


@dataclass(frozen=True)
class Marker:
    """The generation that readers read, and the one that takes over, if one does."""

    serving: str = ""
    taking_over: str | None = None

    def __str__(self) -> str:
        serving = f"{LAYOUT}:{self.serving}" if self.serving else LAYOUT
        return serving if self.taking_over is None else serving + TAKES_OVER + self.taking_over

    @property
    def next_generation(self) -> str:
        """A name that no key has yet."""
        return str(int(self.serving or 0) + 1)


def read_marker(raw: Any) -> Marker | None:
    """The marker in the key; None when there is no whole store of this layout."""
    if raw is None:
        return None
    serving, arrow, taking_over = raw.decode().partition(TAKES_OVER)
    layout, _, generation = serving.partition(":")
    if layout != LAYOUT:
        return None
    return Marker(generation, taking_over if arrow else None)
