"""A stack that runs already, and one that does not become ready."""

import pytest

from newsman.tools.local.command import last_line, require_its_ports
from newsman.tools.local.errors import LocalError
from newsman.tools.local.layout import Layout


def test_a_stack_that_runs_on_other_ports_is_not_waited_for(tmp_path):
    (tmp_path / "port-offset").write_text("10000\n")
    require_its_ports(Layout(tmp_path, 10_000))
    with pytest.raises(LocalError, match="runs with NEWSMAN_PORT_OFFSET=10000: set that"):
        require_its_ports(Layout(tmp_path))


@pytest.mark.parametrize("content", [None, "", "many"])
def test_of_a_stack_whose_ports_nobody_noted_nothing_is_said(content, tmp_path):
    if content is not None:
        (tmp_path / "port-offset").write_text(content)
    require_its_ports(Layout(tmp_path))


def test_the_reason_is_the_last_line_of_the_log(tmp_path):
    layout = Layout(tmp_path)
    assert last_line(layout, "feeds") == "no reason given"
    layout.logs.mkdir()
    (layout.logs / "feeds.log").write_bytes(b"started\nNEWSMAN_PORT: \xff is no port\n\n")
    assert last_line(layout, "feeds") == "NEWSMAN_PORT: \N{REPLACEMENT CHARACTER} is no port"
