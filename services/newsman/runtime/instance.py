"""The name of this process among its equals."""

import os
import socket


def own_name() -> str:
    """`NEWSMAN_INSTANCE`, else the name of the machine or container."""
    return os.environ.get("NEWSMAN_INSTANCE") or socket.gethostname()
