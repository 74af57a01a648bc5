"""The supervisor kills what answered once and does not any more."""

import http.server
import threading

import pytest

from newsman.tools.local.stuck import STUCK_ASKS, AnswerCount, answers


class Service:
    """A process that answers, or does not."""

    def __init__(self):
        self.is_answering = False

    def __call__(self):
        return self.is_answering


@pytest.fixture
def service():
    return Service()


def looks(count, times, pid=1):
    return [count.is_stuck(pid) for _ in range(times)]


def test_a_service_that_never_answered_is_still_starting(service):
    assert not any(looks(AnswerCount(service), 10 * STUCK_ASKS))


def test_a_service_is_stuck_once_it_leaves_enough_questions_unanswered(service):
    count = AnswerCount(service)
    service.is_answering = True
    assert looks(count, 1) == [False]
    service.is_answering = False
    assert looks(count, STUCK_ASKS) == [False] * (STUCK_ASKS - 1) + [True]


def test_an_answer_begins_the_count_anew(service):
    count = AnswerCount(service)
    for _ in range(3):
        service.is_answering = True
        looks(count, 1)
        service.is_answering = False
        assert not any(looks(count, STUCK_ASKS - 1))


def test_the_next_process_is_not_judged_by_the_last(service):
    count = AnswerCount(service)
    service.is_answering = True
    looks(count, 1)
    service.is_answering = False
    assert looks(count, STUCK_ASKS)[-1]
    assert not any(looks(count, 10 * STUCK_ASKS, pid=2))


def test_an_answer_that_all_is_not_well_is_an_answer():
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    url = f"http://127.0.0.1:{server.server_port}/healthz"
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert answers(url)  # 501
    thread.join()
    server.server_close()
    assert not answers(url)
