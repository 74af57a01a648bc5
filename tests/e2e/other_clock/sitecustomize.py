"""A clock that is CLOCK_AHEAD_SECONDS ahead, for every Python process that has this folder in its
PYTHONPATH, and for its children: Python reads this file before anything else."""

import copyreg
import datetime as dt
import os
import time

AHEAD_SECONDS = float(os.environ["CLOCK_AHEAD_SECONDS"])
_time, _time_ns, _datetime = time.time, time.time_ns, dt.datetime


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
time.time = lambda: _time() + AHEAD_SECONDS
time.time_ns = lambda: _time_ns() + int(AHEAD_SECONDS * 1e9)
dt.datetime = _Datetime  # type: ignore[misc]
