"""Faults of a machine, each told in one line with its remedy."""


class LocalError(Exception):
    """The embedded stack can't run here; the text says what to do."""
