"""The log of own names: reading it, and the events that change it."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from newsman.kafka.compacted_logs.compacted_log import CompactedLog, open_compacted
from newsman_schemas.editing import NameDefined, OwnName
from newsman_schemas.topics import NAME_DEFINED

NamesLog = CompactedLog[NameDefined]


def open_names_log(bootstrap: str, namespace: str, *, client_id: str) -> NamesLog:
    """The log, nothing of it read yet; raises KafkaError."""
    return open_compacted(bootstrap, namespace, NAME_DEFINED, NameDefined, client_id=client_id)


def names_in(log: NamesLog) -> dict[str, OwnName]:
    """The names that are defined, by their ids, as far as the log is read."""
    return {key: event.definition for key, event in log.newest.items() if event.definition}


def defined(name: OwnName, *, by: str, reason: str, now: datetime) -> NameDefined:
    """The event that defines a name."""
    return _event(name.name_id, name, by=by, reason=reason, now=now)


def removed(name_id: str, *, by: str, reason: str, now: datetime) -> NameDefined:
    """The event that takes a name back."""
    return _event(name_id, None, by=by, reason=reason, now=now)


def changed(names: Mapping[str, OwnName], before: Mapping[str, OwnName]) -> list[OwnName]:
    """Those of the names that the log does not have so."""
    return [name for key, name in names.items() if before.get(key) != name]


def _event(
    name_id: str, definition: OwnName | None, *, by: str, reason: str, now: datetime
) -> NameDefined:
    return NameDefined(
        event_id=uuid.uuid4().hex,
        occurred_at=now,
        name_id=name_id,
        definition=definition,
        by=by,
        reason=reason,
    )
