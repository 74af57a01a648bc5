"""A real nginx before a service: one proxy, or two in a row, each with an address of its own."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.documentation import documented_nginx
from tests.ports import free_port

EDGE, INNER = "127.0.0.2", "127.0.0.3"
SERVER = """
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://127.0.0.1:{target};
        proxy_bind {address};
        proxy_http_version 1.1;
        proxy_buffering off;
        {headers}
    }}
}}
"""
X_FORWARDED_FOR = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
FORWARDED = (
    'proxy_set_header Forwarded "$prior_forwarded for=$remote_addr;proto=$scheme";'
    'proxy_set_header X-Forwarded-For "";'
)
MAP = 'map $http_forwarded $prior_forwarded { "" ""; default "$http_forwarded,"; }'
WHOLE = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {map}
    {servers}
}}
"""


@contextlib.contextmanager
def proxied(folder: Path, target: int, *, in_a_row: int, headers: str) -> Iterator[int]:
    """The port of the proxy, or of the first of two."""
    addresses = (INNER, EDGE)[:in_a_row]
    servers, port = "", target
    for address in addresses:
        target, port = port, free_port()
        servers += SERVER.format(port=port, target=target, address=address, headers=headers)
    with started(folder, servers, port):
        yield port


@contextlib.contextmanager
def documented(folder: Path, target: int) -> Iterator[int]:
    """The port of the proxy that the documentation shows, before a feeds at this port."""
    port = free_port()
    with started(folder, documented_nginx(folder / "cache", target, port), port):
        yield port


@contextlib.contextmanager
def started(folder: Path, servers: str, port: int) -> Iterator[None]:
    """An nginx with these servers, once it listens."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not on this machine (Debian: nginx-light)")
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(WHOLE.format(folder=folder, map=MAP, servers=servers))
    process = subprocess.Popen([program, "-c", str(config), "-p", str(folder)])
    try:
        while not _listens(port):
            assert process.poll() is None, (folder / "log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
