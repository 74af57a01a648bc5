"""Peers from their registries, built once into `.newsman/peers`, which git ignores."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stack import REPOSITORY

from .sides import told

PEERS = REPOSITORY / ".newsman" / "peers"


class MissingPeer(Exception):
    """A peer that cannot be had; says in one line how to get it."""


def installed(program: str, how: str) -> str:
    """The path of a program of this machine."""
    path = shutil.which(program, path="/usr/local/bin:/usr/bin:/usr/sbin:/sbin") or shutil.which(
        program
    )
    if path is None:
        raise MissingPeer(f"{program} is missing: {how}")
    return path


def go_program(name: str, version: str, module: str, command: str, tags: str = "") -> Path:
    """A command of a Go module, built with the versions that its go.mod and go.sum lock."""
    program = PEERS / f"{name}-{version}"
    if program.exists():
        return program
    where = program.relative_to(REPOSITORY)
    go = installed("go", f"install Go, or put {name} {version} at {where}")
    told(f"building {name} {version}, once")
    try:
        with tempfile.TemporaryDirectory() as folder:
            said = _run([go, "mod", "download", "-json", f"{module}@{version}"], folder)
            shutil.copyfile(Path(json.loads(said)["Dir"]) / "go.sum", Path(folder) / "go.sum")
            _run([go, "mod", "init", "peer"], folder)
            _run([go, "mod", "edit", f"-require={module}@{version}"], folder)
            package = f"{module}/cmd/{command}"
            _run([go, "build", "-mod=mod", "-tags", tags, "-o", str(program), package], folder)
    except subprocess.CalledProcessError as error:
        raise MissingPeer(
            f"{name} {version} was not built ({_reason(error)}): put its program at {where}"
        ) from error
    return program


def npm_packages(name: str, *sources: str) -> Path:
    """A folder where npm has installed these packages with all that they need."""
    folder = PEERS / name
    if (folder / "complete").exists():
        return folder
    short = folder.relative_to(REPOSITORY)
    how = f"npm install --prefix {short} {' '.join(sources)} && touch {short}/complete"
    npm = installed("npm", f"install Node.js and npm, then {how}")
    told(f"installing {name}, once")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        words = ["--no-audit", "--no-fund", "--fetch-retries", "0", "--prefix", str(folder)]
        _run([npm, "install", *words, *sources], folder, **node_headers())
    except subprocess.CalledProcessError as error:
        raise MissingPeer(f"{name} was not installed ({_reason(error)}): {how}") from error
    (folder / "complete").touch()
    return folder


def node_headers() -> dict[str, str]:
    """The setting that has add-ons built with this machine's headers of Node.js, if it has them."""
    prefix = Path(installed("node", "install Node.js")).resolve().parents[1]
    return {"npm_config_nodedir": str(prefix)} if (prefix / "include/node").exists() else {}


def _reason(error: subprocess.CalledProcessError) -> str:
    lines = error.stderr.strip().splitlines()
    return next((line for line in lines if "downloading" not in line), "no reason given")


def _run(command: list[str], folder: str | Path, **settings: str) -> str:
    env = {**os.environ, **settings}
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    return ran.stdout
