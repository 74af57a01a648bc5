"""Tests are handed out so that those that wait and those that compute run side by side."""

from itertools import pairwise

from tests.distribution import IN_A_ROW, arranged, scope_of

UNITS = [f"tests/unit/test_{name}.py::test_{number}" for name in "abcd" for number in (1, 2)]
SERVICES = [f"tests/integration/feeds/test_{name}.py::test_1" for name in "ab"]
CHAIN = ["tests/e2e/test_feeds.py::test_1", "tests/e2e/test_order.py::test_1"]
OWN = ["tests/e2e/test_kills.py::test_1"]
ENGINE = ["tests/compose/test_compose.py::test_1"]
ALONE = [f"tests/integration/feeds/test_a.py::test_2{IN_A_ROW}"]


def test_those_that_share_a_newsman_are_one_row_and_those_that_run_alone_another():
    assert len({scope_of(nodeid) for nodeid in CHAIN}) == 1
    assert scope_of(OWN[0]) not in {scope_of(nodeid) for nodeid in CHAIN}
    assert scope_of(ALONE[0]) == IN_A_ROW
    assert scope_of("tests/unit/test_a.py::test_x[tests/e2e/::a]") == "tests/unit/test_a.py"


def test_the_longest_rows_are_first_and_nobody_waits_for_those_that_run_alone():
    nodeids = [*SERVICES[:1], *ENGINE, *CHAIN[:1], *OWN, *CHAIN[1:], *ALONE, *SERVICES[1:], *UNITS]
    order = arranged(nodeids)
    assert sorted(order) == sorted(nodeids)
    assert order[:3] == [*CHAIN, *ENGINE]
    assert order[-1:] == ALONE


def test_files_with_a_newsman_of_their_own_are_spread():
    own = [f"tests/e2e/test_{name}.py::test_1" for name in ("clocks", "kills", "leaks")]
    services = [f"tests/integration/feeds/test_{number}.py::test_1" for number in range(30)]
    order = arranged([*own, *services])
    places = [order.index(nodeid) for nodeid in own]
    assert places == sorted(places)
    assert min(later - place for place, later in pairwise(places)) > 5
    assert places[-1] < 0.7 * len(order)


def test_files_that_wait_and_files_that_compute_take_turns():
    order = [scope_of(nodeid) for nodeid in arranged([*SERVICES, *UNITS])]
    files = list(dict.fromkeys(order))
    kinds = ["waits" if "integration" in file else "computes" for file in files]
    assert kinds == ["computes", "waits", "computes", "computes", "waits", "computes"]
    assert order == sorted(order, key=files.index)
