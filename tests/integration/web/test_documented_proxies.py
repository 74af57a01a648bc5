"""The proxies of docs/proxies.md: each address leads to its service, which is told who asks."""

import contextlib
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
import yaml
from tests.documentation import FENCE, REPOSITORY
from tests.ports import free_port
from tests.secure_broker import certificates

from newsman.tools.local.layout import PORTS

from .nginx import started

HOSTS = {"news.example": "feeds", "push.news.example": "ingest", "out.news.example": "deliver"}
PAGE = (REPOSITORY / "docs" / "proxies.md").read_text()
SHOWN = {language: text for language, _, text in FENCE.findall(PAGE)}
HERE, READER = "127.0.0.1", "127.0.1.7"


@pytest.fixture
def services() -> Iterator[dict[str, int]]:
    """The ports of servers that answer with their name and the X-Forwarded-For that came."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told = f"{self.server.name} {self.headers['X-Forwarded-For']}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    with contextlib.ExitStack() as stack:
        ports = {}
        for name in HOSTS.values():
            server = stack.enter_context(ThreadingHTTPServer((HERE, 0), Answer))
            server.daemon_threads, server.name = True, name
            thread = Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            ports[name] = server.server_address[1]
        yield ports


def placed(text: str, services: dict[str, int]) -> str:
    """The example with the ports of these servers."""
    for name, port in services.items():
        assert f"127.0.0.1:{PORTS[name]}" in text
        text = text.replace(f"127.0.0.1:{PORTS[name]}", f"127.0.0.1:{port}")
    return text


def assert_leads(base: str, host: str) -> None:
    transport = httpx.HTTPTransport(local_address=READER, verify=False)
    with httpx.Client(transport=transport, timeout=20) as client:
        answer = client.get(base, headers={"Host": host})
    name, _, told = answer.text.partition(" ")
    assert name == HOSTS[host]
    assert told.rpartition(",")[2].strip() == READER


def test_nginx_leads_to_each_service(services, tmp_path):
    _, keystore = certificates()
    for file in ("tls.pem", "tls.key"):
        (tmp_path / file).write_text(keystore)
    port = free_port()
    text = placed(SHOWN["nginx"], services).replace("/etc/newsman", str(tmp_path))
    with started(tmp_path / "nginx", text.replace("listen 443", f"listen {HERE}:{port}"), port):
        for host in HOSTS:
            assert_leads(f"https://{HERE}:{port}/", host)


@contextlib.contextmanager
def caddy(config: Path, port: int) -> Iterator[None]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not on this machine (Debian: caddy)")
    log = config.with_name("log")
    with log.open("wb") as output:
        words = [program, "run", "--config", str(config), "--adapter", "caddyfile"]
        env = {"HOME": str(config.parent), "PATH": "/usr/bin:/bin"}
        process = subprocess.Popen(words, stdout=output, stderr=output, env=env)
    try:
        while not listens(port):
            assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HERE, port), 1):
        return True
    return False


def test_caddy_leads_to_each_service(services, tmp_path):
    port = free_port()
    text = re.sub(r"^(\S*example) ", rf"http://\1:{port} ", SHOWN["caddy"], flags=re.MULTILINE)
    (tmp_path / "Caddyfile").write_text("{\n    admin off\n}\n" + placed(text, services))
    with caddy(tmp_path / "Caddyfile", port):
        for host in HOSTS:
            assert_leads(f"http://{HERE}:{port}/", host)


def test_traefik_names_each_service():
    shown = yaml.safe_load(SHOWN["yaml"])["http"]
    for host, name in HOSTS.items():
        assert shown["routers"][name]["rule"] == f"Host(`{host}`)"
        (server,) = shown["services"][name]["loadBalancer"]["servers"]
        assert server["url"] == f"http://{HERE}:{PORTS[name]}"
