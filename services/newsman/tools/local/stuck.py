"""Services that run and answer no more: seen from outside, where they can't see it themselves."""

import urllib.error
import urllib.request
from collections.abc import Callable

ASK_SECONDS = 5.0
ANSWER_SECONDS = 2.0
STUCK_ASKS = 12
"""So many questions in a row without an answer are a minute at least."""

Ask = Callable[[], bool]


class AnswerCount:
    """Counts the questions that one process leaves unanswered."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._pid = 0
        self._has_answered = False
        self._unanswered = 0

    def is_stuck(self, pid: int) -> bool:
        """Asks once; True when this process has answered before and does not any more."""
        if pid != self._pid:
            self._pid, self._has_answered, self._unanswered = pid, False, 0
        if self._ask():
            self._has_answered, self._unanswered = True, 0
        else:
            self._unanswered += 1
        return self._has_answered and self._unanswered >= STUCK_ASKS


def answers(url: str) -> bool:
    """Whether anything at all is answered there, were it that all is not well."""
    try:
        urllib.request.urlopen(url, timeout=ANSWER_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
