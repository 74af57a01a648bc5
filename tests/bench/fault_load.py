"""The simulator as a load beside faults: ordinary stories and views of them, until it is ended."""

import threading
from collections import Counter
from datetime import UTC, datetime
from functools import partial

from load import KEY

from newsman.tools.push.stopping import Stop
from newsman.tools.simulate.ledger import SimulationLedger
from newsman.tools.simulate.sending import Desks, NewsroomSender, Pace, read_about, tell
from newsman.tools.simulate.stories import NewsDesk, scripts

ARTICLES_PER_SECOND, VIEWS_PER_SECOND = 12, 48


class Load:
    """Pushes articles and views of them until it is ended; what it says was acknowledged."""

    def __init__(self, url: str, name: str) -> None:
        self._ledger = SimulationLedger()
        self._stop = Stop()
        desks = Desks(url, KEY)
        self._senders = [NewsroomSender(desks, self._ledger) for _ in range(2)]
        stories = scripts(NewsDesk(name, 1, lambda: datetime.now(UTC)), ())
        telling, viewing = self._senders
        works = (
            partial(tell, stories, telling, Pace(ARTICLES_PER_SECOND, self._stop)),
            partial(read_about, self._ledger, viewing, VIEWS_PER_SECOND, self._stop),
        )
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    @property
    def accepted(self) -> list[str]:
        """Ids of the articles."""
        return self._ledger.readable()

    @property
    def views(self) -> Counter[str]:
        """The number of views of each article."""
        return self._ledger.views

    @property
    def refusals(self) -> int:
        """Pushes that had to be sent again."""
        return sum(sender.retried.total() for sender in self._senders)

    def end(self) -> None:
        """Sends no more; what is under way is sent until it is accepted."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
