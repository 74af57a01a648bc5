"""Duration of a standstill, counted in the watcher's own ticks.

A process that is stopped, or whose machine sleeps, stops its watcher too; so a clock would accuse
it of what nobody could have done, and ticks do not.
"""

from collections.abc import Callable
from pathlib import Path

Count = Callable[[], int]
"""Grows with every sign of life."""
Delay = Callable[[], float]
"""Seconds for which a thread was ready to run and got no processor, so far."""


class Stillness:
    """Counts ticks since the last sign of life, less the time that the machine kept for others."""

    def __init__(self, signs: Count, delay: Delay) -> None:
        self._signs = signs
        self._delay = delay
        self._last = signs()
        self._began_delay = delay()
        self._ticks = 0

    def tick(self) -> float:
        """The seconds for which it has stood still, a tick being one second at the least."""
        signs = self._signs()
        if signs != self._last:
            self._last, self._ticks, self._began_delay = signs, 0, self._delay()
            return 0.0
        self._ticks += 1
        return self._ticks - (self._delay() - self._began_delay)


def run_delay(thread: int) -> float:
    """Seconds for which a thread of this process waited for a processor; 0 where nobody counts.

    `thread` is the kernel's number of it (proc(5), schedstat: its second field, in nanoseconds).
    """
    try:
        fields = Path(f"/proc/self/task/{thread}/schedstat").read_text().split()
    except OSError:
        return 0.0
    return int(fields[1]) / 1e9
