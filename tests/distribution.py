"""Which tests go to the same process, so that what they share is started once, and in which order.

Half of the tests wait for services, the other half compute: side by side they take little more than
the longer of the two.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/e2e/"
"""Use one Newsman, but for those that start their own."""
OWN_NEWSMAN = tuple(
    f"{TOGETHER}test_{name}.py"
    for name in (
        "clocks",
        "demo",
        "documented_commands",
        "freezes",
        "kills",
        "leaks",
        "rebuild",
        "redis_cluster",
        "secrets",
    )
)


IN_A_ROW = "@alone"
"""The end of the id of each test that runs alone: the other processes wait once for all of them."""


ENGINE = "tests/compose/"
"""Builds the images and runs them, which takes minutes; most of them are waits for the disk."""
WAITING = "tests/integration/"
"""Start services, and wait for them most of their time."""


class ByFile(LoadFileScheduling):
    """The tests of a file go together, and so do those of one Newsman, and those that run alone."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """The name of those that go to one process, a test's file but for those that share more."""
    if nodeid.endswith(IN_A_ROW):
        return IN_A_ROW
    if nodeid.startswith(TOGETHER) and not nodeid.startswith(OWN_NEWSMAN):
        return TOGETHER
    return nodeid.partition("::")[0]


def arranged(nodeids: Iterable[str]) -> list[str]:
    """The order in which tests are handed out.

    The longest row is first, and what needs a Docker engine. Then come files with a Newsman of
    their own, other files that wait, and files that compute, each kind spread evenly, the first
    kind not to the end, since one of its files takes minutes. At the end are those that run alone:
    nobody waits for them then.
    """
    scopes: dict[str, list[str]] = {TOGETHER: []}
    for nodeid in nodeids:
        scopes.setdefault(scope_of(nodeid), []).append(nodeid)
    first, last = scopes.pop(TOGETHER), scopes.pop(IN_A_ROW, [])
    places: dict[str, float] = {}
    for kind, end in ((ENGINE, 0.0), (OWN_NEWSMAN, 0.7), (WAITING, 1.0), ("", 1.0)):
        files = [scope for scope in scopes if scope.startswith(kind) and scope not in places]
        for number, scope in enumerate(files):
            places[scope] = end * (number + 0.5) / len(files)
    between = sorted(scopes, key=places.__getitem__)
    return [*first, *(name for scope in between for name in scopes[scope]), *last]


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
