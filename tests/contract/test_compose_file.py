"""docker-compose.yml and the Dockerfile: everything pinned, every setting real."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from newsman import settings
from newsman.cli import build_command_parser
from newsman.services import SERVICES
from newsman.settings import read_settings
from newsman.tools.local.layout import PORTS, layout_from_environment
from newsman.tools.local.supervisor import prepare
from newsman.tools.operate.config import OF_COMPOSE, OF_TOOLS
from newsman.tools.operate.settings import OperatorSettings
from newsman.tools.operate.settings_example import settings_example

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE_TEXT))
DOCKERFILE = (REPOSITORY / "deploy" / "Dockerfile").read_text()
PINNED = re.compile(
    r"^[\w./-]+(:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$"
)
SETTINGS = {
    "topics": settings.KafkaSettings,
    **{service: settings.settings_of(service) for service in SERVICES},
}


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_every_image_of_the_compose_file_is_pinned(service):
    assert PINNED.match(COMPOSE["services"][service]["image"])


def test_every_image_can_be_named_by_digest_from_the_environment():
    example = (REPOSITORY / "deploy" / "images.env.example").read_text()
    named = re.findall(r"(?:image|PYTHON_IMAGE): (\S+)", COMPOSE_TEXT)
    variables = [re.fullmatch(r"\$\{(\w+_IMAGE):-[^}]+\}", image)[1] for image in named]
    assert set(variables) == set(re.findall(r"^#(\w+)=", example, re.MULTILINE))


def test_the_compose_file_builds_on_the_image_that_the_dockerfile_names():
    arguments = COMPOSE["services"]["ingest"]["build"]["args"]
    assert f"ARG PYTHON_IMAGE={arguments['PYTHON_IMAGE']}\n" in DOCKERFILE


def test_every_base_image_of_the_dockerfile_is_pinned():
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE))
    variables = dict(re.findall(r"^ARG (\w+)=(\S+)", DOCKERFILE, re.MULTILINE))
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    outside = [base for base in bases if base not in stages]
    assert outside
    for base in outside:
        assert PINNED.match(variables[base.strip("${}")] if base.startswith("$") else base)


@pytest.mark.parametrize(
    ("image", "is_pinned"),
    [
        ("a/b:1.2.3", True),
        (f"a/b:1.2.3@sha256:{'0' * 64}", True),
        ("a/b:latest", False),
        ("a/b", False),
        ("a/b:9", False),
    ],
)
def test_the_check_tells_a_pinned_image_from_one_that_moves(image, is_pinned):
    assert bool(PINNED.match(image)) is is_pinned


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_in_the_compose_file_exists(service):
    known = {f"NEWSMAN_{name.upper()}" for name in SETTINGS[service].model_fields}
    named = {n for n in COMPOSE["services"][service]["environment"] if n.startswith("NEWSMAN_")}
    if service == "topics":
        named -= {"NEWSMAN_REDIS_URL"}
    assert named
    assert named <= known


BESIDE = {
    "kafka": None,
    "redis": None,
    "keys": None,
    "cli": "tools",
    "demo": "demo",
    "edge": "edge",
}
BESIDE |= dict.fromkeys(("observe", "prometheus", "grafana"), "observability")
"""What is no service of Newsman, with the profile that it belongs to."""


def test_all_services_are_there_and_none_is_unknown():
    assert set(COMPOSE["services"]) == {*SETTINGS, *BESIDE}
    profiles = {name: each.get("profiles") for name, each in COMPOSE["services"].items()}
    assert profiles == {name: [p] if (p := BESIDE.get(name)) else None for name in profiles}


def test_compose_gives_the_services_a_file_that_is_there():
    given = COMPOSE["services"]["ingest"]["env_file"]
    assert given == ["deploy/compose.env"]
    assert (REPOSITORY / given[0]).exists()
    assert "NEWSMAN_ENV_FILE=.env\n" in settings_example()


def test_compose_takes_no_variable_that_config_check_does_not_know():
    asked = set(re.findall(r"\$\{(NEWSMAN_\w+):-", COMPOSE_TEXT))
    images = {name for name in asked if name.endswith("_IMAGE")}
    known = {f"NEWSMAN_{name.upper()}" for s in SETTINGS.values() for name in s.model_fields}
    assert asked - images - known - OF_TOOLS == OF_COMPOSE


def test_the_private_key_of_statements_is_mounted_where_it_signs_alone():
    def holders(volume: str) -> dict[str, bool]:
        """Who has it mounted, and whether they may write to it."""
        mounts = {n: each.get("volumes", []) for n, each in COMPOSE["services"].items()}
        of_it = {n: [m for m in each if m.startswith(f"{volume}:")] for n, each in mounts.items()}
        return {name: not found[0].endswith(":ro") for name, found in of_it.items() if found}

    writers = {"keys": True, "cli": True}
    assert holders("signing") == {**writers, "publish": False}
    assert holders("signing-keys") == {**writers, "publish": False, "feeds": False}
    words = COMPOSE["services"]["keys"]["command"]
    made = build_command_parser(words[0]).parse_args(words[1:])
    signing = COMPOSE["services"]["publish"]["environment"]
    assert made.if_missing
    assert str(made.key) == signing["NEWSMAN_SIGNING_KEY_FILE"]
    assert str(made.keys) == signing["NEWSMAN_SIGNING_KEYS_FILE"]


def test_the_demos_source_is_that_of_the_embedded_stack(tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSMAN_HOME", str(tmp_path / "home"))
    embedded = layout_from_environment()
    prepare(embedded)
    ours = tomllib.loads((REPOSITORY / "deploy" / "sources.toml").read_text())
    assert ours == tomllib.loads(embedded.sources.read_text())


def test_the_simulator_is_called_as_it_can_be(monkeypatch):
    words = COMPOSE["services"]["demo"]["command"]
    arguments = build_command_parser(words[0]).parse_args(words[1:])
    assert (arguments.articles, arguments.views) == (2, 20)


def test_operators_commands_reach_the_health_of_every_service(monkeypatch):
    cli = COMPOSE["services"]["cli"]
    assert cli["profiles"] == ["tools"]
    for name, value in cli["environment"].items():
        monkeypatch.setenv(name, value)
    asked = dict(read_settings(OperatorSettings).addresses())
    assert set(asked) == set(SERVICES)
    for service, url in asked.items():
        environment = COMPOSE["services"][service]["environment"]
        port = environment.get("NEWSMAN_OPS_PORT", environment["NEWSMAN_PORT"])
        assert url == f"http://{service}:{port}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_default_ports(service):
    environment = COMPOSE["services"][service]["environment"]
    assert int(environment["NEWSMAN_PORT"]) == PORTS[service]
    assert environment.get("NEWSMAN_OPS_PORT") == (
        str(PORTS[f"{service}-ops"]) if f"{service}-ops" in PORTS else None
    )


def test_only_loopback_ports_are_published():
    ports = [port for s in COMPOSE["services"].values() for port in s.get("ports", [])]
    assert len(ports) == 3 + 4 + 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_data_lives_in_named_volumes():
    for service in ("kafka", "redis"):
        (mount,) = COMPOSE["services"][service]["volumes"]
        assert mount.partition(":")[0] in COMPOSE["volumes"]
