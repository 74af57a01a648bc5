"""docker-compose.yml on a real engine: up, an article through it, down and up, still there."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from packaging.utils import canonicalize_name
from tests.conftest import wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1_500)]

REPOSITORY = Path(__file__).resolve().parents[2]
HEALTHY_LIMIT_SECONDS = 480
KEY = {"Authorization": "Bearer demo-key"}
ARTICLE = {
    "uri": "urn:compose:1",
    "headline": "The mill at Delft turns again",
    "section": "Culture",
    "body_text": "After a year of repairs the mill at Delft in the Netherlands turns again.",
}


def test_the_nlp_parts_are_in_the_enrich_image_alone(engine, images):
    def has_model(image: str) -> bool:
        code = "import importlib.util as u; print(u.find_spec('spacy') is not None)"
        said = engine.client.containers.run(image, ["-c", code], entrypoint="python", remove=True)
        return said.strip() == b"True"

    assert has_model(images["enrich"])
    assert not has_model(images["runtime"])


def test_each_image_holds_what_its_bill_of_materials_lists(engine, images, tmp_path):
    subprocess.run(
        [sys.executable, REPOSITORY / "deploy" / "supply" / "sbom.py", tmp_path], check=True
    )
    listing = (
        "import importlib.metadata as m; print(*{f'{d.name}=={d.version}'"
        " for d in m.distributions()})"
    )
    for target, name in (("runtime", "newsman"), ("enrich", "newsman-enrich")):
        said = engine.client.containers.run(
            images[target], ["-c", listing], entrypoint="python", remove=True
        )
        held = {_normal(one) for one in said.decode().split()} - {"newsman==0.1.0"}
        bill = json.loads((tmp_path / f"sbom-{name}.cdx.json").read_text())
        listed = {_normal(f"{c['name']}=={c['version']}") for c in bill["components"]}
        assert held == listed


def _normal(package: str) -> str:
    name, version = package.split("==")
    return f"{canonicalize_name(name)}=={version}"


MEGABYTE = 1_000_000
LARGEST = {"runtime": 220 * MEGABYTE, "enrich": 480 * MEGABYTE}
"""Beside the base image, of which python:slim is 125 MB: 350 and 650 MB with room to spare."""


def test_images_are_small_and_hold_no_installer(engine, images, base_images):
    def size(tag: str) -> int:
        return engine.client.images.get(tag).attrs["Size"]

    added = {target: size(tag) - size(base_images["python"]) for target, tag in images.items()}
    assert {target: n for target, n in added.items() if n > LARGEST[target]} == {}, added
    for tag in images.values():
        code = (
            "from importlib.util import find_spec; "
            "print([name for name in ('pip', 'ensurepip') if find_spec(name)])"
        )
        said = engine.client.containers.run(tag, ["-c", code], entrypoint="python", remove=True)
        assert said.strip() == b"[]"


def test_nothing_runs_as_root(engine, images):
    for image in images.values():
        assert engine.client.images.get(image).attrs["Config"]["User"] == "newsman"


def test_an_article_is_read_back_and_survives_down_and_up(compose):
    compose("up", "-d", "--no-build")
    wait_until_healthy(compose)
    ingest = f"http://127.0.0.1:{compose.ingest_port}"
    feeds = f"http://127.0.0.1:{compose.feeds_port}"
    answer = httpx.post(f"{ingest}/v1/articles", json=ARTICLE, headers=KEY)
    assert answer.status_code == 202
    article_id = answer.json()["id"]
    wait_for_article(compose, feeds, article_id)
    assert ARTICLE["headline"] in httpx.get(f"{feeds}/latest.rss").text
    only_loopback_is_published(compose)

    compose("down", "--timeout", "20")
    assert compose.containers() == []
    compose("up", "-d", "--no-build")
    wait_until_healthy(compose)
    found = httpx.get(f"{feeds}/v1/articles/{article_id}").json()
    assert found["headline"] == ARTICLE["headline"]
    assert {entity["name"] for entity in found["entities"]} >= {"Netherlands"}
    assert ARTICLE["headline"] in httpx.get(f"{feeds}/latest.rss").text


def wait_until_healthy(compose) -> None:
    def is_healthy() -> bool:
        states = {c.name: _state(c.attrs["State"]) for c in compose.containers()}
        return bool(states) and all(state in ("healthy", "done") for state in states.values())

    wait_until(
        is_healthy,
        timeout=HEALTHY_LIMIT_SECONDS,
        what=lambda: f"all are healthy\n{compose.logs()}",
    )


def _state(state: dict) -> str:
    if state["Status"] == "exited" and state["ExitCode"] == 0:
        return "done"
    return state.get("Health", {}).get("Status", state["Status"])


def wait_for_article(compose, feeds: str, article_id: str) -> None:
    wait_until(
        lambda: httpx.get(f"{feeds}/v1/articles/{article_id}").status_code == 200,
        timeout=60,
        what=lambda: f"the article comes through\n{compose.logs()}",
    )


def only_loopback_is_published(compose) -> None:
    for container in compose.containers():
        for bindings in container.attrs["NetworkSettings"]["Ports"].values():
            assert all(binding["HostIp"] == "127.0.0.1" for binding in bindings or [])
