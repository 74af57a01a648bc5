"""Packages of requirements.lock, and which of them an image holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]
LOCK = REPOSITORY / "requirements.lock"


@dataclass(frozen=True)
class Locked:
    """One entry of the lock; `hashes` are SHA-256 of every file that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(path: Path = LOCK) -> dict[str, Locked]:
    """The lock's entries by their normalised names (PEP 503)."""
    entries = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = [_entry(line) for line in entries if "==" in line.partition(";")[0]]
    return {canonicalize_name(one.name): one for one in found}


def _entry(line: str) -> Locked:
    pinned, *hashes = line.split(" --hash=sha256:")
    name, version = pinned.partition(";")[0].strip().split("==")
    return Locked(name, version, tuple(one.strip() for one in hashes))


def requirements_of(package: str, extras: Iterable[str]) -> Iterator[Requirement]:
    """What an installed package asks for on this machine with these extras."""
    wanted = ("", *extras)
    for text in requires(package) or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted):
            yield requirement


def closure(package: str, extras: Iterable[str]) -> dict[str, set[str]]:
    """Every package that comes along, each with those that it asks for itself."""
    found: dict[str, set[str]] = {}
    waiting, seen = [(canonicalize_name(package), tuple(extras))], set()
    while waiting:
        name, chosen = waiting.pop()
        if (name, chosen) in seen:
            continue
        seen.add((name, chosen))
        edges = found.setdefault(name, set())
        for requirement in requirements_of(name, chosen):
            other = canonicalize_name(requirement.name)
            edges.add(other)
            waiting.append((other, tuple(sorted(requirement.extras))))
    return found
