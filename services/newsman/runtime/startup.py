"""Waiting for what a service needs before it begins, instead of ending and being started again."""

import logging
import threading
from collections.abc import Callable, Mapping

from newsman.runtime.health import Check

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


def wait_for(
    needs: Mapping[str, Check], stopping: threading.Event, *, beat: Callable[[], None]
) -> bool:
    """Returns True once every need is there, False when told to stop before.

    Each need that is missing is logged once; `beat` is called while waiting.
    """
    was_told: set[str] = set()
    for name, check in needs.items():
        while (problem := check()) is not None:
            if name not in was_told:
                was_told.add(name)
                log.warning("waiting for %s: %s", name, problem)
            beat()
            if stopping.wait(POLL_SECONDS):
                return False
    if was_told:
        log.info("%s: there now", ", ".join(sorted(was_told)))
    beat()
    return not stopping.is_set()


def say_what_is_missing(needs: Mapping[str, Check], stopping: threading.Event) -> None:
    """Logs the same of a service that serves without its needs, from a thread beside it."""
    threading.Thread(
        target=wait_for,
        args=(needs, stopping),
        kwargs={"beat": lambda: None},
        name="startup",
        daemon=True,
    ).start()
