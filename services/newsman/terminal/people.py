"""The person who gives a command."""

import getpass

MOST_CHARACTERS = 200


def operator_name() -> str:
    """Their user's name; `operator` where the user has none, as in containers."""
    try:
        return getpass.getuser()[:MOST_CHARACTERS]
    except (KeyError, OSError, ImportError):
        return "operator"
