"""Nothing in the log of a healthy service asks an operator to act, or is anything but a message."""

import json
import re
import signal

from newsman.services import SERVICES

ORDINARY = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO \S+: ")
SUBSCRIBER = {
    "NEWSMAN_WEBHOOK_URL": "http://127.0.0.1:9/",
    "NEWSMAN_WEBHOOK_SECRET": "whsec_" + "A" * 44,
}


def is_ordinary(line: str) -> bool:
    """True of a message of level INFO, as text or as an object of JSON."""
    if not line.startswith("{"):
        return bool(ORDINARY.match(line))
    return json.loads(line)["level"] == "INFO"


def other_lines(services) -> list[str]:
    return [
        f"{service.name}: {line!r}"
        for service in services
        for line in service.log_file.read_text(errors="replace").splitlines()
        if not is_ordinary(line)
    ]


def test_services_start_meet_their_equals_and_end_without_a_warning(start_service):
    running = [start_service(name, **SUBSCRIBER) for name in SERVICES]
    for service in running:
        service.wait_ready()
    of_equals = {**SUBSCRIBER, "NEWSMAN_INSTANCE": "1", "NEWSMAN_LOG_FORMAT": "json"}
    equals = [start_service(name, **of_equals) for name in SERVICES]
    for service in equals:
        service.wait_ready()
    # Those who stay are given what the others leave behind.
    for service in [*equals, *running]:
        assert service.stop() in (0, -signal.SIGTERM)
    assert other_lines([*running, *equals]) == []
    assert all(service.log_file.read_text().startswith("{") for service in equals)
