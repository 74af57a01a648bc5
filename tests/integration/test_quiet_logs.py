"""Nothing in the log of a healthy service asks an operator to act."""

import re
import signal

from newsman.services import SERVICES

LOUD = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) ")
SUBSCRIBER = {
    "NEWSMAN_WEBHOOK_URL": "http://127.0.0.1:9/",
    "NEWSMAN_WEBHOOK_SECRET": "whsec_" + "A" * 44,
}


def loud_lines(services) -> list[str]:
    return [
        f"{service.name}: {line}"
        for service in services
        for line in service.log_file.read_text(errors="replace").splitlines()
        if LOUD.match(line)
    ]


def test_services_start_meet_their_equals_and_end_without_a_warning(start_service):
    running = [start_service(name, **SUBSCRIBER) for name in SERVICES]
    for service in running:
        service.wait_ready()
    equals = [start_service(name, NEWSMAN_INSTANCE="1", **SUBSCRIBER) for name in SERVICES]
    for service in equals:
        service.wait_ready()
    # Those who stay are given what the others leave behind.
    for service in [*equals, *running]:
        assert service.stop() in (0, -signal.SIGTERM)
    assert loud_lines([*running, *equals]) == []
