"""A real Docker engine with the images that the compose file names, wherever they come from."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest
import yaml
from docker.errors import DockerException, ImageNotFound
from tests.conftest import wait_until
from tests.ports import free_port

from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import find_java
from newsman.tools.local.valkey import find_server

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINE = REPOSITORY / "deploy" / "engine"
CACHE = REPOSITORY / ".newsman" / "engine"
JARS = REPOSITORY / ".newsman" / "kafka-jars"
COMPOSE_FILE = REPOSITORY / "docker-compose.yml"
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
START_LIMIT_SECONDS = 60
PACKAGES = "python3,python3-venv,ca-certificates"


@dataclass
class Engine:
    """An engine, and whether it is our own and so without any image."""

    host: str
    client: docker.DockerClient
    is_own: bool


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine that answers here, else one that is started for the tests and ended with them."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException:
        yield from _own_engine()
        return
    yield Engine(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"), client, False)
    client.close()


def _own_engine() -> Iterator[Engine]:
    dockerd = shutil.which("dockerd")
    if dockerd is None:
        pytest.fail("no Docker engine answers and dockerd is missing: apt-get install docker.io")
    folder = Path(tempfile.mkdtemp(prefix="newsman-docker-"))
    host = f"unix://{folder}/docker.sock"
    with (folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(
            [dockerd, "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
            + ["--pidfile", str(folder / "pid"), "-H", host, "--group", "root"],
            stdout=log,
            stderr=log,
        )
    try:
        client = _client(host, folder / "dockerd.log", process)
        yield Engine(host, client, True)
        client.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _client(host: str, log: Path, process: subprocess.Popen) -> docker.DockerClient:
    def client() -> docker.DockerClient | None:
        if process.poll() is not None:
            pytest.fail(f"dockerd ended with {process.returncode}:\n{log.read_text()[-2000:]}")
        try:
            return docker.DockerClient(base_url=host, timeout=600)
        except (DockerException, OSError):
            return None

    return wait_until(
        client,
        timeout=START_LIMIT_SECONDS,
        what=lambda: f"dockerd starts:\n{log.read_text()[-2000:]}",
    )


@pytest.fixture(scope="session")
def base_images(engine: Engine) -> dict[str, str]:
    """The base images by what they are for; made here where they can't be pulled."""
    names = named_images()
    missing = [name for name in names.values() if not _has(engine, name)]
    if missing and not engine.is_own:
        missing = [name for name in missing if not _pulled(engine, name)]
    if missing:
        make_stand_ins(engine, names)
    return names


def compose_services() -> dict:
    """The compose file's services with the defaults of their variables."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", COMPOSE_FILE.read_text())
    return yaml.safe_load(text)["services"]


def named_images() -> dict[str, str]:
    """The base images that the compose file and the Dockerfile name."""
    services = compose_services()
    python = re.search(r"PYTHON_IMAGE=(\S+)", DOCKERFILE.read_text())
    return {
        "python": python.group(1),
        "kafka": services["kafka"]["image"],
        "redis": services["redis"]["image"],
        "edge": services["edge"]["image"],
    }


def _has(engine: Engine, name: str) -> bool:
    try:
        engine.client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _pulled(engine: Engine, name: str) -> bool:
    try:
        engine.client.images.pull(name)
    except DockerException:
        return False
    return True


def make_stand_ins(engine: Engine, names: dict[str, str]) -> None:
    """Stand-ins for the base images, from a root file system that debootstrap makes."""
    rootfs = _root_file_system()
    _import(engine, rootfs, names["python"])
    _build_stand_in(engine, names["kafka"], names["python"], _kafka_files(), _KAFKA)
    _build_stand_in(engine, names["redis"], names["python"], _valkey_files(), _VALKEY)
    _build_stand_in(engine, names["edge"], names["python"], _nginx_files(), _NGINX)


_KAFKA = """FROM {base}
COPY jvm /opt/java
COPY libs /opt/kafka/libs
COPY kafka-run.sh /opt/kafka-run.sh
ENV PATH=/opt/java/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN useradd --uid 1000 appuser && mkdir -p /var/lib/kafka/data && chown -R appuser /var/lib/kafka
USER appuser
CMD ["/opt/kafka-run.sh"]
"""
_VALKEY = """FROM {base}
COPY valkey-server /usr/local/bin/valkey-server
COPY valkey-cli.sh /usr/local/bin/valkey-cli
RUN mkdir -p /data
WORKDIR /data
CMD ["valkey-server"]
"""


_NGINX = """FROM {base}
COPY nginx /usr/sbin/nginx
COPY libs /usr/local/lib
RUN ldconfig && mkdir -p /var/log/nginx /var/lib/nginx && useradd nginx
CMD ["nginx", "-g", "daemon off;"]
"""


def _import(engine: Engine, rootfs: Path, name: str) -> None:
    with subprocess.Popen(["tar", "-C", rootfs, "-c", "."], stdout=subprocess.PIPE) as archive:
        subprocess.run(
            ["docker", "-H", engine.host, "import", "-", name],
            stdin=archive.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _root_file_system() -> Path:
    rootfs = CACHE / "rootfs"
    if (rootfs / "complete").exists():
        return rootfs
    shutil.rmtree(rootfs, ignore_errors=True)
    rootfs.mkdir(parents=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(rootfs)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for lists in ("cache", "lib"):
        shutil.rmtree(rootfs / "var" / lists / "apt", ignore_errors=True)
    # A build here reaches the package index as this machine does.
    certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    if certificates.exists():
        shutil.copy(certificates, rootfs / "etc" / "ssl" / "certs" / "ca-certificates.crt")
    (rootfs / "etc" / "pip.conf").write_text(
        "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n"
    )
    (rootfs / "complete").touch()
    return rootfs


def _kafka_files() -> dict[str, Path]:
    ensure_jars(JARS)
    java_home = Path(find_java()).resolve().parents[1]
    return {"jvm": java_home, "libs": JARS, "kafka-run.sh": ENGINE / "kafka-run.sh"}


def _valkey_files() -> dict[str, Path]:
    return {"valkey-server": Path(find_server()), "valkey-cli.sh": ENGINE / "valkey-cli.sh"}


def _nginx_files() -> dict[str, Path]:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        pytest.fail("nginx is missing: apt-get install nginx-light")
    said = subprocess.run(["ldd", nginx], capture_output=True, text=True, check=True).stdout
    libraries = CACHE / "nginx-libraries"
    shutil.rmtree(libraries, ignore_errors=True)
    libraries.mkdir(parents=True)
    for name in re.findall(r"=> (/\S+)", said):
        # The C library is that of the image.
        if not re.search(r"/lib(c|m|dl|pthread|ld-linux)[.-]", name):
            shutil.copy(name, libraries)
    return {"nginx": Path(nginx), "libs": libraries}


def _build_stand_in(
    engine: Engine, name: str, base: str, contents: dict[str, Path], recipe: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        (context / "Dockerfile").write_text(recipe.format(base=base))
        for target, source in contents.items():
            if source.is_dir():
                shutil.copytree(source, context / target, ignore_dangling_symlinks=True)
            else:
                shutil.copy(source, context / target)
        engine.client.images.build(path=folder, tag=name, rm=True)


@dataclass
class Compose:
    """`docker compose` on the project's file, under a name and ports of the test's own."""

    engine: Engine
    command: list[str]
    project: str
    ingest_port: int
    feeds_port: int
    settings: dict[str, str] = field(default_factory=dict)
    overrides: tuple[Path, ...] = ()
    """Files that are laid over the project's."""

    def __call__(self, *words: str) -> str:
        files = [word for path in (COMPOSE_FILE, *self.overrides) for word in ("-f", str(path))]
        result = subprocess.run(
            [*self.command, "-p", self.project, *files, *words],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "DOCKER_HOST": self.engine.host,
                "NEWSMAN_INGEST_PORT": str(self.ingest_port),
                "NEWSMAN_FEEDS_PORT": str(self.feeds_port),
                "NEWSMAN_DELIVER_PORT": "0",
                **self.settings,
            },
        )
        if result.returncode:
            pytest.fail(f"compose {' '.join(words)}:\n{result.stdout}{result.stderr}{self.logs()}")
        return result.stdout

    def containers(self) -> list:
        label = f"com.docker.compose.project={self.project}"
        return self.engine.client.containers.list(all=True, filters={"label": label})

    def logs(self) -> str:
        tails = [f"--- {c.name} {c.status}\n{c.logs(tail=15).decode()}" for c in self.containers()]
        return "\n".join(tails)


@pytest.fixture
def compose(engine: Engine, images) -> Iterator[Compose]:
    compose = new_compose(engine)
    yield compose
    compose("down", "--volumes", "--timeout", "5")


def new_compose(engine: Engine) -> Compose:
    """A project of which nothing runs yet."""
    name = f"newsman{uuid.uuid4().hex[:8]}"
    return Compose(engine, _compose_command(), name, free_port(), free_port())


@pytest.fixture(scope="session")
def images(engine: Engine, base_images: dict[str, str]) -> dict[str, str]:
    """The project's own images, built with its Dockerfile; answers target -> tag."""
    return build_images(engine, base_images, REPOSITORY)


def build_images(
    engine: Engine, base_images: dict[str, str], tree: Path, suffix: str = ""
) -> dict[str, str]:
    """The images of a tree, under its compose file's names and a suffix."""
    services = compose_services()
    built = {}
    for service in ("ingest", "enrich"):
        target, tag = services[service]["build"]["target"], services[service]["image"] + suffix
        engine.client.images.build(
            path=str(tree),
            dockerfile=str(tree / "deploy" / "Dockerfile"),
            target=target,
            tag=tag,
            buildargs={"PYTHON_IMAGE": base_images["python"]},
            network_mode="host",
            rm=True,
        )
        built[target] = tag
    return built


def _compose_command() -> list[str]:
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    standalone = shutil.which("docker-compose")
    if standalone is None:
        pytest.fail("Docker Compose is missing: apt-get install docker-compose")
    return [standalone]
