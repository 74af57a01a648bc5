"""A Redis that takes connections and answers nothing is a problem within a second."""

import select
import socket
import time

from newsman.redis.client import IMPATIENT_SECONDS
from newsman.redis.ready import redis_check


def test_a_frozen_redis_is_told_within_a_second():
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        began_at = time.monotonic()
        problem = redis_check(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0")()
        seconds = time.monotonic() - began_at
        frozen.accept()
        asked_again, _, _ = select.select([frozen], [], [], 0)
    assert problem.startswith("Redis does not answer")
    assert seconds >= IMPATIENT_SECONDS
    assert not asked_again


def test_a_redis_that_is_away_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert redis_check(f"redis://127.0.0.1:{port}/0")().startswith("Redis does not answer")
