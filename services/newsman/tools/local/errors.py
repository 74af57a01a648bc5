"""What can be wrong with a machine, said in one line with its remedy."""


class LocalError(Exception):
    """The embedded stack can't run here; the text says what to do."""
