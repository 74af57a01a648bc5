"""The list of services, read from the tree: a folder beside this file with a `main.py` is one."""

from pathlib import Path


def services_in(folder: Path) -> tuple[str, ...]:
    """Names of the services in a folder, in alphabetical order."""
    return tuple(sorted(file.parent.name for file in folder.glob("*/main.py")))


SERVICES = services_in(Path(__file__).parent)
