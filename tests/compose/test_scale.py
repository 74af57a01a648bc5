"""docker-compose.yml with two containers of every service, and another image put in under load.

Each takes minutes: `make compose-test` runs them.
"""

import json
import os
import subprocess
import threading

import pytest
from tests.compose.conftest import REPOSITORY, build_images
from tests.compose.simulation import agreed
from tests.compose.test_compose import wait_until_healthy
from tests.ports import free_port

pytestmark = [
    pytest.mark.compose,
    pytest.mark.timeout(1_500),
    pytest.mark.skipif(os.environ.get("COMPOSE_TESTS") != "all", reason="make compose-test"),
]

SCALED = ("ingest", "enrich", "publish", "popularity", "feeds", "deliver")
AT_THE_EDGE = ("--url", "http://edge:9080", "--feeds", "http://edge:9081")
LOAD = (*AT_THE_EDGE, "--articles", "10/s", "--views", "40/s", "--readers", "4")
VERIFY = ("--verify", "--settle", "240", "--json")


@pytest.fixture
def scaled(compose):
    """Compose with the settings for two containers of each service behind the edge."""
    compose.settings |= {
        "NEWSMAN_INGEST_PORT": "0",
        "NEWSMAN_FEEDS_PORT": "0",
        "NEWSMAN_PUSH_KEY": "demo-key",
        **{
            f"NEWSMAN_EDGE_{name}_PORT": str(free_port())
            for name in ("INGEST", "FEEDS", "DELIVER", "TLS")
        },
    }
    return compose


def up(compose) -> None:
    scale = [word for name in SCALED for word in ("--scale", f"{name}=2")]
    compose("--profile", "edge", "up", "-d", "--no-build", *scale)


def simulate(compose, *words: str) -> dict:
    """The simulator's document, from a container beside the others."""
    key = "NEWSMAN_PUSH_KEY=demo-key"
    said = compose("run", "--rm", "--no-deps", "-T", "-e", key, "cli", "simulate", *words)
    return json.loads(said.splitlines()[-1])


def test_two_containers_of_every_service_share_the_work(scaled):
    up(scaled)
    wait_until_healthy(scaled)
    names = [c.labels["com.docker.compose.service"] for c in scaled.containers()]
    assert all(names.count(name) == 2 for name in SCALED)
    verified = agreed(simulate(scaled, *LOAD, "--seconds", "60", *VERIFY))
    assert {"published", "superseded", "killed"} <= set(verified["fates"])
    assert verified["views"] > 100
    logs = scaled("logs", "--no-color", *SCALED)
    assert "is called" not in logs
    assert "another process joined" not in logs


def test_another_image_is_put_in_under_load_and_nothing_is_lost(scaled, engine, base_images):
    """The images of the commit before this one are replaced by these."""
    before = REPOSITORY / ".newsman" / "engine" / "before"
    revision = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", "HEAD~1"], cwd=REPOSITORY, capture_output=True
    )
    if revision.returncode:
        pytest.skip("this clone has no commit before this one: git fetch --deepen 1")
    subprocess.run(["rm", "-rf", before], check=True)
    before.mkdir(parents=True)
    archive = ["bash", "-o", "pipefail", "-c", f"git archive HEAD~1 | tar -x -C {before}"]
    subprocess.run(archive, cwd=REPOSITORY, check=True)
    old = build_images(engine, base_images, before, suffix="-before")
    new = dict(scaled.settings)
    scaled.settings |= {"NEWSMAN_IMAGE": old["runtime"], "NEWSMAN_ENRICH_IMAGE": old["enrich"]}
    up(scaled)
    wait_until_healthy(scaled)
    scaled.settings = new
    told = {}
    load = threading.Thread(
        target=lambda: told.update(simulate(scaled, *LOAD, "--seconds", "90", *VERIFY))
    )
    load.start()
    up(scaled)
    wait_until_healthy(scaled)
    load.join()
    images = {c.image.id for c in scaled.containers()}
    assert engine.client.images.get(old["runtime"]).id not in images
    assert agreed(told)["fates"]["published"] > 0
