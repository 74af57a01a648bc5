"""The open connections of a server: how many there are, of whom, and whose turn it is."""

from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from newsman.web.addresses import Networks, address_group, parse_address
from newsman.web.limits import ServerLimits


class Admission(Enum):
    """The fate of a new connection."""

    OPEN = "open"
    SERVER_FULL = "server_full"
    ADDRESS_FULL = "address_full"


class Connection(Protocol):
    """A connection as far as the table is concerned."""

    def give_way(self) -> None:
        """Ends the connection, whose client has sent nothing that could be answered."""


class ConnectionTable:
    """Counts connections, in all and by address, and makes room when there are too many.

    Proxies that are trusted have as many as they need: each serves many clients.
    """

    def __init__(
        self, limits: ServerLimits, trusted: Networks, refused: Callable[[Admission], None]
    ) -> None:
        self._limits = limits
        self._trusted = trusted
        self._refused = refused
        self._open: dict[Connection, str] = {}
        self._of_address: Counter[str] = Counter()
        self._waiting: dict[Connection, None] = {}

    def admit(self, connection: Connection, peer: str) -> Admission:
        """Counts a new connection in, or says why it has to end."""
        group = self._group(peer)
        if group and self._of_address[group] >= self._limits.connections_per_address:
            return self._refuse(Admission.ADDRESS_FULL)
        if len(self._open) >= self._limits.connections:
            if not self._waiting:
                return self._refuse(Admission.SERVER_FULL)
            self._evict()
        self._open[connection] = group
        self._of_address[group] += 1
        return Admission.OPEN

    def leave(self, connection: Connection) -> None:
        """Counts a connection out; nothing if it was not admitted."""
        self._waiting.pop(connection, None)
        group = self._open.pop(connection, None)
        if group is None:
            return
        self._of_address[group] -= 1
        if not self._of_address[group]:
            del self._of_address[group]

    def waits(self, connection: Connection) -> None:
        """The connection has no request to answer: the first of these give way to others."""
        if connection in self._open:
            self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """The connection has a request to answer."""
        self._waiting.pop(connection, None)

    def _group(self, peer: str) -> str:
        """The group that the connection is counted in; empty for those that are not counted."""
        address = parse_address(peer)
        return "" if address is None or address in self._trusted else address_group(peer)

    def _evict(self) -> None:
        longest = next(iter(self._waiting))
        self.leave(longest)
        longest.give_way()

    def _refuse(self, admission: Admission) -> Admission:
        self._refused(admission)
        return admission
