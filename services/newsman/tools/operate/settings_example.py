"""`.env.example`: every setting with its meaning, its default and the services that read it."""

from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from newsman.runtime.environment import secret_fields, secret_file_variable
from newsman.services import SERVICES
from newsman.settings import EXAMPLES, settings_of

HEAD = """\
# Every setting of Newsman, written by `newsman config example`: cp .env.example .env
# Those that are commented out have the value that is shown. Compose sets where Kafka, Redis and
# the services are by itself, and the lines of docker-compose.yml come before these.
# Secrets are better kept in files that only their reader may open: docs/secure.md.

# Makes docker compose give this file to the services.
NEWSMAN_ENV_FILE=.env
"""
WIDTH = 98


def settings_example() -> str:
    """The text of the file."""
    return "\n".join([HEAD, *_entries()]) + "\n"


def _entries() -> Iterator[str]:
    readers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for service in SERVICES:
        for name, field in settings_of(service).model_fields.items():
            readers.setdefault(name, []).append(service)
            fields.setdefault(name, field)
    for name in sorted(fields):
        yield from _entry(name, fields[name], readers[name], _defaults(name, readers[name]))


def _entry(
    name: str, field: FieldInfo, readers: list[str], defaults: Mapping[str, str]
) -> Iterator[str]:
    who = "all services" if len(readers) == len(SERVICES) else ", ".join(readers)
    yield from _wrapped(f"{field.description} ({who})")
    variable = f"NEWSMAN_{name.upper()}"
    values = sorted(set(defaults.values()))
    if len(values) == 1:
        yield f"#{variable}={EXAMPLES.get(variable, '') if field.is_required() else values[0]}"
    else:
        told = ", ".join(f"{value or 'unset'} of {reader}" for reader, value in defaults.items())
        yield from _wrapped(f"default: {told}")
        yield f"#{variable}="
    if any(name in secret_fields(settings_of(reader)) for reader in readers):
        yield f"# or the file that holds it: {secret_file_variable(name)}"
    yield ""


def _defaults(name: str, readers: list[str]) -> dict[str, str]:
    found = {}
    for reader in readers:
        field = settings_of(reader).model_fields[name]
        # A default that is made at the start differs from machine to machine.
        value = "" if field.is_required() or field.default_factory else field.default
        found[reader] = "" if value is None else _text(value)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrapped(text: str) -> Iterator[str]:
    line = "#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = "#"
        line += f" {word}"
    yield line
