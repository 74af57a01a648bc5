"""Which tests go to the same process, so that what they share is started once."""

from collections import Counter
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/e2e/"
"""Use one Newsman, but for those that start their own."""
OWN_NEWSMAN = tuple(
    f"{TOGETHER}test_{name}.py"
    for name in ("clocks", "demo", "documented_commands", "freezes", "kills", "leaks", "rebuild")
)


IN_A_ROW = "@alone"
"""The end of the id of each test that runs alone: the other processes wait once for all of them."""


class ByFile(LoadFileScheduling):
    """The tests of a file go together, and so do those of one Newsman, and those that run alone."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.endswith(IN_A_ROW):
            return IN_A_ROW
        if nodeid.startswith(TOGETHER) and not nodeid.startswith(OWN_NEWSMAN):
            return TOGETHER
        return super()._split_scope(nodeid)


def runs_alone(item: pytest.Item) -> bool:
    """True if no other test may run meanwhile."""
    return item.get_closest_marker("alone") is not None


def give_ids(items: Sequence[pytest.Item]) -> None:
    """Tells all tests apart; of several with one id, a process would be told to run but one.

    Which tests run alone stands in their ids: the process that distributes them sees nothing else.
    """
    for item in items:
        if runs_alone(item):
            item._id = item.id.parse(item.nodeid + IN_A_ROW)
    again = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if again:
        raise pytest.UsageError(f"several tests have one id: {', '.join(again)}")
