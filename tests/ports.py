"""Ports for what tests start: each process that runs tests has a block of its own."""

import itertools
import socket
from collections.abc import Iterator
from functools import cache

BLOCK_PORTS = 1_000
BLOCKS = range(10_000, 26_000, BLOCK_PORTS)
"""Below the ports from which Linux takes one for a connection, or for whoever asks for any."""


def free_port() -> int:
    """A port of this process's block on which nobody listens, and which comes again last of all."""
    for port in itertools.islice(_block(), BLOCK_PORTS):
        with socket.socket() as probe:
            if _bind(probe, port):
                return port
    raise OSError("every port of the block is taken")


@cache
def _block() -> Iterator[int]:
    for first in BLOCKS:
        claim = socket.socket()
        if _bind(claim, first):
            # Held as long as this process lives, which makes the block its own.
            claim.detach()
            return itertools.cycle(range(first + 1, first + BLOCK_PORTS))
        claim.close()
    raise OSError("every block of ports is taken")


def _bind(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
