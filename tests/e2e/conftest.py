"""A whole Newsman, a real Chromium that notes whatever goes wrong in it, and axe-core from npm."""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.conftest import RunningService, launcher
from tests.ports import free_port

from newsman.kafka.topics import ensure_topics
from newsman.provenance.keys import make_key
from newsman.services import SERVICES

WITH_SETTINGS = ("ingest", "feeds", "deliver", "publish")
AXE = Path(__file__).parent / "axe"
CHROMIUM_OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def page(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing: install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium,
            headless=True,
            args=CHROMIUM_OPTIONS,
            user_agent=READER,
        )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
        yield page
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which judges the accessibility of a page."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine; axe-core comes from there (Debian: npm)")
    source = AXE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        command = [npm, "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=AXE, check=True, capture_output=True, timeout=110)
    return source.read_text()


@dataclass
class Newsroom:
    """All services of one namespace, running."""

    namespace: str
    redis_url: str
    bootstrap: str
    services: dict[str, RunningService]

    def url(self, name: str) -> str:
        return self.services[name].url

    def ops_url(self, name: str) -> str:
        """Where health and metrics of a service are."""
        return self.services[name].ops_url

    def start_ended(self) -> list[str]:
        """Starts the services that have ended, and says how each did."""
        said = []
        for name, service in self.services.items():
            if (status := service.process.poll()) is not None:
                said.append(f"{name} ended with {status}:\n{service.log()}")
                service.start()
                service.wait_ready()
        return said


@pytest.fixture(scope="package")
def newsroom(kafka_bootstrap, redis_url, tmp_path_factory) -> Iterator[Newsroom]:
    """A whole Newsman for all of these tests, which push articles of their own."""
    namespace = f"e2e{uuid.uuid4().hex[:8]}"
    ensure_topics(kafka_bootstrap, namespace, replication=1)
    folder = tmp_path_factory.mktemp("newsroom")
    launch = launcher(kafka_bootstrap, redis_url, namespace, folder)
    port = str(free_port())
    shared = {
        "NEWSMAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "NEWSMAN_ASSETS_URL": f"file://{folder}/assets",
    }
    keys = folder / "signing-keys.json"
    make_key(folder / "key.pem", keys, now=datetime.now(UTC), overlap=timedelta())
    signs = {
        "NEWSMAN_PUBLIC_URL": shared["NEWSMAN_PUBLIC_URL"],
        "NEWSMAN_SIGNING_KEY_FILE": str(folder / "key.pem"),
        "NEWSMAN_SIGNING_KEYS_FILE": str(keys),
    }
    operator_file = folder / "operator-token"
    operator_file.write_text("operator-token-of-the-tests")
    out = {
        "NEWSMAN_PUBLIC_URL": shared["NEWSMAN_PUBLIC_URL"],
        "NEWSMAN_FEEDS_URL": shared["NEWSMAN_PUBLIC_URL"],
        "NEWSMAN_OPERATOR_TOKEN_FILE": str(operator_file),
        "NEWSMAN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "NEWSMAN_OUTBOUND_PORTS": "1-65535",
        "NEWSMAN_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "NEWSMAN_MAIL_FROM": "news@harbour.example",
        "NEWSMAN_DELIVER_URL": "https://out.example",
        "NEWSMAN_UNSUBSCRIBE_SECRET": "a secret of this house",
    }
    try:
        ingest = launch("ingest", **shared)
        deliver = launch("deliver", **out)
        links = {
            "NEWSMAN_VIEWS_URL": f"{ingest.url}/v1/views",
            "NEWSMAN_HUB_URL": f"{deliver.url}/hub",
            "NEWSMAN_SIGNING_KEYS_FILE": str(keys),
        }
        services = {
            "ingest": ingest,
            "feeds": launch("feeds", NEWSMAN_PORT=port, **shared, **links),
            "deliver": deliver,
            "publish": launch("publish", **signs),
            **{name: launch(name) for name in SERVICES if name not in WITH_SETTINGS},
        }
        for service in services.values():
            service.wait_ready()
        yield Newsroom(namespace, redis_url, kafka_bootstrap, services)
    finally:
        launch.end()


@pytest.fixture(autouse=True)
def _none_ends(request) -> Iterator[None]:
    """A service that ends fails the test in which it did so, and not all that come later."""
    newsroom = request.getfixturevalue("newsroom") if "newsroom" in request.fixturenames else None
    yield
    ended = newsroom.start_ended() if newsroom else []
    assert not ended, "\n".join(ended)
