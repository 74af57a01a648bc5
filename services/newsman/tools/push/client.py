"""Ingest as a sender sees it: a body goes in, what became of its items comes out."""

import logging
import random
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from urllib.parse import quote, urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError, SSLError
from urllib3.util import parse_url

from newsman.tools.push.connections import failure_text, headers_of, open_pool, read_body, request
from newsman.tools.push.core import (
    Hopeless,
    HttpAnswer,
    PushAnswer,
    Rejection,
    TryLater,
    backoff_seconds,
    judge,
)
from newsman.tools.push.stopping import IngestRefused, IngestUnavailable, PushStopped, Stop
from newsman.web.signed_requests import RequestHead, signature_headers

log = logging.getLogger(__name__)

ARTICLES = "/v1/articles"
MAX_ANSWER_BYTES = 64 * 1024 * 1024
SERVER_ERROR_ATTEMPTS = 3
"""A 500 may be that one document's doing; the others must not wait behind it for long."""
USER_AGENT = f"Newsman/{version('newsman')}"


@dataclass(frozen=True)
class Target:
    """The address, sender and format of pushes; the key never shows when it is printed.

    With a `secret` requests are signed, and the key is not sent.
    """

    url: str
    key: str
    format_name: str | None = None
    retry_for_seconds: float = 300.0
    max_body_bytes: int = 15 * 1024 * 1024
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Target({self.url})"


class Ingest:
    """Posts bodies to ingest, each thread over a connection of its own that is kept open."""

    def __init__(
        self, target: Target, stop: Stop, notice: Callable[[str], None] = log.warning
    ) -> None:
        self.target = target
        self._stop = stop
        self._notice = notice
        self._parts = urlsplit(target.url)
        asked = f"?format={quote(target.format_name, safe='')}" if target.format_name else ""
        path = self._parts.path.rstrip("/").removesuffix(ARTICLES) + ARTICLES + asked
        # The exact bytes that urllib3 sends, since they are signed.
        self._path = parse_url(path).request_uri
        self._local = threading.local()
        self._trouble = ""

    def send(self, body: bytes, content_type: str, *, location: str | None = None) -> PushAnswer:
        """The outcome; raises IngestRefused, IngestUnavailable after all attempts, or PushStopped.

        `location` is the address that the document has on the web.
        """
        until = time.monotonic() + self.target.retry_for_seconds
        failures = server_errors = 0
        # The same for all attempts, so that a lost answer is repeated.
        request_id = uuid.uuid4().hex
        about = {"Content-Type": content_type}
        if location is not None:
            about["Content-Location"] = location
        while True:
            outcome = self._attempt(body, about, request_id)
            if isinstance(outcome, PushAnswer):
                self._went_well()
                return outcome
            failures += 1
            server_errors += outcome.status == 500
            if server_errors >= SERVER_ERROR_ATTEMPTS:
                return PushAnswer(500, rejected=(Rejection(None, outcome.reason),))
            self._wait(outcome, failures, until)

    def close(self) -> None:
        """Closes this thread's connection."""
        pool = getattr(self._local, "pool", None)
        self._local.pool = None
        if pool is not None:
            pool.close()

    def _attempt(
        self, body: bytes, about: Mapping[str, str], request_id: str
    ) -> PushAnswer | TryLater:
        headers = self._headers(body, about, request_id)
        try:
            reply = self._post(body, headers)
        except (OSError, HTTPError) as error:
            if isinstance(error, SSLError) and _is_untrusted(error):
                text = f"its certificate is not trusted ({failure_text(error)})"
                raise IngestRefused(f"{self.target.url}: {text}") from error
            self.close()
            return TryLater(0, failure_text(error), None)
        verdict = judge(reply, datetime.now(UTC))
        if isinstance(verdict, Hopeless):
            raise IngestRefused(f"{self.target.url}: {verdict.reason}")
        return verdict

    def _wait(self, fault: TryLater, failures: int, until: float) -> None:
        left = until - time.monotonic()
        wait = max(min(backoff_seconds(failures, random.random()), left), fault.wait_seconds or 0)
        if left <= 0 or wait > left:
            raise IngestUnavailable(f"{self.target.url}: {fault.reason}")
        if fault.reason != self._trouble:
            self._trouble = fault.reason
            self._notice(f"{self.target.url}: {fault.reason}; trying again for {left:.0f} s")
        if self._stop.wait(wait):
            raise PushStopped

    def _went_well(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._notice(f"{self.target.url} takes articles again")

    def _headers(self, body: bytes, about: Mapping[str, str], request_id: str) -> dict[str, str]:
        headers = {
            **about,
            "User-Agent": USER_AGENT,
            "Accept": "application/json, application/problem+json",
        }
        if self.target.secret is None:
            return {**headers, "Authorization": f"Bearer {self.target.key}"}
        head = RequestHead("POST", self._path, (("content-type", about["Content-Type"]),))
        signed = signature_headers(
            head, body, self.target.secret, now=time.time(), request_id=request_id
        )
        return headers | signed

    def _post(self, body: bytes, headers: dict[str, str]) -> HttpAnswer:
        pool = getattr(self._local, "pool", None)
        if pool is None:
            pool = self._local.pool = open_pool(self._parts)
        connections = pool.num_connections
        try:
            return self._exchange(pool, body, headers)
        except ProtocolError:
            # A server may close an idle connection at any moment; that is no failure.
            if pool.num_connections > connections:
                raise
        return self._exchange(pool, body, headers)

    def _exchange(
        self, pool: HTTPConnectionPool, body: bytes, headers: dict[str, str]
    ) -> HttpAnswer:
        response = request(pool, "POST", self._path, headers, body)
        return HttpAnswer(
            response.status, headers_of(response), read_body(response, MAX_ANSWER_BYTES)
        )


def _is_untrusted(error: SSLError) -> bool:
    return isinstance(error.args[0], ssl.SSLCertVerificationError)
