"""Which tests go to the same process, so that what they share is started once."""

from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/e2e/"
"""Use one Newsman."""


class ByFile(LoadFileScheduling):
    """The tests of a file go together, and so do those of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)
