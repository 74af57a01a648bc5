"""deliver's API as the commands ask it."""

import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError

from newsman.runtime.settings_error import SettingsError
from newsman.settings import SubscriptionSettings, read_settings

REFUSED, UNAVAILABLE = 1, 3
"""Exit status when deliver refuses what was asked, and when it does not answer."""
ANSWER_SECONDS = 30.0
MOST_ANSWER_BYTES = 16 * 1024 * 1024
USER_AGENT = f"Newsman/{version('newsman')}"


class Refused(Exception):
    """deliver answered that it cannot be done."""


class Unavailable(Exception):
    """deliver did not answer, or not now."""


class DeliverApi:
    """Asks deliver, with a token."""

    def __init__(self, url: str, token: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise SettingsError("NEWSMAN_DELIVER_URL is no address that begins with http or https")
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": USER_AGENT}
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(total=ANSWER_SECONDS)
        )

    def ask(
        self,
        method: str,
        *path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """The answer as JSON, None where there is none; raises Refused or Unavailable."""
        if "" in path:
            raise Refused("an id is empty")
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        address = "/".join((f"{self._url}/v1", *(quote(step, safe="") for step in path)))
        try:
            answer = self._pool.request(
                method,
                address + (f"?{urlencode(asked)}" if asked else ""),
                body=None if body is None else json.dumps(body).encode(),
                headers={**self._headers, "Content-Type": "application/json"},
                preload_content=False,
                redirect=False,
            )
            content = answer.read(MOST_ANSWER_BYTES)
        except (HTTPError, LocationParseError, OSError, ValueError) as error:
            raise Unavailable(f"{self._url} does not answer: {error}") from error
        return _judged(answer.status, content)


def _judged(status: int, content: bytes) -> Any:
    if status == 204:
        return None
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if 200 <= status < 300 and answer is not None:
        return answer
    text = _problem(answer) if isinstance(answer, dict) else "no JSON came"
    if status in (429, 502, 503, 504) or status < 400:
        raise Unavailable(f"{status}: {text}")
    raise Refused(f"{status}: {text}")


def _problem(answer: Mapping[str, Any]) -> str:
    errors = answer.get("errors")
    named = [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
    if named:
        return "\n".join(f"{each.get('pointer')}: {each.get('detail')}" for each in named)
    return str(answer.get("detail") or answer.get("title") or "no reason given")


def with_deliver(show: Callable[[DeliverApi], int]) -> int:
    """Has something asked and shown; its exit status, or REFUSED or UNAVAILABLE with the reason on
    standard error. Raises SettingsError without a token."""
    settings = read_settings(SubscriptionSettings)
    try:
        return show(DeliverApi(settings.deliver_url, _token(settings)))
    except Refused as error:
        print(error, file=sys.stderr)
        return REFUSED
    except Unavailable as error:
        print(error, file=sys.stderr)
        return UNAVAILABLE


def _token(settings: SubscriptionSettings) -> str:
    """The token that deliver is asked with; raises SettingsError where there is none."""
    if settings.subscriber_token:
        token = settings.subscriber_token.strip()
    elif settings.operator_token_file:
        try:
            token = settings.operator_token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"NEWSMAN_OPERATOR_TOKEN_FILE: {error}") from error
    else:
        raise SettingsError(
            "NEWSMAN_SUBSCRIBER_TOKEN is not set, nor NEWSMAN_OPERATOR_TOKEN_FILE; a subscriber "
            "gets its token from: newsman subscriber add NAME"
        )
    if not (token.isascii() and token.isprintable() and token):
        raise SettingsError("the token is empty, or holds characters that no token has")
    return token
