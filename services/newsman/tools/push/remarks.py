"""Warnings of ingest: what items were taken without. One line a kind, with how often it came."""

from collections.abc import Iterable

from newsman.tools.push.core import Remark, one_line

MOST_KINDS = 1_000
"""More are told as one."""
OTHER = "others"


class RemarkCounts:
    """Counts remarks by their kinds."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def add(self, where: str, remark: Remark) -> str | None:
        """Counts a remark; the line to tell of it, if it is the first of its kind."""
        kind = remark.kind
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = OTHER
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] > 1:
            return None
        self._first[kind] = f"{kind}: {one_line(remark.detail)}"
        return f"warning: {where}: {self._first[kind]}"

    def totals(self) -> list[str]:
        """A line for each kind, the most frequent first."""
        pairs = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return [
            f"{times} warning{'' if times == 1 else 's'}: {self._first[kind]}"
            for kind, times in pairs
        ]


def totals_of(remarks: Iterable[Remark]) -> list[str]:
    """The lines for some remarks, one a kind."""
    counts = RemarkCounts()
    for remark in remarks:
        counts.add("", remark)
    return counts.totals()
