"""A real Prometheus with the rules and panels: every expression has data while news comes in."""

import gzip
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
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


@pytest.mark.parametrize("file", sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")))
def test_a_dashboard_is_one_that_grafana_provisions(file):
    """By Grafana's schema of dashboards: required fields, known panels, 24 columns."""
    found = json.loads(file.read_text())
    assert found.keys() >= {"uid", "title", "schemaVersion", "panels", "templating", "annotations"}
    assert re.fullmatch(r"[\w-]{1,40}", found["uid"])
    (source,) = provisioned("datasources/prometheus.yml")["datasources"]
    wanted = {"type": source["type"], "uid": source["uid"]}
    panels = found["panels"]
    assert [panel["datasource"] for panel in panels] == [wanted] * len(panels)
    assert {panel["type"] for panel in panels} <= {"timeseries", "stat", "table", "gauge"}
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
        assert panel["fieldConfig"].keys() == {"defaults", "overrides"}
    taken = [cell for panel in panels for cell in cells(**panel["gridPos"])]
    assert len(taken) == len(set(taken))
    assert {x for x, _ in taken} <= set(range(24))


def cells(x: int, y: int, w: int, h: int) -> list[tuple[int, int]]:
    return list(itertools.product(range(x, x + w), range(y, y + h)))


def test_dashboards_are_mounted_where_grafana_looks_for_them():
    compose = (REPOSITORY / "docker-compose.yml").read_text()
    (provider,) = provisioned("dashboards/newsman.yml")["providers"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in compose
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in compose
    (source,) = provisioned("datasources/prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"


def provisioned(name: str) -> dict:
    """A file that Grafana reads when it starts."""
    found = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / name).read_text())
    assert found["apiVersion"] == 1
    return found


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

            eventually(all_have_data, timeout=240, what=lambda: f"data of {sorted(missing)}")
            rules = client.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
            assert {rule["health"] for rule in rules} == {"ok"}
            assert len(rules) == len(RULES)
    finally:
        simulator.terminate()
        simulator.wait()


class Outside(BaseHTTPRequestHandler):
    """A collector of traces, and a receiver of webhooks beside it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            packed = self.headers.get("Content-Encoding") == "gzip"
            message = ExportTraceServiceRequest()
            message.ParseFromString(gzip.decompress(body) if packed else body)
            self.server.spans += [
                (scope.resource.attributes[0].value.string_value, span)
                for scope in message.resource_spans
                for spans in scope.scope_spans
                for span in spans.spans
            ]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def outside():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    server.spans = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_one_trace_goes_from_the_push_to_the_webhook(newsroom, outside, tmp_path, eventually):
    launch = launcher(newsroom.bootstrap, newsroom.redis_url, newsroom.namespace, tmp_path)
    section, trace_id, newsroom_span = "Traced", "4bf92f3577b34da6" * 2, "00f067aa0ba902b7"
    operator = {"Authorization": "Bearer operator-token-of-the-tests"}
    wish = {"kind": "webhook", "url": f"{outside.url}/hook", "filter": {"section": section}}
    subscriptions = f"{newsroom.url('deliver')}/v1/subscriptions"
    made = httpx.post(subscriptions, json=wish, headers=operator, timeout=30)
    assert made.status_code == 201, made.text
    try:
        launch("observe", NEWSMAN_OTLP_URL=outside.url).wait_ready()
        story = {"uri": "urn:traced:1", "headline": "Traced", "body_text": "T.", "section": section}
        headers = {
            "Authorization": "Bearer demo-key",
            "traceparent": f"00-{trace_id}-{newsroom_span}-01",
        }
        url = f"{newsroom.url('ingest')}/v1/articles"
        assert httpx.post(url, json=story, headers=headers, timeout=30).status_code == 202
        eventually(
            lambda: "webhook acknowledged" in [span.name for _, span in outside.spans],
            what=lambda: f"the delivery's span; there are {[s.name for _, s in outside.spans]}",
        )
    finally:
        httpx.delete(f"{subscriptions}/{made.json()['id']}", headers=operator, timeout=30)
        launch.end()
    own = {s.name: (who, s) for who, s in outside.spans if s.trace_id.hex() == trace_id}
    chain = ["received", "enriched", "published", "webhook acknowledged"]
    assert [own[name][0] for name in chain] == [
        f"newsman-{service}" for service in ("ingest", "enrich", "publish", "deliver")
    ]
    parents = [own[name][1].parent_span_id.hex() for name in chain]
    assert parents == [newsroom_span, *(own[name][1].span_id.hex() for name in chain[:-1])]


def has_data(client: httpx.Client, expression: str) -> bool:
    """True if the expression has a value now; an expression that is none fails."""
    try:
        answer = client.get("/api/v1/query", params={"query": expression})
    except httpx.TransportError:
        return False
    if answer.status_code == 503:
        return False  # it still starts
    assert answer.status_code == 200, answer.text
    values = [sample["value"][1] for sample in answer.json()["data"]["result"]]
    return any(value != "NaN" for value in values)
