"""For whom a stream is: the public, or a subscriber of whom is noted what it was told."""

import time
from collections import deque
from collections.abc import Callable, Sequence

from newsman.feeds.stream.frames import Products
from newsman.feeds.subscribers.told import ToldVersion

PROOF_SECONDS = 1.0
"""A connection whose reader is gone takes one more piece, and is known to be lost by then."""

Note = Callable[[Sequence[ToldVersion]], None]


class Audience:
    """One stream's subscriber with its products; once `is_known` says no the stream ends.

    Whoever may have got an article counts as having it, so that is noted before it is sent. A kill
    that may not have arrived counts for nothing: it is noted when the stream still goes on later.
    """

    def __init__(
        self,
        note: Note | None = None,
        *,
        products: Products = (),
        is_known: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.products = products
        self.is_known = is_known
        self._note = note
        self._clock = clock
        self._unproven: deque[tuple[float, ToldVersion]] = deque()

    def sends(self, told: Sequence[ToldVersion]) -> None:
        """This is about to be sent, perhaps nothing but a sign of life."""
        if self._note is None:
            return
        now = self._clock()
        certain = [one for one in told if not one.takes_away]
        while self._unproven and self._unproven[0][0] <= now - PROOF_SECONDS:
            certain.append(self._unproven.popleft()[1])
        self._unproven.extend((now, one) for one in told if one.takes_away)
        if certain:
            self._note(certain)


PUBLIC = Audience()
