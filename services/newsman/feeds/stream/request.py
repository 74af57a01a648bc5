"""A reader's request for streams, and the log that serves what is past."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from newsman.feeds.stream.audience import PUBLIC, Audience
from newsman.feeds.stream.channel import Carried, Wants, wanted_in
from newsman.feeds.stream.frames import Frame
from newsman.feeds.stream.searches import Look, look_at_nothing
from newsman.kafka.positions import Part, Positions
from newsman.web.server.direct_writes import DirectWriter
from newsman_schemas.subscriptions import Filter


class TopicReplay(Protocol):
    """Reads what was on the topics between two positions."""

    def read(
        self, start: Positions, end: Positions, look: Look = look_at_nothing
    ) -> list[Frame] | None:
        """The frames of the parts of `start`, or None where the log no longer has them; blocks."""
        ...

    def at(self, moments: Mapping[Part, int]) -> Positions:
        """The positions of each partition at a Unix ms; blocks."""
        ...


@dataclass(frozen=True)
class StreamRequest:
    """A reader's choice; topics that `start` does not name begin now."""

    carried: Carried
    wants: Wants
    start: Positions
    pings: bool = False
    search: Filter | None = None
    """What articles must pass beside what is wanted of their topic, `searched`."""
    searched: str = ""
    look: Look | None = None
    """How articles of the past are looked at for a search; without one, the last frames serve."""
    is_new: bool = False
    """True where the reader named no position."""
    audience: Audience = PUBLIC
    direct: DirectWriter | None = None
    """The reader's connection, where nothing above it changes or notes what is sent."""

    def wanting(self, term: str) -> "StreamRequest":
        """The request for what stands under a term of its search, too."""
        wanted = wanted_in(self.wants, self.searched) | {term}
        return replace(self, wants=self.wants | {self.searched: wanted})
