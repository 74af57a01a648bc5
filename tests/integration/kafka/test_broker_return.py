"""A broker that was killed is back about as soon as one that was stopped."""

import time

import pytest

SLACK_SECONDS = 5.0
"""The session that has to end first is 2 s; it was 9 s."""


def seconds_until_it_answers(broker) -> float:
    began = time.monotonic()
    broker.start()
    broker.wait_ready()
    return time.monotonic() - began


@pytest.mark.alone
def test_a_killed_broker_does_not_wait_for_its_own_old_session(own_broker):
    own_broker.stop()
    in_order = seconds_until_it_answers(own_broker)
    own_broker.kill()
    after_a_kill = seconds_until_it_answers(own_broker)
    assert after_a_kill < in_order + SLACK_SECONDS
