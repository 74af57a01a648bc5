"""E-mails that come back: the subscription that they were sent by is paused."""

import hashlib
from collections.abc import Callable
from enum import StrEnum

import redis

from newsman.deliver.mail.links import BOUNCE, is_genuine, returned
from newsman.deliver.mail.reports import BounceReport, read_report
from newsman.deliver.sending.stopping import Stop
from newsman.redis.keys import QueueKeys
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState

MOST_PASSING = 5
"""E-mails that may come back within PASSING_SECONDS for a reason that may pass."""
PASSING_SECONDS = 7 * 86_400
KIND = "email"


class BounceOutcome(StrEnum):
    """What a message that came back led to."""

    PAUSED = "paused"
    COUNTED = "counted"
    IGNORED = "ignored"


class UnknownBounce(Exception):
    """A message that came to no address which an e-mail of ours came from."""


class PassingFailures:
    """Counts in Redis; where they are lost, counting begins anew."""

    def __init__(self, client: "redis.Redis", namespace: str) -> None:
        self._redis = client
        self._namespace = namespace

    def count(self, subscription_id: str, message: bytes) -> int:
        """The failures of late, this one counted once however often it comes; raises RedisError."""
        key = QueueKeys(self._namespace, subscription_id).bounces
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.sadd(key, hashlib.sha256(message).hexdigest())
            pipe.expire(key, PASSING_SECONDS)
            pipe.scard(key)
            return int(pipe.execute()[-1])

    def forget(self, subscription_id: str) -> None:
        """Begins anew; raises RedisError."""
        self._redis.unlink(QueueKeys(self._namespace, subscription_id).bounces)


class Bounces:
    """Takes messages that come back; it blocks, and raises RegistryUnavailable or RedisError."""

    def __init__(
        self,
        registry: Registry,
        stop: Callable[[str, Stop], None],
        passing: PassingFailures,
        secret: str,
    ) -> None:
        self._registry = registry
        self._stop = stop
        self._passing = passing
        self._secret = secret

    def take(self, message: bytes) -> BounceOutcome:
        """What a message leads to; raises UnknownBounce."""
        report = read_report(message)
        subscription = self._subscription(report)
        failure = report.failure
        if failure is None or subscription.state is not SubscriptionState.ACTIVE:
            return BounceOutcome.IGNORED
        if failure.is_permanent:
            return self._pause(subscription, f"e-mails to it come back: {failure.detail}")
        name = report.message_id.encode("utf-8", "replace") or message
        count = self._passing.count(subscription.id, name)
        if count < MOST_PASSING:
            return BounceOutcome.COUNTED
        outcome = self._pause(subscription, f"{count} e-mails to it came back: {failure.detail}")
        self._passing.forget(subscription.id)
        return outcome

    def _pause(self, subscription: Subscription, reason: str) -> BounceOutcome:
        self._stop(subscription.id, Stop(SubscriptionState.PAUSED, reason))
        return BounceOutcome.PAUSED

    def _subscription(self, report: BounceReport) -> Subscription:
        for named in filter(None, map(returned, report.addresses)):
            found = self._registry.subscription(named[0])
            if found is None or found.kind != KIND:
                continue
            if is_genuine(self._secret, found.id, found.target, named[1], BOUNCE):
                return found
        raise UnknownBounce("it came to no address that an e-mail of ours came from")
