"""Looks the locked packages up among known vulnerabilities; ends with 1 if one is found.

Usage: audit.py LOCK. A package known to be vulnerable is looked up first: whoever does not hear of
that has not reached the database, and nothing that it says of the others counts. AUDIT_OPTIONS are
more options for pip-audit, for example `--vulnerability-service osv --osv-url https://…` for a
mirror of the database.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CANARY = "requests==2.19.1"
"""CVE-2018-18074."""
PATIENCE_SECONDS = 5
UNREACHED = (
    "audit: the database of vulnerabilities can't be reached from here; nothing was looked up"
)

Lookup = Callable[[Path], list[dict[str, Any]] | None]


def audit(lock: Path, look_up: Lookup) -> tuple[int, str]:
    """The exit status and a line for each finding."""
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder, "canary.txt")
        canary.write_text(f"{CANARY}\n", encoding="utf-8")
        known = look_up(canary)
    if not known or not known[0].get("vulns"):
        return 0, UNREACHED
    packages = look_up(lock)
    if packages is None:
        return 0, UNREACHED
    found = [f"{p['name']} {p['version']}: {_ids(p)}" for p in packages if p.get("vulns")]
    skipped = [p["name"] for p in packages if "skip_reason" in p]
    looked_up = f"audit: {len(packages) - len(skipped)} packages looked up, {len(found)} vulnerable"
    unknown = [f"audit: not in the database: {', '.join(skipped)}"] if skipped else []
    return int(bool(found)), "\n".join([*found, *unknown, looked_up])


def _ids(package: dict[str, Any]) -> str:
    return ", ".join(
        f"{each['id']} (mended in {', '.join(each.get('fix_versions') or ['no version yet'])})"
        for each in package["vulns"]
    )


def with_pip_audit(requirements: Path) -> list[dict[str, Any]] | None:
    """Every package with its findings; None when pip-audit got no answer."""
    command = [Path(sys.executable).with_name("pip-audit"), "--disable-pip", "--no-deps"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", str(PATIENCE_SECONDS)]
    more = shlex.split(os.environ.get("AUDIT_OPTIONS", ""))
    made = subprocess.run(
        [*command, *options, *more, "--requirement", requirements], capture_output=True, check=False
    )
    try:
        packages: list[dict[str, Any]] = json.loads(made.stdout)["dependencies"]
    except ValueError:
        reasons = made.stderr.decode().strip().splitlines() or ["no answer"]
        sys.stderr.write(f"audit: {reasons[-1]}\n")
        return None
    return packages


def main() -> int:
    """Prints what was found."""
    status, text = audit(Path(sys.argv[1]), with_pip_audit)
    sys.stdout.write(f"{text}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
