"""Clients that say why a cluster does not let them in, instead of that time is over."""

from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from newsman.runtime.settings_error import SettingsError

T = TypeVar("T")

REFUSED = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, IllegalSaslStateError)
"""Answers of a broker that does not know who asks."""
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_UNKNOWN_HERE = ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "BAD_CERTIFICATE")


def opened(build: Callable[[Callable[..., KafkaNetClient]], T]) -> T:
    """The client that `build` makes with the `kafka_client` that it is given.

    Raises the last failure of a connection where `build` only says that time is over, otherwise
    what it raises: KafkaError or OSError.
    """
    clients: list[ExplainedClient] = []

    def client(**config: Any) -> ExplainedClient:
        clients.append(ExplainedClient(**config))
        return clients[-1]

    try:
        return build(client)
    except (KafkaError, OSError) as problem:
        for each in clients:
            each.close()
        failure = next((each.failure for each in clients if each.failure), None)
        # A time that is over says less than what it was spent on.
        if isinstance(problem, KafkaTimeoutError) and failure is not None:
            raise failure from problem
        raise


def explanation(problem: Exception) -> str:
    """The problem, and the settings to look at where the cluster did not let a client in."""
    text = str(problem)
    if isinstance(problem, REFUSED):
        return f"{text}; see NEWSMAN_KAFKA_MECHANISM and the user, password or token beside it"
    if _UNTRUSTED in text:
        return f"{text}; see NEWSMAN_KAFKA_CA_FILE"
    if any(sign in text for sign in _UNKNOWN_HERE):
        return f"{text}; see NEWSMAN_KAFKA_CERTIFICATE_FILE"
    return text


def is_final(failure: Exception) -> bool:
    """True for what no other attempt would change."""
    return isinstance(failure, REFUSED) or _UNTRUSTED in str(failure)


class ExplainedConnections(KafkaConnectionManager):  # type: ignore[misc]
    """Connections of which the last failure is known; what no other attempt would change ends them.

    kafka-python tries until the time is over, and then says no more than that. What came just
    before a broker hung up, which is where it says that a password is wrong, it throws away.
    """

    failure: Exception | None = None

    async def _build_transport(self, *args: Any, **named: Any) -> Any:
        transport = await super()._build_transport(*args, **named)
        receive = transport._sock_recv

        def received() -> tuple[bytes, Exception | None]:
            data, problem = receive()
            # The end of the connection is there to be read again.
            return data, None if data else problem

        transport._sock_recv = received
        return transport

    def get_connection(self, *args: Any, **named: Any) -> Any:
        if self.failure is not None and is_final(self.failure):
            raise self.failure
        connection = super().get_connection(*args, **named)
        connection.init_future.add_errback(self._failed)
        return connection

    def _failed(self, problem: Exception) -> None:
        if isinstance(problem, (KafkaError, SettingsError)):
            self.failure = problem


class ExplainedClient(KafkaNetClient):  # type: ignore[misc]
    """A client with such connections."""

    def __init__(self, **config: Any) -> None:
        net = NetworkSelector(**config)
        self._connections = ExplainedConnections(net, **config)
        super().__init__(net=net, manager=self._connections)

    @property
    def failure(self) -> Exception | None:
        """Why the last connection could not be made."""
        return self._connections.failure
