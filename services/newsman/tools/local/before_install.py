"""A look at the machine before anything is installed; a file that needs Python alone.

`--extras` prints the options that install what this machine lacks.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_JAVA = 17
LEAST_DISK_MIB = 4 * 1024
"""The environment, the broker and a day of a demo."""
PORTS = (6379, 8080, 8081, 8082, 8083, 8084, 8085, 8086, 8090, 8091, 8095, 9092, 9093)


def problems(offset: int, folder: Path) -> list[str]:
    """A line for each thing that would stop the installation or the stack, with its remedy."""
    found = []
    if sys.version_info < OLDEST_PYTHON:
        found.append(f"this is Python {sys.version.split()[0]}: name 3.11 or newer with PYTHON=")
    free = shutil.disk_usage(folder).free // 1024**2
    if free < LEAST_DISK_MIB:
        found.append(f"only {free} MiB of disk are free at {folder}: free {LEAST_DISK_MIB} MiB")
    taken = [port + offset for port in PORTS if not is_free(port + offset)]
    if taken:
        ports = ", ".join(map(str, taken))
        found.append(f"ports are taken: {ports}; free them, or set NEWSMAN_PORT_OFFSET=10000")
    return found


def is_free(port: int) -> bool:
    """True if a server may listen on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def needs_java() -> bool:
    """True where Java 17 or Maven is missing, which packages then stand for."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    return java is None or _version(java) < OLDEST_JAVA or shutil.which("mvn") is None


def _version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    match = re.search(r'version "(\d+)', said.stderr)
    return int(match.group(1)) if match else 0


def main() -> int:
    """Prints all problems at once and ends with 1, or the options for the installer."""
    if "--extras" in sys.argv:
        print("--extra java" if needs_java() else "")
        return 0
    offset = os.environ.get("NEWSMAN_PORT_OFFSET", "0")
    found = problems(int(offset) if offset.isdecimal() else 0, Path.cwd())
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
