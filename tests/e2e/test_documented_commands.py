"""The commands of the documentation that need Newsman, on the embedded stack with its demo."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer
from tests.conftest import JARS, wait_until
from tests.documentation import PAGES, REPOSITORY, blocks

from newsman.tools.local.layout import PORTS, Layout

PORT_OFFSET = 22_000
SETTINGS = re.compile(r"^export (NEWSMAN_(?:KAFKA|REDIS)\w+)=(\S+)$", re.MULTILINE)
ON_THE_STACK = [
    block for page in PAGES for block in blocks(page) if block.needs == "stack" and block.commands
]


def moved(text: str) -> str:
    """A text of the documentation with the ports of this test's stack."""
    ports = "|".join(str(port) for port in PORTS.values())
    return re.sub(
        rf"(?<=127\.0\.0\.1:)({ports})\b", lambda port: str(int(port[0]) + PORT_OFFSET), text
    )


@dataclass
class Shell:
    """Runs scripts in a folder of their page, with what the documentation says to set."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str, page: str = ".") -> subprocess.CompletedProcess[str]:
        folder = self.folder / page
        folder.mkdir(exist_ok=True)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", moved(script)],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
        )

    def output(self, script: str) -> str:
        done = self.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def shell(jars, tmp_path_factory) -> Iterator[Shell]:
    """A shell beside a running demo; `ARTICLE`, `OFFSET` and `SECRET` name what there is."""
    folder = tmp_path_factory.mktemp("documented")
    layout = Layout(folder / "home", PORT_OFFSET)
    layout.home.mkdir()
    layout.jars.symlink_to(JARS)
    install = (REPOSITORY / "docs" / "install.md").read_text()
    settings = {name: moved(value) for name, value in SETTINGS.findall(install)}
    environment = {
        **os.environ,
        **settings,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NEWSMAN_HOME": str(layout.home),
        "NEWSMAN_PORT_OFFSET": str(PORT_OFFSET),
        "NEWSMAN_SOURCES_FILE": str(layout.sources),
    }
    shell = Shell(folder, environment)
    try:
        shell.output("newsman local demo")
        issued = shell.output("newsman source add signer --hmac")
        environment["SECRET"] = issued.removeprefix("secret: ").splitlines()[0]
        environment["ARTICLE"] = httpx.get(f"{layout.url('feeds')}/v1/articles").json()["items"][0][
            "id"
        ]
        environment["OFFSET"] = park_a_message(layout, shell)
        yield shell
    finally:
        shell.run("newsman local stop")


def park_a_message(layout: Layout, shell: Shell) -> str:
    """Sends enrich what it cannot read; answers the offset under which it is parked."""
    producer = KafkaProducer(bootstrap_servers=layout.bootstrap)
    producer.send("newsman.article-received.v1", value=b"no JSON", key=b"none").get(timeout=20)
    producer.close()
    listed = wait_until(lambda: re.search(r"^ *(\d+) ", shell.output("newsman rejected list")))
    return listed[1]


@pytest.mark.parametrize("block", ON_THE_STACK, ids=lambda block: block.name)
def test_a_command_that_needs_the_stack_does_what_it_says(block, shell):
    prepared = {"secure.md": 'printf \'{"headline": "Ferry returns"}\' > story.json'}
    shell.run(prepared.get(block.page.name, ":"), block.page.name).check_returncode()

    def succeeds() -> bool:
        done = shell.run(block.script, block.page.name)
        print(done.stdout, done.stderr)
        return done.returncode == 0

    # What a block shows may take a moment to arrive from the block before it.
    wait_until(succeeds, what=block.script)
