"""Two processes under one name are told, a restart under it is not."""

import json
import urllib.error
import urllib.request

import pytest

from newsman.redis.instance_names import InstanceNames


@pytest.fixture
def process(redis_url, namespace):
    return lambda name="one": InstanceNames(redis_url, namespace, "publish", name)


def test_two_that_live_under_one_name_both_say_so(process, caplog):
    one, other = process(), process()
    for _ in range(2):
        one.sign()
        other.sign()
    one.sign()
    assert "another process of publish is called one too" in one.problem()
    assert other.problem() == one.problem()
    assert [r.levelname for r in caplog.records] == ["WARNING", "WARNING"]
    one.sign()
    assert len(caplog.records) == 2


def test_a_restart_and_another_name_are_no_doubles(process):
    before, after, other = process(), process(), process("other")
    for each in (before, before, after, after, other, after, other):
        each.sign()
    assert [each.problem() for each in (before, after, other)] == [None] * 3


def test_readyz_names_it(start_service, redis_url, topics, eventually):
    service = start_service("popularity", NEWSMAN_INSTANCE="twin").wait_ready()
    double = InstanceNames(redis_url, topics, "popularity", "twin")

    def told() -> str | None:
        double.sign()
        try:
            urllib.request.urlopen(f"{service.ops_url}/readyz", timeout=10).close()
        except urllib.error.HTTPError as answer:
            return json.load(answer)["problems"].get("instance")
        return None

    said = eventually(told, what="the doubled name is told")
    assert "give each a NEWSMAN_INSTANCE of its own" in said
    assert "another process of popularity is called twin too" in service.log()
