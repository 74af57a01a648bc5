"""Standard streams that take whatever is printed, wherever a command was called from."""

import io
import os
import sys


def prepare_streams() -> None:
    """Opens streams that are closed onto nothing; signs that an encoding lacks are escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
