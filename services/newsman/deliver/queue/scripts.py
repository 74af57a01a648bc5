"""The scripts of the queues, as text."""

from importlib.resources import files


def script(name: str) -> str:
    """The text of a script that lies beside this file."""
    return (files("newsman.deliver.queue") / f"{name}.lua").read_text()
