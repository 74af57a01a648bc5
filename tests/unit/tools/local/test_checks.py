"""A machine on which the stack can't run is told so in one line with its remedy."""

import socket

import pytest

from newsman.runtime.settings_error import SettingsError
from newsman.tools.local import before_install, checks, jars, kafka, valkey
from newsman.tools.local.errors import LocalError
from newsman.tools.local.layout import PORTS, Layout, layout_from_environment


def test_a_taken_port_is_named_with_who_needs_it_and_the_way_out(tmp_path):
    # The first one that is checked: the ports beside it may be taken by others.
    name, port = next(iter(PORTS.items()))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        offset = taken.getsockname()[1] - port
        with pytest.raises(LocalError, match=f"needed for {name}, is taken") as caught:
            checks.check_ports(Layout(tmp_path, offset))
    assert "NEWSMAN_PORT_OFFSET=" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_little_disk_is_said_with_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "LEAST_DISK_BYTES", 2**62)
    with pytest.raises(LocalError, match="MiB of disk are free"):
        checks.check_disk(tmp_path / "not" / "there" / "yet")


def test_too_little_memory_is_said(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:  512000 kB\n")
    with pytest.raises(LocalError, match="only 500 MiB of memory are available"):
        checks.check_memory(meminfo)
    meminfo.write_text("MemAvailable: 8000000 kB\n")
    checks.check_memory(meminfo)


def test_a_missing_java_is_said_with_the_package_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(kafka, "_packaged_java", lambda: None)
    with pytest.raises(LocalError, match="Java 17 or newer is missing: install it"):
        kafka.find_java()


def test_a_missing_maven_is_said_with_the_package_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NEWSMAN_MAVEN_URL", raising=False)
    monkeypatch.setattr(jars, "find_spec", lambda _: None)
    with pytest.raises(LocalError, match="Maven is missing: install it"):
        jars.ensure_jars(tmp_path / "jars")


def test_a_missing_server_is_said_with_the_package_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(valkey, "_packaged_server", lambda: None)
    with pytest.raises(LocalError, match="no Valkey or Redis server"):
        valkey.find_server()


@pytest.mark.parametrize("offset", ["many", "-1", "1e3", "50001", "²", "", " 1"])
def test_a_port_offset_that_is_no_number_is_refused(offset, monkeypatch):
    monkeypatch.setenv("NEWSMAN_PORT_OFFSET", offset)
    with pytest.raises(SettingsError, match=f"NEWSMAN_PORT_OFFSET is '{offset}'"):
        layout_from_environment()


def test_everything_that_is_wrong_is_said_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(kafka, "_packaged_java", lambda: None)
    monkeypatch.setattr(valkey, "_packaged_server", lambda: None)
    monkeypatch.setattr(checks, "LEAST_DISK_BYTES", 2**62)
    with pytest.raises(LocalError) as caught:
        checks.check_machine(Layout(tmp_path, 0))
    said = str(caught.value)
    assert all(word in said for word in ("MiB of disk", "Java 17", "no Valkey or Redis"))


def test_the_ports_that_are_looked_at_before_the_installation_are_those_of_the_stack(tmp_path):
    assert sorted(before_install.PORTS) == sorted(PORTS.values())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = before_install.problems(port - before_install.PORTS[0], tmp_path)
    assert any(str(port) in line and "NEWSMAN_PORT_OFFSET" in line for line in found)
