"""The broker's JARs, fetched once from Maven by a pinned pom."""

import hashlib
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from newsman.tools.local.errors import LocalError

DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
STAMP = "complete"


def ensure_jars(folder: Path) -> bool:
    """Fetches the JARs unless they are there, whole and of this pom; says whether it did."""
    pom = (files("newsman.tools.local") / "broker" / "pom.xml").read_bytes()
    stamp, digest = folder / STAMP, hashlib.sha256(pom).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return False
    maven = shutil.which("mvn")
    if maven is None:
        raise LocalError("Maven is missing: install it (Debian: apt-get install maven)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "pom.xml").write_bytes(pom)
    _copy_dependencies(maven, folder)
    stamp.write_text(digest)
    return True


def _copy_dependencies(maven: str, folder: Path) -> None:
    result = subprocess.run(
        [maven, "-q", "-B", f"{DEPENDENCY_PLUGIN}:copy-dependencies", "-DoutputDirectory=."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        lines = (result.stdout + result.stderr).strip().splitlines()
        first = next((line for line in lines if "ERROR" in line), "no reason given")
        raise LocalError(f"Maven could not fetch the broker: {first}; is the network there?")
