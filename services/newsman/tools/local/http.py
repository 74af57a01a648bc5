"""Talking to the services of the embedded stack."""

import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_SECONDS = 15


class ServiceError(Exception):
    """A service answered with an error; its status and what it said."""


def get_json(url: str) -> Any:
    """The JSON at the address."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def post(url: str, body: bytes, headers: dict[str, str]) -> Any:
    """The service's answer; raises ServiceError."""
    request = urllib.request.Request(url, body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServiceError(f"{url} answered {error.code}: {error.read().decode()[:500]}") from error
