"""Who asks: the operator, or a subscriber by one of its tokens."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from newsman.runtime.settings_error import SettingsError
from newsman.subscribers.credentials import NoToken, any_token, bearer_token
from newsman.subscribers.registry import Registry
from newsman.subscribers.tokens import token_digest
from newsman_schemas.subscriptions import OPERATOR, Subscriber

LEAST_CHARACTERS = 16


class UnknownCaller(Exception):
    """No token came with the request, or one that opens nothing."""


@dataclass(frozen=True)
class Caller:
    """The operator, or a subscriber; `name` owns what is made."""

    name: str
    subscriber: Subscriber | None = None

    @property
    def is_operator(self) -> bool:
        """True for the operator, who may see and change everything."""
        return self.subscriber is None


class OperatorToken:
    """The operator's token in a file, which is read again when it changes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._changed_at: int | None = None
        self._digest = ""

    def check(self) -> None:
        """Raises SettingsError for a file that cannot be read or holds no token."""
        if self._path is None:
            return
        try:
            token = self._path.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"NEWSMAN_OPERATOR_TOKEN_FILE: {self._path}: {error}") from error
        if len(token) < LEAST_CHARACTERS:
            raise SettingsError(
                f"NEWSMAN_OPERATOR_TOKEN_FILE: {self._path} holds no token of at least "
                f"{LEAST_CHARACTERS} characters; make one: openssl rand -hex 32"
            )

    def opens(self, token: str) -> bool:
        """True for the token that the file holds now."""
        if self._path is None:
            return False
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._changed_at:
                held = self._path.read_text().strip()
                self._digest = token_digest(held) if len(held) >= LEAST_CHARACTERS else ""
                self._changed_at = changed_at
        except (OSError, UnicodeDecodeError):
            return False
        return bool(self._digest) and hmac.compare_digest(self._digest, token_digest(token))


class Callers:
    """Tells callers by their tokens."""

    def __init__(self, registry: Registry, operator: OperatorToken) -> None:
        self._registry = registry
        self._operator = operator

    def of_token(self, token: str) -> Caller:
        """Whom a token stands for now; raises UnknownCaller."""
        subscriber = self._registry.by_token(token)
        if subscriber is not None:
            return Caller(subscriber.name, subscriber)
        if self._operator.opens(token):
            return Caller(OPERATOR)
        raise UnknownCaller("this token opens nothing")


def token_of(request: Request) -> str:
    """The bearer token of a request; raises UnknownCaller."""
    return _read(bearer_token, request)


def any_token_of(request: Request) -> str:
    """The bearer token of a request, or what a browser sends as the password; raises
    UnknownCaller."""
    return _read(any_token, request)


def _read(read: Callable[[str], str], request: Request) -> str:
    try:
        return read(request.headers.get("authorization", ""))
    except NoToken as error:
        raise UnknownCaller(str(error)) from error
