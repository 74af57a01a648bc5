"""A real Chromium that notes whatever goes wrong in it, and axe-core from npm."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

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
