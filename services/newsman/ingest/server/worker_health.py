"""Health of all workers of ingest, asked by their keeper for whoever asks it."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from newsman.ingest.server.questions import WorkerLine

MOST_WORKERS = 64


class WorkerHealth:
    """Asks the workers that serve; one that is still starting is none of them."""

    def __init__(self, lines: Callable[[], Iterable[WorkerLine]]) -> None:
        self._lines = lines
        self._askers = ThreadPoolExecutor(MOST_WORKERS, thread_name_prefix="ask-worker")

    def alive(self) -> str | None:
        """A problem unless the event loop of every worker that serves answers within a second."""
        serving = self._serving()
        silent = list(self._askers.map(WorkerLine.answers, serving)).count(False)
        return f"{silent} of {len(serving)} workers do not answer" if silent else None

    def taking(self) -> str | None:
        """The reason why pushes are refused right now, if they are."""
        serving = self._serving()
        if not serving:
            return "no worker serves yet"
        return next((line.problem for line in serving if line.problem), None)

    def close(self) -> None:
        """Asks no more."""
        self._askers.shutdown(wait=False, cancel_futures=True)

    def _serving(self) -> list[WorkerLine]:
        return [line for line in self._lines() if line.has_answered]
