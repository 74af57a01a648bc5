"""Writes the manifests of Kubernetes: base/, and the components keda/ and strimzi/.

Usage: build.py [FOLDER]. Services, ports and topics are those of Newsman's own tables. Whoever
installs takes base/ into a kustomization of their own, as example/ does, and patches it there.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from newsman.tools.local.layout import PORTS
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED, TOPICS

HERE = Path(__file__).parent
VERSION = "0.1.0"
PART = {"app.kubernetes.io/part-of": "newsman"}
USER = 10_001
SECRETS, SOURCES = "/run/secrets/newsman", "/run/secrets/newsman-sources"
HTTP = ("ingest", "feeds", "deliver")
"""Services that others than Newsman reach."""
SETTINGS = {
    "NEWSMAN_KAFKA_BOOTSTRAP": "newsman-kafka-bootstrap.kafka:9093",
    "NEWSMAN_KAFKA_SECURITY": "sasl_ssl",
    "NEWSMAN_KAFKA_MECHANISM": "SCRAM-SHA-512",
    "NEWSMAN_KAFKA_USERNAME": "newsman",
    "NEWSMAN_KAFKA_PASSWORD_FILE": f"{SECRETS}/kafka-password",
    "NEWSMAN_KAFKA_CA_FILE": f"{SECRETS}/kafka-ca.pem",
    "NEWSMAN_REDIS_URL_FILE": f"{SECRETS}/redis-url",
    "NEWSMAN_VIEW_TOKEN_SECRET_FILE": f"{SECRETS}/view-token-secret",
    "NEWSMAN_OPERATOR_TOKEN_FILE": f"{SECRETS}/operator-token",
    "NEWSMAN_SOURCES_FILE": f"{SOURCES}/sources.toml",
    "NEWSMAN_ASSETS_URL": "s3://newsman/assets",
    "NEWSMAN_PUBLIC_URL": "https://news.example",
    "NEWSMAN_VIEWS_URL": "https://push.news.example/v1/views",
    "NEWSMAN_HUB_URL": "https://out.news.example/hub",
    "NEWSMAN_FEEDS_URL": f"http://feeds:{PORTS['feeds']}",
    "NEWSMAN_TRUSTED_PROXIES": "10.0.0.0/8",
    "NEWSMAN_LOG_FORMAT": "json",
}


@dataclass(frozen=True)
class Workload:
    """A service in the cluster; `replicas` is where it begins, `most` what CPU may scale it to."""

    name: str
    replicas: int
    cpu: str
    memory: str
    most: int = 0
    disk: str = ""

    @property
    def ops_port(self) -> int:
        """Of health and metrics."""
        return PORTS.get(f"{self.name}-ops", PORTS[self.name])

    @property
    def labels(self) -> dict[str, str]:
        """What tells its pods from others."""
        return {"app.kubernetes.io/name": self.name, **PART}

    @property
    def is_stateful(self) -> bool:
        """True for members of a group, whose names a restart keeps, and for those with a disk."""
        return self.name != "ingest"


WORKLOADS = (
    Workload("ingest", 2, "500m", "1Gi", most=8),
    Workload("enrich", 2, "1", "3Gi"),
    Workload("popularity", 2, "250m", "1Gi"),
    Workload("publish", 2, "250m", "512Mi"),
    Workload("feeds", 2, "500m", "1Gi", most=8, disk="20Gi"),
    Workload("deliver", 2, "500m", "1Gi", disk="20Gi"),
)
DISKS = {
    "feeds": ("NEWSMAN_CATALOGUE_FILE", "/var/lib/newsman/catalogue", "catalogue.sqlite"),
    "deliver": ("NEWSMAN_LEDGER_FILE", "/var/lib/newsman/ledger", "ledger.sqlite"),
}


def main() -> int:
    """Writes every file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, documents in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered(documents), encoding="utf-8")
    return 0


def files() -> dict[str, list[dict[str, Any]]]:
    """The documents of each file."""
    base: dict[str, list[dict[str, Any]]] = {
        "settings.yaml": [_config_map()],
        "topics.yaml": [_topics_job()],
        "network.yaml": list(_network()),
        **{f"{each.name}.yaml": list(_documents(each)) for each in WORKLOADS},
    }
    keda = [_by_lag("enrich", ARTICLE_RECEIVED.full_name("newsman"), "newsman.enrich")]
    keda += [_by_lag("publish", ARTICLE_ENRICHED.full_name("newsman"), "newsman.publish"), _login()]
    return {
        **{f"base/{name}": documents for name, documents in base.items()},
        "base/kustomization.yaml": [_kustomization("Kustomization", sorted(base))],
        "keda/scaling.yaml": keda,
        "keda/kustomization.yaml": [_kustomization("Component", ["scaling.yaml"])],
        "strimzi/topics.yaml": [_kafka_topic(topic) for topic in TOPICS],
        "strimzi/user.yaml": [_kafka_user()],
        "strimzi/kustomization.yaml": [_kustomization("Component", ["topics.yaml", "user.yaml"])],
    }


def rendered(documents: Iterable[dict[str, Any]]) -> str:
    """The documents as YAML."""
    texts = [yaml.safe_dump(each, sort_keys=False, width=100) for each in documents]
    return "# Written by deploy/kubernetes/build.py (make kubernetes).\n" + "---\n".join(texts)


def _documents(work: Workload) -> Iterator[dict[str, Any]]:
    yield _stateful(work) if work.is_stateful else _deployment(work)
    yield _service(work)
    yield {
        **_head("policy/v1", "PodDisruptionBudget", work.name),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": work.labels}},
    }
    if work.most:
        yield _by_cpu(work)


def _head(version: str, kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "labels": {**PART}, **metadata},
    }


def _deployment(work: Workload) -> dict[str, Any]:
    return {
        **_head("apps/v1", "Deployment", work.name),
        "spec": {
            "replicas": work.replicas,
            "selector": {"matchLabels": work.labels},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": _template(work),
        },
    }


def _stateful(work: Workload) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "replicas": work.replicas,
        "serviceName": work.name,
        # Each waits for its own partitions, not for the others.
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": work.labels},
        "template": _template(work),
    }
    if work.disk:
        claim = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": work.disk}},
        }
        spec["volumeClaimTemplates"] = [{"metadata": {"name": "disk"}, "spec": claim}]
    return {**_head("apps/v1", "StatefulSet", work.name), "spec": spec}


def _template(work: Workload) -> dict[str, Any]:
    kind = "-enrich" if work.name == "enrich" else ""
    container = {
        "name": "newsman",
        "image": f"newsman/newsman{kind}:{VERSION}",
        "args": [work.name],
        "envFrom": [{"configMapRef": {"name": "newsman"}}],
        "env": _environment(work),
        "ports": _ports(work),
        "resources": {
            "requests": {"cpu": work.cpu, "memory": work.memory},
            "limits": {"memory": work.memory},
        },
        # A model takes its time to load; until then nobody asks whether it stands still.
        "startupProbe": _probe("/healthz", work, periodSeconds=2, failureThreshold=90),
        "livenessProbe": _probe("/healthz", work, periodSeconds=10, failureThreshold=3),
        "readinessProbe": _probe("/readyz", work, periodSeconds=5, failureThreshold=2),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": _mounts(work),
    }
    if work.name in HTTP:
        # So long a proxy may go on to send here after the pod was told to end.
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}}}
    return {
        "metadata": {"labels": work.labels},
        "spec": {
            "automountServiceAccountToken": False,
            # Each service ends within ten seconds of SIGTERM.
            "terminationGracePeriodSeconds": 30,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": work.labels},
                }
            ],
            "containers": [container],
            "volumes": _volumes(work),
        },
    }


def _environment(work: Workload) -> list[dict[str, Any]]:
    named = {"fieldRef": {"fieldPath": "metadata.name"}}
    values = [{"name": "NEWSMAN_INSTANCE", "valueFrom": named}]
    values.append({"name": "NEWSMAN_PORT", "value": str(PORTS[work.name])})
    if work.name in HTTP:
        values.append({"name": "NEWSMAN_OPS_PORT", "value": str(work.ops_port)})
    if work.disk:
        setting, folder, file = DISKS[work.name]
        values.append({"name": setting, "value": f"{folder}/{file}"})
    return values


def _ports(work: Workload) -> list[dict[str, Any]]:
    ports = [{"name": "ops", "containerPort": work.ops_port}]
    if work.name in HTTP:
        ports.insert(0, {"name": "http", "containerPort": PORTS[work.name]})
    return ports


def _probe(path: str, work: Workload, **times: int) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": work.ops_port}, "timeoutSeconds": 5, **times}


def _mounts(work: Workload) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = [
        {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        {"name": "secrets", "mountPath": SECRETS, "readOnly": True},
    ]
    if work.name == "ingest":
        mounts.append({"name": "sources", "mountPath": SOURCES, "readOnly": True})
    if work.disk:
        mounts.append({"name": "disk", "mountPath": DISKS[work.name][1]})
    return mounts


def _volumes(work: Workload) -> list[dict[str, Any]]:
    volumes = [{"name": "tmp", "emptyDir": {}}, _secret_volume("secrets", "newsman")]
    if work.name == "ingest":
        volumes.append(_secret_volume("sources", "newsman-sources"))
    return volumes


def _secret_volume(name: str, secret: str) -> dict[str, Any]:
    return {"name": name, "secret": {"secretName": secret, "defaultMode": 0o440}}


def _service(work: Workload) -> dict[str, Any]:
    ports = [{"name": "ops", "port": work.ops_port, "targetPort": "ops"}]
    if work.name in HTTP:
        ports.insert(0, {"name": "http", "port": PORTS[work.name], "targetPort": "http"})
    return {
        **_head("v1", "Service", work.name),
        "spec": {"selector": work.labels, "ports": ports},
    }


def _by_cpu(work: Workload) -> dict[str, Any]:
    kind = "StatefulSet" if work.is_stateful else "Deployment"
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    return {
        **_head("autoscaling/v2", "HorizontalPodAutoscaler", work.name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": work.name},
            "minReplicas": work.replicas,
            "maxReplicas": work.most,
            "metrics": [{"type": "Resource", "resource": cpu}],
        },
    }


def _config_map() -> dict[str, Any]:
    return {**_head("v1", "ConfigMap", "newsman"), "data": SETTINGS}


def _topics_job() -> dict[str, Any]:
    work = Workload("publish", 1, "50m", "256Mi")
    template = _template(work)
    container = template["spec"]["containers"][0]
    for name in ("startupProbe", "livenessProbe", "readinessProbe", "ports", "env"):
        del container[name]
    container["args"] = ["topics", "--replication", "3", "--wait", "300"]
    template["spec"] |= {"restartPolicy": "OnFailure"}
    del template["spec"]["topologySpreadConstraints"]
    template["metadata"]["labels"] = {"app.kubernetes.io/name": "topics", **PART}
    return {
        **_head("batch/v1", "Job", "newsman-topics"),
        "spec": {"backoffLimit": 10, "ttlSecondsAfterFinished": 600, "template": template},
    }


def _network() -> Iterator[dict[str, Any]]:
    """Nothing comes in or goes out but what is named here."""
    everyone = {"matchLabels": PART}
    yield _policy("newsman", everyone, policyTypes=["Ingress", "Egress"])
    dns = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    both = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    servers = [{"port": port} for port in (9092, 9093, 6379, 26379)]
    egress = [
        {"to": [{"namespaceSelector": dns}], "ports": both},
        {"to": [_namespace("kafka"), _namespace("redis")], "ports": servers},
    ]
    yield _policy("newsman-servers", everyone, policyTypes=["Egress"], egress=egress)
    watched = [{"from": [_namespace("monitoring")], "ports": [{"port": "ops"}]}]
    yield _policy("newsman-ops", everyone, policyTypes=["Ingress"], ingress=watched)
    edge = {"from": [_namespace("ingress")], "ports": [{"port": "http"}]}
    for name in HTTP:
        opened = {"matchLabels": {"app.kubernetes.io/name": name}}
        from_deliver = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "deliver"}}}
        inside = {"from": [from_deliver], "ports": [{"port": "http"}]}
        ingress = [edge, inside] if name == "feeds" else [edge]
        yield _policy(f"newsman-{name}", opened, policyTypes=["Ingress"], ingress=ingress)
    outside = {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]}
    away = {"to": [{"ipBlock": outside}]}
    feeds = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "feeds"}}}
    asked = {"to": [feeds], "ports": [{"port": PORTS["feeds"]}]}
    # Subscribers' addresses, mail servers, and the bucket of assets.
    for name, rules in {"deliver": [away, asked], "ingest": [away], "feeds": [away]}.items():
        opened = {"matchLabels": {"app.kubernetes.io/name": name}}
        yield _policy(f"newsman-{name}-out", opened, policyTypes=["Egress"], egress=rules)


def _policy(name: str, pods: dict[str, Any], **rules: Any) -> dict[str, Any]:
    head = _head("networking.k8s.io/v1", "NetworkPolicy", name)
    return {**head, "spec": {"podSelector": pods, **rules}}


def _namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _by_lag(name: str, topic: str, group: str) -> dict[str, Any]:
    trigger = {
        "bootstrapServers": SETTINGS["NEWSMAN_KAFKA_BOOTSTRAP"],
        "consumerGroup": group,
        "topic": topic,
        "lagThreshold": "200",
        "sasl": "scram_sha512",
        "tls": "enable",
    }
    return {
        **_head("keda.sh/v1alpha1", "ScaledObject", name),
        "spec": {
            "scaleTargetRef": {"kind": "StatefulSet", "name": name},
            "minReplicaCount": 2,
            # More members than partitions have nothing to do; KEDA starts none.
            "maxReplicaCount": 12,
            "cooldownPeriod": 300,
            "triggers": [
                {
                    "type": "kafka",
                    "metadata": trigger,
                    "authenticationRef": {"name": "newsman-kafka"},
                }
            ],
        },
    }


def _login() -> dict[str, Any]:
    names = {"username": "kafka-username", "password": "kafka-password", "ca": "kafka-ca.pem"}
    return {
        **_head("keda.sh/v1alpha1", "TriggerAuthentication", "newsman-kafka"),
        "spec": {
            "secretTargetRef": [
                {"parameter": parameter, "name": "newsman", "key": key}
                for parameter, key in names.items()
            ]
        },
    }


def _kafka_topic(topic: Any) -> dict[str, Any]:
    name = topic.full_name("newsman")
    return {
        **_head("kafka.strimzi.io/v1", "KafkaTopic", name, namespace="kafka"),
        "spec": {
            "partitions": topic.partitions,
            "replicas": 3,
            "config": {**topic.config(), "min.insync.replicas": "2"},
        },
    } | {"metadata": _strimzi(name)}


def _strimzi(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": "kafka",
        "labels": {**PART, "strimzi.io/cluster": "newsman"},
    }


def _kafka_user() -> dict[str, Any]:
    mine = {"name": "newsman.", "patternType": "prefix"}
    rights = ["Read", "Write", "Describe", "Create", "DescribeConfigs"]
    acls = [
        {"resource": {"type": "topic", **mine}, "operations": rights},
        {"resource": {"type": "group", **mine}, "operations": ["Read", "Describe"]},
        {"resource": {"type": "cluster"}, "operations": ["Describe", "IdempotentWrite"]},
    ]
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": _strimzi("newsman"),
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": acls},
        },
    }


def _kustomization(kind: str, resources: list[str]) -> dict[str, Any]:
    version = "kustomize.config.k8s.io/" + ("v1beta1" if kind == "Kustomization" else "v1alpha1")
    return {"apiVersion": version, "kind": kind, "resources": resources}


if __name__ == "__main__":
    sys.exit(main())
