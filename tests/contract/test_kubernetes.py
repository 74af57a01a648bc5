"""The manifests of Kubernetes: as they are generated, valid, and made for what the services are."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from newsman import settings
from newsman.runtime.environment import secret_fields, secret_file_variable, variable
from newsman.services import SERVICES
from newsman.settings import settings_of
from newsman.tools.local.layout import ports_of
from newsman_schemas.topics import TOPICS

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "deploy" / "kubernetes"
WRITTEN = sorted(path.relative_to(FOLDER) for path in FOLDER.glob("[bks]*/*.yaml"))
VERSIONS = ("1.30", "1.37")
"""The oldest that knows `sleep` before the end of a pod, and the newest."""
OWN_KINDS = ("apps/v1", "autoscaling/v2", "batch/v1", "networking.k8s.io/v1", "policy/v1", "v1")


def documents(path: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(path.read_text())


BASE = [each for path in sorted(FOLDER.glob("base/*.yaml")) for each in documents(path)]
WORKLOADS = {
    each["metadata"]["name"]: each for each in BASE if each["kind"] in ("Deployment", "StatefulSet")
}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (found,) = workload["spec"]["template"]["spec"]["containers"]
    return found


def test_the_files_are_as_they_are_generated(tmp_path):
    command = [sys.executable, str(FOLDER / "build.py"), str(tmp_path)]
    subprocess.run(command, check=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.yaml"))
    assert made == WRITTEN
    for path in made:
        assert (tmp_path / path).read_text() == (FOLDER / path).read_text(), "make kubernetes"


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_every_manifest(version):
    checked = [each for each in BASE if each["apiVersion"] in OWN_KINDS]
    assert len(checked) > 25
    for each in checked:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_manifest_that_is_wrong_is_not_taken():
    wrong = {**WORKLOADS["ingest"], "spec": {**WORKLOADS["ingest"]["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_service_has_a_workload_that_is_probed_and_kept_up():
    assert set(WORKLOADS) == set(SERVICES)
    kept = {each["metadata"]["name"] for each in BASE if each["kind"] == "PodDisruptionBudget"}
    assert kept == set(SERVICES)
    for name, workload in WORKLOADS.items():
        found, ports = container(workload), ports_of(name)
        ops = ports.get(f"{name}-ops", ports[name])
        for probe, path in {"liveness": "/healthz", "readiness": "/readyz"}.items():
            wanted = {"path": path, "port": ops}
            assert found[f"{probe}Probe"]["httpGet"] == wanted
        assert found["securityContext"]["readOnlyRootFilesystem"] is True
        assert workload["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
        assert workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > 10


def test_every_setting_is_one_that_its_service_reads():
    (shared,) = (each["data"] for each in BASE if each["kind"] == "ConfigMap")
    known = set()
    for name, workload in WORKLOADS.items():
        found = settings_of(name)
        own = {variable(field) for field in found.model_fields}
        own |= {secret_file_variable(field) for field in secret_fields(found)}
        assert {each["name"] for each in container(workload)["env"]} <= own, name
        known |= own
    assert set(shared) <= known
    secrets = {secret_file_variable(f) for s in vars(settings).values() for f in fields_of(s)}
    for name, value in shared.items():
        if name in secrets:
            assert value.startswith("/run/secrets/"), name


def fields_of(found: object) -> list[str]:
    is_settings = isinstance(found, type) and issubclass(found, settings.EnvironmentSettings)
    return secret_fields(found) if is_settings else []


def test_no_secret_is_in_a_manifest():
    assert "Secret" not in {each["kind"] for each in BASE}
    texts = [path.read_text() for path in FOLDER.rglob("*.yaml")]
    assert not any(re.search(r"password: (?!kafka)\S", text) for text in texts)


def test_nothing_comes_in_or_goes_out_that_is_not_named():
    policies = {e["metadata"]["name"]: e["spec"] for e in BASE if e["kind"] == "NetworkPolicy"}
    everything = policies["newsman"]
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & everything.keys()
    opened = [name for name, spec in policies.items() if "http" in str(spec.get("ingress"))]
    assert opened == ["newsman-ingest", "newsman-feeds", "newsman-deliver"]


def test_strimzi_makes_every_topic_as_it_is_listed():
    made = {e["metadata"]["name"]: e["spec"] for e in documents(FOLDER / "strimzi/topics.yaml")}
    assert set(made) == {topic.full_name("newsman") for topic in TOPICS}
    for topic in TOPICS:
        spec = made[topic.full_name("newsman")]
        assert spec["partitions"] == topic.partitions
        assert topic.config().items() <= spec["config"].items()
        assert spec["replicas"] > int(spec["config"]["min.insync.replicas"])


def test_the_example_can_be_built():
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on this machine")
    command = [kubectl, "kustomize", str(FOLDER / "example")]
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    made = list(yaml.safe_load_all(built))
    assert {each["metadata"]["namespace"] for each in made} == {"newsman"}
    scaled = {e["metadata"]["name"] for e in made if e["kind"] == "ScaledObject"}
    assert scaled == {"enrich", "publish"}
