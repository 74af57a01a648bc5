"""How far each subscription is in one partition of the log: live, or still behind."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Behind:
    """A place in an older part of the log; before `replay_to` all is told again."""

    offset: int
    replay_to: int = 0

    def __str__(self) -> str:
        is_replay = self.replay_to > self.offset
        return f"C{self.offset} {self.replay_to}" if is_replay else f"C{self.offset}"


def read_place(text: str) -> Behind | int | None:
    """A place as the queue keeps it: Behind, or the last offset of a live one; None for none."""
    if not text:
        return None
    if text.startswith("L"):
        return int(text[1:])
    offset, _, replay_to = text[1:].partition(" ")
    return Behind(int(offset), int(replay_to or 0))


def live_place(next_offset: int) -> str:
    """The place of a subscription that has everything before the offset."""
    return f"L{next_offset - 1}"


@dataclass
class Places:
    """The places in one partition that this process believes in; Redis has the last word."""

    live: set[str] = field(default_factory=set)
    behind: dict[str, Behind] = field(default_factory=dict)

    def set_live(self, subscription_id: str) -> None:
        """It follows the log."""
        self.behind.pop(subscription_id, None)
        self.live.add(subscription_id)

    def set_behind(self, subscription_id: str, place: Behind) -> None:
        """It catches up, or waits to."""
        self.live.discard(subscription_id)
        self.behind[subscription_id] = place

    def forget(self, subscription_id: str) -> None:
        """It has ended."""
        self.live.discard(subscription_id)
        self.behind.pop(subscription_id, None)
