"""The end of a process in which one call into C keeps all of Python from running.

A watching thread can't see that: it needs the interpreter to look. So two timers of the kernel run
on the process's own processor time (a process that is stopped, or gets no processor, uses none):
the first has faulthandler write every stack to standard error, the second ends the process, and
both begin anew whenever the watcher gets to run.
"""

import ctypes
import faulthandler
import signal
import sys

from newsman.runtime.crash import EXIT_CRASHED

_CLOCK_PROCESS_CPUTIME = 2
_SIGEV_SIGNAL, _SIGEV_THREAD = 0, 2
_SIGEVENT_BYTES = 64
DUMP_SECONDS = 0.5
"""So long before the end the stacks are written."""


class _Sigevent(ctypes.Structure):
    """sigevent(3type) of 64-bit Linux: a timer that runs a function in a thread of its own."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("padding", ctypes.c_char * (_SIGEVENT_BYTES - 32)),
    )


class _Times(ctypes.Structure):
    """itimerspec(3type): the interval, and the time to the first expiry."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class GilAlarm:
    """Ends the process with status 70 after so much processor time without `postpone`."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._c = ctypes.CDLL(None, use_errno=True)
        faulthandler.register(signal.SIGPROF, file=sys.stderr, all_threads=True)
        end = ctypes.cast(self._c._exit, ctypes.c_void_p).value
        self._end = self._timer(_Sigevent(value=EXIT_CRASHED, notify=_SIGEV_THREAD, function=end))
        self._dump = self._timer(_Sigevent(signo=signal.SIGPROF, notify=_SIGEV_SIGNAL))

    def postpone(self) -> None:
        """Begins to count anew."""
        self._set(self._end, self._limit_seconds)
        self._set(self._dump, self._limit_seconds - DUMP_SECONDS)

    def _timer(self, event: _Sigevent) -> ctypes.c_void_p:
        timer = ctypes.c_void_p()
        made = self._c.timer_create(
            _CLOCK_PROCESS_CPUTIME, ctypes.byref(event), ctypes.byref(timer)
        )
        if made != 0:
            raise OSError(ctypes.get_errno(), "timer_create")
        return timer

    def _set(self, timer: ctypes.c_void_p, seconds: float) -> None:
        whole = int(seconds)
        times = _Times(seconds=whole, nanoseconds=int((seconds - whole) * 1e9))
        self._c.timer_settime(timer, 0, ctypes.byref(times), None)


def is_possible() -> bool:
    """True if this system has such timers laid out as they are here."""
    return sys.platform == "linux" and sys.maxsize > 2**32
