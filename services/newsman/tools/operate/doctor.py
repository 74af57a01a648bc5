"""`newsman doctor`: looks an installation over; each finding says what to do."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator

from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.runtime.settings_error import SettingsError
from newsman.settings import read_settings
from newsman.terminal.endings import FAILED
from newsman.terminal.output import show
from newsman.tools.operate.checks.broker import broker_findings, topic_findings
from newsman.tools.operate.checks.diagnosis import Diagnosis, Level, wrong
from newsman.tools.operate.checks.machine import environment_findings
from newsman.tools.operate.checks.servers import redis_findings, service_findings
from newsman.tools.operate.settings import OperatorSettings

MARKS = {Level.GOOD: "ok     ", Level.UNWISE: "unwise ", Level.WRONG: "WRONG  "}


def run(arguments: argparse.Namespace) -> int:
    """Shows every finding; 1 where something is wrong."""
    findings = list(_findings())
    lines = [f"{MARKS[each.level]}{each.area:<12} {each.text}" for each in findings]
    for place, each in reversed(list(enumerate(findings))):
        if each.remedy:
            lines.insert(place + 1, f"{'':<20}→ {each.remedy}")
    counts = Counter(each.level for each in findings)
    lines.append(f"{counts[Level.WRONG]} wrong, {counts[Level.UNWISE]} unwise")
    show(arguments, {"findings": [each.document() for each in findings]}, "\n".join(lines))
    return FAILED if counts[Level.WRONG] else 0


def _findings() -> Iterator[Diagnosis]:
    yield from environment_findings()
    try:
        settings = read_settings(OperatorSettings)
    except SettingsError as error:
        yield wrong("environment", str(error), "set it; `newsman local env` prints the demo's")
        return
    broken = set()
    for area, check in CHECKS.items():
        if NEEDS.get(area) in broken:
            continue
        for finding in _checked(area, check, settings):
            if finding.level is Level.WRONG:
                broken.add(area)
            yield finding


CHECKS: dict[str, Callable[[OperatorSettings], Iterator[Diagnosis]]] = {
    "broker": broker_findings,
    "topics": topic_findings,
    "redis": redis_findings,
    "services": service_findings,
}


NEEDS = {"topics": "broker"}
"""Checks that say nothing where another one has found something wrong."""


def _checked(
    area: str, check: Callable[[OperatorSettings], Iterator[Diagnosis]], settings: OperatorSettings
) -> Iterator[Diagnosis]:
    """The findings, or that it could not be looked at."""
    try:
        yield from check(settings)
    except (KafkaError, RedisError, OSError) as error:
        yield wrong(area, f"cannot be looked at: {error}", "see to it that it answers")
