"""The machine and the environment of this process."""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newsman.runtime.private_files import exposure
from newsman.tools.operate.checks.diagnosis import Diagnosis, good, unwise, wrong
from newsman.tools.operate.config import unknown_names

LEAST_FREE_BYTES = 1024**3
QUICK = {"crc32c": "kafka-python checks records ten times as fast", "hiredis": "Redis is quicker"}


def environment_findings() -> Iterator[Diagnosis]:
    """Python, quick libraries, variables that nothing reads, the sources file, and the disks."""
    yield good("environment", f"Python {sys.version.split()[0]}")
    for package, use in QUICK.items():
        if importlib.util.find_spec(package) is None:
            yield unwise("environment", f"{package} is missing: {use}", f"pip install {package}")
    for _, text in unknown_names(os.environ):
        yield unwise("environment", text, "unset it, or spell it right")
    yield from _sources(os.environ.get("NEWSMAN_SOURCES_FILE"))
    yield from _disks()


def _sources(named: str | None) -> Iterator[Diagnosis]:
    if named is None:
        return
    path = Path(named)
    try:
        mode = exposure(path)
    except OSError as error:
        yield wrong("environment", f"NEWSMAN_SOURCES_FILE: {error}", "newsman source add NAME")
        return
    if mode:
        remedy = f"chmod 640 {path}"
        yield unwise("environment", f"{path} is open to everybody ({mode})", remedy)
    else:
        yield good("environment", f"{path} is its owner's and its group's alone")


def _disks() -> Iterator[Diagnosis]:
    home = Path(os.environ.get("NEWSMAN_HOME", ".newsman")).absolute()
    assets = Path(os.environ.get("NEWSMAN_ASSETS_URL", "").removeprefix("file://") or "/")
    places = {home, assets, Path(tempfile.gettempdir())}
    folders = {next(p for p in (place, *place.parents) if p.exists()) for place in places}
    devices = {folder.stat().st_dev: folder for folder in sorted(folders)}
    for folder in devices.values():
        free = shutil.disk_usage(folder).free
        text = f"{free // 1024**2} MiB are free at {folder}"
        if free < LEAST_FREE_BYTES:
            yield wrong("disk", text, f"free {LEAST_FREE_BYTES // 1024**2} MiB")
        else:
            yield good("disk", text)
