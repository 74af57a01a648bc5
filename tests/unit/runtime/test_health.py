"""Readiness is answered within a second, whatever it asks of whom."""

import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from newsman.runtime.health import never, ops_routes


class Frozen:
    """A check that answers nothing until it is let go."""

    def __init__(self):
        self.is_free = threading.Event()
        self.times_asked = 0

    def __call__(self):
        self.times_asked += 1
        assert self.is_free.wait(30)


@pytest.fixture
def frozen():
    check = Frozen()
    yield check
    check.is_free.set()


def client(**checks):
    return TestClient(Starlette(routes=ops_routes(service="feeds", **checks)))


def test_all_that_is_needed_is_named_when_it_fails():
    ready = {"redis": lambda: "Redis is away", "kafka": lambda: None}
    answer = client(alive=never, ready=ready).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"redis": "Redis is away"}


def test_two_checks_that_do_not_answer_are_named_within_a_second(frozen):
    ready = {"redis": frozen, "store": frozen, "kafka": lambda: None}
    with client(alive=never, ready=ready) as asked:
        began_at = time.monotonic()
        answer = asked.get("/readyz")
        seconds = time.monotonic() - began_at
        frozen.is_free.set()
    assert answer.status_code == 503
    silent = "no answer within 0.9 s"
    assert answer.json()["problems"] == {"redis": silent, "store": silent}
    assert seconds < 1.5  # one after the other they would take 1.8 s


def test_a_check_under_way_is_not_asked_again(frozen):
    with client(alive=never, ready={"redis": frozen}) as asked:
        assert [asked.get("/readyz").status_code for _ in range(2)] == [503, 503]
        assert frozen.times_asked == 1
        frozen.is_free.set()
        assert asked.get("/readyz").status_code == 200


def test_a_note_that_does_not_answer_fails_nothing(frozen):
    with client(alive=never, ready={}, notes={"subscriber": frozen}) as asked:
        answer = asked.get("/readyz")
        frozen.is_free.set()
    assert answer.status_code == 200
    assert answer.json()["notes"] == {"subscriber": "no answer within 0.9 s"}
