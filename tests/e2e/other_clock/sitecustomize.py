"""A clock that is ahead of the machine's, for every Python process that has this folder in its
PYTHONPATH, and for its children: Python reads this file before anything else.

CLOCK_AHEAD_SECONDS says by how much. Where CLOCK_FILE names a file, the native double in it does,
and the clock moves while the process runs when another number is written there.
"""

import copyreg
import datetime as dt
import mmap
import os
import struct
import time

AHEAD = struct.Struct("d")
_time, _time_ns, _datetime = time.time, time.time_ns, dt.datetime


def _ahead_in() -> mmap.mmap | bytes:
    """The bytes of the number, and of the one that will be in its place."""
    if "CLOCK_FILE" not in os.environ:
        return AHEAD.pack(float(os.environ["CLOCK_AHEAD_SECONDS"]))
    opened = os.open(os.environ["CLOCK_FILE"], os.O_RDONLY)
    try:
        return mmap.mmap(opened, AHEAD.size, access=mmap.ACCESS_READ)
    finally:
        os.close(opened)


_ahead = _ahead_in()


def ahead_seconds() -> float:
    """By how much the clock is ahead now; less than nothing where it is behind."""
    return float(AHEAD.unpack_from(_ahead)[0])


class _Kind(type(_datetime)):
    """What was made before the clock was set is a `datetime`, too."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _datetime)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, _datetime)


class _Datetime(_datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        return _datetime.fromtimestamp(time.time(), tz)


def made(*state: object) -> dt.datetime:
    """A moment that was pickled: the name of its class is the other clock's now."""
    return _datetime(*state)  # type: ignore[arg-type]


copyreg.pickle(_datetime, lambda moment: (made, moment.__reduce_ex__(2)[1]))  # type: ignore[arg-type]
_Datetime.__name__ = _Datetime.__qualname__ = "datetime"
_Datetime.__module__ = "datetime"
time.time = lambda: _time() + ahead_seconds()
time.time_ns = lambda: _time_ns() + int(ahead_seconds() * 1e9)
dt.datetime = _Datetime  # type: ignore[misc]
