"""A real Prometheus with the rules and panels: every expression has data while news comes in."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml
from tests.conftest import launcher
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"][0]["rules"]
PANELS = [
    (panel["title"], target["expr"])
    for file in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
    for panel in json.loads(file.read_text())["panels"]
    for target in panel["targets"]
]
PROMETHEUS = shutil.which("prometheus")

pytestmark = pytest.mark.timeout(300)


def without_threshold(rule: dict) -> str:
    """The expression of an alert that has data whether it fires or not."""
    return re.fullmatch(r"(.*) [<>] [\d.]+", rule["expr"])[1]


def test_every_alert_has_its_section_in_the_runbook():
    headings = re.findall(r"^### (.*)$", (REPOSITORY / "docs/monitor.md").read_text(), re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    named = {rule["annotations"]["runbook"].partition("#")[2] for rule in RULES}
    assert named == sections
    text = (REPOSITORY / "docs/monitor.md").read_text()
    assert all(f"`{rule['alert']}`" in text for rule in RULES)


@pytest.fixture
def prometheus(newsroom, tmp_path):
    """Prometheus with the committed files, their addresses being those of this test."""
    if PROMETHEUS is None:
        pytest.skip("prometheus is not on this machine (Debian: apt-get install prometheus)")
    launch = launcher(newsroom.bootstrap, newsroom.redis_url, newsroom.namespace, tmp_path)
    observe = launch("observe").wait_ready()
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms"}
    config["rule_files"] = [str(DEPLOY / "prometheus" / "rules.yml")]
    for job in config["scrape_configs"]:
        name = job["job_name"]
        url = observe.url if name == "observe" else newsroom.ops_url(name)
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [url.removeprefix("http://")]}]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    options = {
        "config.file": file,
        "storage.tsdb.path": tmp_path / "data",
        "web.listen-address": address,
        "log.level": "warn",
    }
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [PROMETHEUS, *(f"--{name}={value}" for name, value in options.items())],
            stdout=log,
            stderr=log,
        )
    yield f"http://{address}"
    process.terminate()
    process.wait()
    launch.end()


def test_every_expression_of_rules_and_panels_has_data(prometheus, newsroom, eventually):
    env = {
        **os.environ,
        "NEWSMAN_PUSH_URL": newsroom.url("ingest"),
        "NEWSMAN_PUBLIC_URL": newsroom.url("feeds"),
        "NEWSMAN_PUSH_KEY": "demo-key",
    }
    words = "--articles 10/s --views 10/s --readers 2 --seconds 600 --json".split()
    command = [sys.executable, "-m", "newsman.cli", "simulate", *words]
    simulator = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=prometheus, timeout=30) as client:
            missing = {*(without_threshold(rule) for rule in RULES), *(e for _, e in PANELS)}

            def all_have_data() -> bool:
                for expression in sorted(missing):
                    if has_data(client, expression):
                        missing.discard(expression)
                return not missing

            eventually(all_have_data, timeout=120, what=lambda: f"data of {sorted(missing)}")
            rules = client.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
            assert {rule["health"] for rule in rules} == {"ok"}
            assert len(rules) == len(RULES)
    finally:
        simulator.terminate()
        simulator.wait()


def has_data(client: httpx.Client, expression: str) -> bool:
    """True if the expression has a value now; an expression that is none fails."""
    try:
        answer = client.get("/api/v1/query", params={"query": expression})
    except httpx.TransportError:
        return False
    assert answer.status_code == 200, answer.text
    values = [sample["value"][1] for sample in answer.json()["data"]["result"]]
    return any(value != "NaN" for value in values)
