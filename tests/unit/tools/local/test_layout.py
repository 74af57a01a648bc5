"""The ports of the embedded stack: those of the settings, each for one process."""

from pathlib import Path

import pytest

from newsman.settings import FeedsSettings
from newsman.tools.local.layout import PORTS, PROCESSES, Layout


def test_no_two_processes_have_one_port():
    assert len(set(PORTS.values())) == len(PORTS)


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_has_a_port_and_one_for_operators(process):
    layout = Layout(Path("/nowhere"), port_offset=10_000)
    assert layout.port(process) == PORTS[process] + 10_000
    own = f"{process}-ops" if process in ("deliver", "feeds", "ingest") else process
    assert layout.ops_port(process) == layout.port(own)


def test_ports_are_the_defaults_of_the_settings():
    fields = FeedsSettings.model_fields
    assert (PORTS["feeds"], PORTS["feeds-ops"]) == (
        fields["port"].default,
        fields["ops_port"].default,
    )
