"""Two processes of a service under one name: noticed through Redis, whatever their group does."""

import contextlib
import logging
import threading
import time
import uuid

import redis.exceptions

from newsman.redis.client import build_impatient_client
from newsman.runtime.health import Check

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
KEPT_SECONDS = 10
REMEMBERED_SECONDS = 10.0
"""An end of the other shows within this time."""


class InstanceNames:
    """Signs the process's name every two seconds, and reads who has signed it meanwhile.

    A signature that comes again after it was overwritten is that of another living process; that
    of a predecessor does not.
    """

    def __init__(self, url: str, namespace: str, service: str, instance: str) -> None:
        self._client = build_impatient_client(url)
        self._key = f"{namespace}:instance:{service}:{instance}"
        self._text = (
            f"another process of {service} is called {instance} too; "
            "give each a NEWSMAN_INSTANCE of its own"
        )
        self._signature = uuid.uuid4().hex.encode()
        self._other: bytes | None = None
        self._seen_at = float("-inf")

    def start(self) -> "InstanceNames":
        """Signs from a thread of its own from now on."""
        threading.Thread(target=self._sign_on, name="instance-name", daemon=True).start()
        return self

    def problem(self) -> str | None:
        """The doubled name, while there is one."""
        is_doubled = time.monotonic() - self._seen_at < REMEMBERED_SECONDS
        return self._text if is_doubled else None

    def sign(self) -> None:
        """Signs once; raises RedisError."""
        before = self._client.set(self._key, self._signature, ex=KEPT_SECONDS, get=True)
        if not isinstance(before, bytes) or before == self._signature:
            return
        if before == self._other:
            if self.problem() is None:
                log.warning("%s", self._text)
            self._seen_at = time.monotonic()
        self._other = before

    def _sign_on(self) -> None:
        while True:
            # Readiness says it where Redis is away.
            with contextlib.suppress(redis.exceptions.RedisError):
                self.sign()
            time.sleep(LOOK_SECONDS)


def instance_check(url: str, namespace: str, service: str, instance: str) -> Check:
    """A check that fails while another living process of the service has this one's name."""
    return InstanceNames(url, namespace, service, instance).start().problem
