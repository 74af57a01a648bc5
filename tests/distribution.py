"""Which tests go to the same process, so that what they share is started once."""

from collections import Counter
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/e2e/"
"""Use one Newsman."""


class ByFile(LoadFileScheduling):
    """The tests of a file go together, and so do those of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


def give_ids(items: Sequence[pytest.Item]) -> None:
    """Tells all tests apart; of several with one id, a process would be told to run but one."""
    for item in items:
        # schemathesis names its tests by the operation, which pytest 9.2 leaves out of their ids.
        operation = getattr(item, "operation_label", None)
        if operation and not item.nodeid.endswith("]"):
            item._id = item.id.with_params(operation)
    again = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if again:
        raise pytest.UsageError(f"several tests have one id: {', '.join(again)}")
