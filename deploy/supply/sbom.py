"""Writes a CycloneDX bill of materials for each image: packages, licences, hashes, dependencies.

Usage: sbom.py FOLDER. Names, versions and hashes are those of requirements.lock, and an image
holds what its extras lead to; what Debian and Python bring with the base image is not listed.
"""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
from locked import REPOSITORY, Locked, closure, read_lock
from packaging.utils import canonicalize_name

SPECIFICATION = "1.6"
SCHEMAS = "http://cyclonedx.org/schema/"
ROOT = "root-component"
IMAGES = {"newsman": (), "newsman-enrich": ("nlp", "french")}
"""The extras that deploy/Dockerfile installs into each image."""


def main() -> int:
    """Writes both bills and says how many packages are in them."""
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    lock, known = read_lock(), _environment()
    for image, extras in IMAGES.items():
        bill = bill_of(known, lock, closure("newsman", extras))
        check(bill)
        path = folder / f"sbom-{image}.cdx.json"
        path.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path}: {len(bill['components'])} packages\n")
    return 0


def bill_of(
    known: dict[str, Any], lock: dict[str, Locked], packages: dict[str, set[str]]
) -> dict[str, Any]:
    """The environment's bill cut to one image's packages, with the lock's hashes."""
    components = {canonicalize_name(one["name"]): one for one in known["components"]}
    ours = {name: components[name] for name in packages if name != "newsman"}
    refs = {name: one["bom-ref"] for name, one in ours.items()} | {"newsman": ROOT}
    return {
        **known,
        "components": [_with_hashes(one, lock[name]) for name, one in sorted(ours.items())],
        "dependencies": [
            {"ref": refs[name], "dependsOn": sorted(refs[other] for other in others)}
            for name, others in sorted(packages.items())
        ],
    }


def _with_hashes(component: dict[str, Any], locked: Locked) -> dict[str, Any]:
    if component["version"] != locked.version:
        sys.exit(
            f"{locked.name} is {component['version']} here: make env installs {locked.version}"
        )
    files_of_it = {
        "type": "distribution",
        "url": f"https://pypi.org/project/{locked.name}/{locked.version}/",
        "comment": "the files that requirements.lock admits",
        "hashes": [{"alg": "SHA-256", "content": one} for one in locked.hashes],
    }
    references = [*component.get("externalReferences", ()), files_of_it]
    return {**component, "externalReferences": references}


def _environment() -> dict[str, Any]:
    command = [Path(sys.executable).with_name("cyclonedx-py"), "environment", "--no-validate"]
    options = ["--output-reproducible", "--spec-version", SPECIFICATION]
    made = subprocess.run(
        [*command, *options, "--pyproject", REPOSITORY / "pyproject.toml", sys.executable],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    bill: dict[str, Any] = json.loads(made.stdout)
    return bill


def check(bill: dict[str, Any]) -> None:
    """Ends with the first thing that CycloneDX's own JSON Schema does not allow."""
    folder = files("cyclonedx.schema") / "_res"
    schemas = {
        one.name: json.loads(one.read_text(encoding="utf-8"))
        for one in folder.iterdir()
        if one.name.endswith(".json") and "strict" not in one.name
    }
    registry = jsonschema_rs.Registry([(SCHEMAS + name, s) for name, s in schemas.items()])
    schema = schemas[f"bom-{SPECIFICATION}.SNAPSHOT.schema.json"]
    validator = jsonschema_rs.validator_for(
        {**schema, "$id": SCHEMAS + "bom.json"}, registry=registry
    )
    for error in validator.iter_errors(bill):
        sys.exit(f"the bill of materials is not CycloneDX {SPECIFICATION}: {error}")


if __name__ == "__main__":
    sys.exit(main())
