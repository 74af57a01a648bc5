"""The broker's JARs, fetched once: by Maven where it is there, else straight from a repository.

`broker/jars.txt` names each with its SHA-256: nothing has to be resolved, and what came by either
way is what was meant.
"""

import hashlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from newsman.tools.local.errors import LocalError

DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
STAMP = "complete"
AT_ONCE = 4
TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 30
URL_VARIABLE = "NEWSMAN_MAVEN_URL"
NO_WAY = (
    "Maven is missing: install it (Debian: apt-get install maven), or the package jgo, which knows "
    f"where its repository is (newsman[java]), or set {URL_VARIABLE}"
)

Say = Callable[[str], None]


def ensure_jars(folder: Path, say: Say = lambda _: None) -> bool:
    """Fetches the JARs unless they are there, whole and of this pom; says whether it did."""
    pom = (files("newsman.tools.local") / "broker" / "pom.xml").read_bytes()
    stamp, digest = folder / STAMP, hashlib.sha256(pom).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return False
    maven = shutil.which("mvn")
    source = "" if maven else repository()
    if maven:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_bytes(pom)
    if maven:
        _copy_dependencies(maven, folder)
    else:
        _download(source, folder, say)
    require_as_listed(folder)
    stamp.write_text(digest)
    return True


def repository() -> str:
    """The address of the Maven repository: NEWSMAN_MAVEN_URL, or Maven Central as jgo knows it.

    Raises LocalError where neither is there.
    """
    if named := os.environ.get(URL_VARIABLE):
        return named.rstrip("/")
    if find_spec("jgo") is None:
        raise LocalError(NO_WAY)
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL)


def listed() -> Iterator[tuple[str, str]]:
    """The path of each JAR in a repository, and its SHA-256 in hex."""
    text = (files("newsman.tools.local") / "broker" / "jars.txt").read_text()
    for line in text.splitlines():
        if not line.startswith("#"):
            path, digest = line.split()
            yield path, digest


def require_as_listed(folder: Path) -> None:
    """Raises LocalError unless the folder holds each JAR as listed, and no other."""
    wanted = {path.rpartition("/")[2]: digest for path, digest in listed()}
    found = {path.name: _digest(path) for path in folder.glob("*.jar")}
    wrong = sorted(
        name for name in {*wanted, *found} if wanted.get(name) != found.get(name, "missing")
    )
    if wrong:
        raise LocalError(f"not as broker/jars.txt lists them: {', '.join(wrong)}")


def _download(source: str, folder: Path, say: Say) -> None:
    entries, done = list(listed()), 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(lambda entry: _fetch(source, folder, *entry), entries):
            done += 1
            if done % 23 == 0:
                say(f"fetched {done} of {len(entries)} files of the broker")


def _fetch(source: str, folder: Path, path: str, digest: str) -> None:
    """Fetches one JAR, unless it is there; a broken connection is tried again."""
    target = folder / path.rpartition("/")[2]
    if target.exists() and _digest(target) == digest:
        return
    pause_seconds = FIRST_PAUSE_SECONDS
    for tried in range(1, TRIES + 1):
        try:
            content = _read(f"{source}/{path}")
        except (OSError, HTTPException) as error:
            if tried == TRIES or _is_final(error):
                raise LocalError(
                    f"{path} cannot be fetched from {source}: {error}; is the network there?"
                ) from error
            time.sleep(pause_seconds)
            pause_seconds *= 2
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            raise LocalError(f"{source} has another {path} than broker/jars.txt lists")
        draft = target.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(target)
        return


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def _is_final(error: Exception) -> bool:
    return isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code != 429


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
