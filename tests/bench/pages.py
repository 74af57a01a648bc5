"""Reader pages of the demo in Chromium: when their largest part is there, and what moves.

Lines and processors are those that Lighthouse takes for phones (1.6 Mbit/s, 150 ms, a fourth of
this processor) and desktops (10 Mbit/s, 40 ms). Nothing of a page is in the browser's cache.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright
from stack import JARS, free_port, mark

from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import Layout
from newsman.tools.local.valkey import Valkey

LOADS = 5
GOOD_LCP_MS, LEAST_SHIFT, MOST_BYTES = 2_500, 0.01, 60_000
"""Good to Core Web Vitals; a tenth of what is good to them; and what a page may weigh without its
pictures."""
BLOCKING = 1
"""Requests beyond the page's own before its first render."""
OPTIONS = "--no-sandbox --disable-gpu --disable-quic --no-first-run".split()


@dataclass(frozen=True)
class Device:
    """A screen in CSS pixels, a line in kbit/s and ms, and how much slower than this machine."""

    name: str
    width: int
    height: int
    kbit: int
    latency_ms: int
    slower: int


DEVICES = (Device("phone", 390, 844, 1_638, 150, 4), Device("desktop", 1280, 800, 10_240, 40, 1))


@dataclass(frozen=True)
class Load:
    """One load of a page, as Chromium tells it."""

    lcp_ms: float
    shift: float
    blocking: int
    html_bytes: int
    html_packed_bytes: int
    all_bytes: int


def pages(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The table."""
    names = (
        f"{LOADS} loads of each, the demo's news",
        "LCP, median",
        "LCP, slowest",
        "layout shift",
        "requests before the first render, beyond the page",
        "HTML, in gzip",
        "HTML, style and script",
    )
    rows = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    with demo(folder / "demo") as layout, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for path, name in addresses(layout.url("feeds")).items():
            for device in DEVICES:
                load = partial(loaded, browser, layout.url("feeds") + path, device)
                rows.append(row(f"{name}, {device.name}", [load() for _ in range(LOADS)]))
        browser.close()
    return "\n".join([*rows, ""])


@contextmanager
def demo(home: Path) -> Iterator[Layout]:
    """The demo, running in a folder on ports of its own."""
    home.mkdir()
    (home / "kafka-jars").symlink_to(JARS)
    layout = Layout(home, free_port() % 10_000 + 10_000)
    settings = {"NEWSMAN_HOME": str(home), "NEWSMAN_PORT_OFFSET": str(layout.port_offset)}
    command = [sys.executable, "-m", "newsman.cli", "local"]
    run = partial(subprocess.run, env={**os.environ, **settings}, stdout=sys.stderr, check=True)
    try:
        run([*command, "demo"])
        yield layout
    finally:
        run([*command, "stop"])


def addresses(feeds: str) -> dict[str, str]:
    """Pages by their paths; the article has a picture."""
    with urlopen(f"{feeds}/latest.json") as answer:
        items = json.load(answer)["items"]
    article = next(item["url"] for item in items if item.get("image"))
    named = {"/": "front", "/sections/transport": "section", "/popular": "popular"}
    return {**named, f"/articles/{article.rpartition('/')[2]}": "article with a picture"}


def loaded(browser: Browser, url: str, device: Device) -> Load:
    """A first visit to the page."""
    size: Any = {"width": device.width, "height": device.height}
    context = browser.new_context(viewport=size, device_scale_factor=2)
    page = context.new_page()
    page.add_init_script(WATCH)
    tools = context.new_cdp_session(page)
    bytes_per_second = device.kbit * 1_000 / 8
    line = {"offline": False, "latency": device.latency_ms}
    speed = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", {**line, **speed})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": device.slower})
    page.goto(url, wait_until="load")
    # The pages allow no functions of strings, which Playwright's own wait would be.
    while not page.evaluate("window.largest > 0"):
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)  # what comes late may still move something
    found = page.evaluate(MEASURE)
    context.close()
    return Load(**found)


WATCH = """
window.largest = 0; window.moved = 0;
new PerformanceObserver((list) => { window.largest = list.getEntries().at(-1).startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })
  .observe({type: "layout-shift", buffered: true});
"""
MEASURE = """(() => {
  const [page] = performance.getEntriesByType("navigation");
  const others = performance.getEntriesByType("resource");
  const texts = others.filter((one) => /\\.(css|js)\\b/.test(one.name));
  return {
    lcp_ms: window.largest, shift: window.moved,
    blocking: others.filter((one) => one.renderBlockingStatus === "blocking").length,
    html_bytes: page.decodedBodySize, html_packed_bytes: page.encodedBodySize,
    all_bytes: texts.reduce((sum, one) => sum + one.decodedBodySize, page.decodedBodySize),
  };
})()"""


def row(name: str, loads: list[Load]) -> str:
    """The row of a page on a device; a figure that is too large is marked."""
    shift, blocking = max(one.shift for one in loads), max(one.blocking for one in loads)
    usual = statistics.median(one.lcp_ms for one in loads)
    weight = max(one.all_bytes for one in loads)
    cells = (
        name,
        f"{usual:,.0f} ms{mark(usual > GOOD_LCP_MS)}",
        f"{max(one.lcp_ms for one in loads):,.0f} ms",
        f"{shift:.3f}{mark(shift > LEAST_SHIFT)}",
        f"{blocking}{mark(blocking > BLOCKING)}",
        f"{loads[0].html_bytes / 1000:.1f} kB, {loads[0].html_packed_bytes / 1000:.1f} kB",
        f"{weight / 1000:.1f} kB{mark(weight >= MOST_BYTES)}",
    )
    return f"| {' | '.join(cells)} |"
