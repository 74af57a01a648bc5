"""`newsman config`: the settings as each service reads them from the environment."""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings

from newsman.runtime.environment import (
    PREFIX,
    secret_fields,
    secret_file_variable,
    variable,
)
from newsman.runtime.settings_error import SettingsError
from newsman.services import SERVICES
from newsman.settings import read_settings, settings_of
from newsman.terminal.endings import FAILED
from newsman.terminal.output import show
from newsman.terminal.tables import table
from newsman.tools.operate.options import PROCESSES
from newsman.tools.operate.settings import OperatorSettings
from newsman.tools.operate.settings_example import settings_example

SECRET = re.compile(r"secret|salt|token|key|password", re.IGNORECASE)
HIDDEN = "(hidden)"
OF_TOOLS = frozenset(
    """
    NEWSMAN_HOME NEWSMAN_PORT_OFFSET NEWSMAN_PUSH_URL NEWSMAN_PUSH_KEY NEWSMAN_PUSH_SECRET
    NEWSMAN_SUBSCRIBER_TOKEN
    """.split()
)
"""Variables that commands read, and no service."""
OF_COMPOSE = frozenset(
    """
    NEWSMAN_INGEST_PORT NEWSMAN_FEEDS_PORT NEWSMAN_DELIVER_PORT NEWSMAN_ENV_FILE NEWSMAN_SUBNET
    NEWSMAN_EDGE_INGEST_PORT NEWSMAN_EDGE_FEEDS_PORT NEWSMAN_EDGE_DELIVER_PORT NEWSMAN_EDGE_TLS_PORT
    NEWSMAN_PROMETHEUS_PORT NEWSMAN_GRAFANA_PORT NEWSMAN_GRAFANA_PASSWORD
    """.split()
)
"""Variables that docker-compose.yml takes."""


def run(arguments: argparse.Namespace) -> int:
    """Prints the settings, or what is wrong with them; 1 where something is."""
    if arguments.action == "example":
        show(arguments, {"text": settings_example()}, settings_example())
        return 0
    services = arguments.service or list(SERVICES)
    if arguments.action == "check":
        return _check(arguments, services)
    rows = [row for name in services for row in _rows(name, is_redacted=arguments.redact)]
    columns = ("service", "setting", "value", "from")
    show(arguments, rows, table(rows, columns))
    return 0


def _check(arguments: argparse.Namespace, services: Iterable[str]) -> int:
    problems = [*problems_of(services), *unknown_names(os.environ)]
    found = [{"service": service, "problem": problem} for service, problem in problems]
    text = "\n".join(f"{service}: {problem}" for service, problem in problems)
    show(arguments, {"problems": found}, "" if problems else "all settings make sense")
    if problems and not arguments.json:
        print(text, file=sys.stderr)
    return FAILED if problems else 0


def problems_of(services: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Settings that are missing or make no sense, by service."""
    for service in services:
        try:
            settings = read_settings(settings_of(service))
        except SettingsError as error:
            for line in str(error).splitlines():
                yield service, line
        else:
            yield from ((service, line) for line in _unreadable(settings))


def _unreadable(settings: BaseSettings) -> Iterator[str]:
    """Files that the settings name and this process cannot read."""
    for field, value in settings:
        if not isinstance(value, Path):
            continue
        try:
            value.open("rb").close()
        except OSError as problem:
            yield f"{variable(field)}: {value} cannot be read: {problem.strerror}"


def unknown_names(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that nothing reads, each with the known one whose name is nearest."""
    known = {*OF_TOOLS, *OF_COMPOSE, *_names(OperatorSettings)}
    for process in PROCESSES:
        known |= _names(settings_of(process))
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield "environment", f"nothing reads {name}" + (f"; {near[0]}?" if near else "")


def _names(settings: type[BaseSettings]) -> set[str]:
    named = {variable(field) for field in settings.model_fields}
    return named | {secret_file_variable(field) for field in secret_fields(settings)}


def _rows(service: str, *, is_redacted: bool) -> Iterator[dict[str, Any]]:
    settings = read_settings(settings_of(service))
    for field, value in settings:
        name = variable(field)
        yield {
            "service": service,
            "setting": name,
            "value": redacted(name, value) if is_redacted else value,
            "from": _origin(field),
        }


def _origin(field: str) -> str:
    if variable(field) in os.environ:
        return "environment"
    return "file" if os.environ.get(secret_file_variable(field)) else "default"


def redacted(name: str, value: Any) -> Any:
    """The value without anything secret: secrets are hidden, and of addresses what names a user or
    stands behind a question mark, where passwords and tokens are."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if SECRET.search(name) and not name.endswith("_FILE"):
        return HIDDEN
    scheme, slashes, rest = str(value).partition("://")
    address, mark, _ = rest.partition("?")
    _, at, place = address.rpartition("@")
    users, query = (HIDDEN + at if at else ""), (mark + HIDDEN if mark else "")
    return f"{scheme}{slashes}{users}{place}{query}" if slashes else scheme
