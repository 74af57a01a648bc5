"""`newsman subscription bounce`: hands deliver an e-mail that came back, from a mail server's pipe.

Its exit status is what mail servers understand (sysexits.h): they keep the message on 75, and on 0
they are done with it. Nothing that is wrong with a message is answered: it may name any sender.
"""

import json
import sys
from typing import BinaryIO

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError

from newsman.deliver.commands.api import ANSWER_SECONDS, USER_AGENT
from newsman.deliver.http.bodies import MOST_BYTES
from newsman.runtime.settings_error import SettingsError
from newsman.settings import SubscriptionSettings, read_settings

MOST_ANSWER_BYTES = 64 * 1024
FORBIDDEN = 403
DONE, TRY_AGAIN = 0, 75
REFUSED = {"outcome": "refused"}


def run(*, as_json: bool) -> int:
    """Reads standard input; says what came of it, or on standard error why to try again."""
    message = _beginning(sys.stdin.buffer)
    try:
        settings = read_settings(SubscriptionSettings)
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return TRY_AGAIN
    try:
        answer = _handed_over(f"{settings.deliver_url.rstrip('/')}/bounces", message)
    except (HTTPError, LocationParseError, OSError, ValueError) as problem:
        print(f"{settings.deliver_url} does not take it: {problem}", file=sys.stderr)
        return TRY_AGAIN
    print(json.dumps(answer) if as_json else answer["outcome"])
    return DONE


def _beginning(stream: BinaryIO) -> bytes:
    """The first bytes, where its status is; the rest is read for the sake of who writes it."""
    message = stream.read(MOST_BYTES)
    while stream.read(MOST_BYTES):
        pass
    return message


def _handed_over(url: str, message: bytes) -> dict[str, str]:
    """What came of it; raises ValueError, or an error of urllib3, where it is to be tried again."""
    answer = urllib3.request(
        "POST",
        url,
        body=message,
        headers={"Content-Type": "message/rfc822", "User-Agent": USER_AGENT},
        retries=False,
        redirect=False,
        timeout=urllib3.Timeout(total=ANSWER_SECONDS),
        preload_content=False,
    )
    content = answer.read(MOST_ANSWER_BYTES)
    if answer.status == FORBIDDEN:
        return REFUSED
    if answer.status != 200:
        raise ValueError(f"it answers {answer.status}")
    outcome = json.loads(content)["outcome"]
    return {"outcome": str(outcome)}
