"""The broker's JARs are fetched without Maven, tried again, and held to their digests."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newsman.tools.local import jars as jars_module
from newsman.tools.local.errors import LocalError
from newsman.tools.local.jars import STAMP, ensure_jars, listed, require_as_listed


@pytest.fixture
def served(jars, monkeypatch, tmp_path):
    """A repository of the real JARs, which fails each first answer; the answers by path."""
    asked: Counter[str] = Counter()
    spoiled: set[str] = set()

    class Repository(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            name = self.path.rpartition("/")[2]
            content = (jars / name).read_bytes()
            if asked[self.path] == 1 and len(asked) % 2:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = asked[self.path] == 1
            body = b"no JAR" + content[6:] if name in spoiled else content
            self.wfile.write(body[: len(body) // 2] if half else body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NEWSMAN_MAVEN_URL", f"http://127.0.0.1:{server.server_port}/maven")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(jars_module, "FIRST_PAUSE_SECONDS", 0.01)
    yield asked, spoiled
    server.shutdown()
    server.server_close()


def test_every_jar_is_fetched_from_a_repository_that_fails_at_first(served, tmp_path):
    asked, _ = served
    said: list[str] = []
    assert ensure_jars(tmp_path / "jars", said.append)
    require_as_listed(tmp_path / "jars")
    assert set(asked) == {f"/maven/{path}" for path, _ in listed()}
    assert said[-1] == "fetched 92 of 92 files of the broker"
    assert not ensure_jars(tmp_path / "jars")


def test_a_jar_that_is_another_is_refused_and_what_came_is_kept(served, tmp_path):
    asked, spoiled = served
    path, _ = next(listed())
    spoiled.add(path.rpartition("/")[2])
    with pytest.raises(LocalError, match=r"than broker/jars\.txt lists"):
        ensure_jars(tmp_path / "jars")
    assert not (tmp_path / "jars" / STAMP).exists()
    spoiled.clear()
    before = asked.total()
    assert ensure_jars(tmp_path / "jars")
    assert 0 < asked.total() - before < 2 * 92


def test_what_maven_brought_is_what_is_listed(jars):
    require_as_listed(jars)
