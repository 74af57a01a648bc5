"""A process that tries expressions on pathological strings, and ends where one takes too long.

Reads a JSON list of cases, prints a line of JSON per case. SIGPROF ends the process in the middle
of a call: the engine does not return before it is done.
"""

import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from pathological import Pumped, strings

LENGTH = 64 * 1024
SHORTER = (4 * 1024, 16 * 1024)
LIMIT_SECONDS = 0.25
KILL_SECONDS = 1.0


def main() -> None:
    for case in json.load(sys.stdin):
        print(json.dumps({"begun": case["place"]}), flush=True)
        print(json.dumps({"done": case["place"], "slow": list(_slow(case))}), flush=True)


def _slow(case: dict[str, Any]) -> Iterator[str]:
    pattern = case["pattern"].encode("latin-1") if case["is_bytes"] else case["pattern"]
    expression = re.compile(pattern, case["flags"])
    calls = {method: _call(expression, method) for method in case["methods"]}
    for pumped in strings(case["pattern"], case["flags"] & ~re.UNICODE):
        for method, call in calls.items():
            if took := _too_long(call, pumped, case):
                yield f"{method} {pumped}: {took:.2f} s"
                return


def _too_long(call: Callable[[Any], object], pumped: Pumped, case: dict[str, Any]) -> float | None:
    """The seconds for the whole length, if they are over the limit.

    A shorter string passes where the whole length would, were the time to grow with the square.
    """
    most = case["most_characters"] or LENGTH
    for length in (*(each for each in SHORTER if each < most), most):
        took = _seconds(call, _typed(pumped.filled(length), case))
        if took <= LIMIT_SECONDS * (length / most) ** 2:
            return None
    return took


def _typed(text: str, case: dict[str, Any]) -> str | bytes:
    return text.encode("latin-1", "replace") if case["is_bytes"] else text


def _call(expression: "re.Pattern[Any]", method: str) -> Callable[[Any], object]:
    if method == "sub":
        return lambda text: expression.sub(type(text)(), text)
    called: Callable[[Any], object] = getattr(expression, method)
    return called


def _seconds(call: Callable[[Any], object], text: str | bytes) -> float:
    signal.setitimer(signal.ITIMER_PROF, KILL_SECONDS)
    began = time.process_time()
    call(text)
    took = time.process_time() - began
    signal.setitimer(signal.ITIMER_PROF, 0)
    return took


if __name__ == "__main__":
    main()
