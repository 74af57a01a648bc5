"""Commands that ask Kafka: where it is, what they say when it is away, what they tell it."""

import argparse
import re
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from kafka.errors import KafkaError
from pydantic import ValidationError

from newsman.kafka.ready import kafka_check, refusal
from newsman.runtime.settings_error import SettingsError
from newsman.settings import KafkaSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman_schemas.articles import ARTICLE_ID_PATTERN
from newsman_schemas.events import Event

E = TypeVar("E", bound=Event)


def require_kafka(bootstrap: str) -> None:
    """Raises CommandFailed unless a broker lets clients in; they would wait for one that does."""
    if problem := kafka_check(bootstrap)():
        raise CommandFailed(
            f"Kafka at {bootstrap}: {problem}; NEWSMAN_KAFKA_BOOTSTRAP says where it is"
        )
    if problem := refusal(bootstrap):
        raise CommandFailed(f"Kafka at {bootstrap} lets no client in: {problem}")


def asks_kafka(
    command: Callable[[argparse.Namespace, KafkaSettings], int],
) -> Callable[[argparse.Namespace], int]:
    """The command with its settings read; ends with 1 when Kafka is away, and says so."""

    @wraps(command)
    def run(arguments: argparse.Namespace) -> int:
        settings = read_settings(KafkaSettings)
        require_kafka(settings.kafka_bootstrap)
        try:
            return command(arguments, settings)
        except KafkaError as error:
            print(f"Kafka at {settings.kafka_bootstrap}: {error}", file=sys.stderr)
            return 1

    return run


def require_article_id(text: str) -> None:
    """Raises SettingsError for what cannot be an article's id."""
    if not re.fullmatch(ARTICLE_ID_PATTERN.strip("^$"), text):
        raise SettingsError(
            f"{text!r} is no article's id, which has 16 characters of a-z and 2-7; "
            "`newsman trace` finds it by guid or address"
        )


def event_said_now(event: type[E], **fields: Any) -> E:
    """An event of what an operator says; raises SettingsError naming what it does not take."""
    try:
        return event(event_id=uuid.uuid4().hex, occurred_at=datetime.now(UTC), **fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{place}: {first['msg']}") from None
