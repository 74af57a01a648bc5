"""The file in which an installation says how it wants its topics."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsman.kafka.topics import PlannedTopic, names_of
from newsman.runtime.settings_error import SettingsError
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1, TOPICS, Topic

EVERY = "default"
OURS = frozenset({"cleanup.policy", "max.message.bytes", "message.timestamp.after.max.ms"})
"""Settings of the broker on which Newsman relies."""
AS_THEY_ARE = (ARTICLE_VIEWED_V1, ARTICLE_VIEWED)


class TopicWishes(BaseModel):
    """A table of the file: what is left out stays as Newsman has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partitions: int | None = Field(default=None, ge=1, le=10_000)
    replication: int | None = Field(default=None, ge=1, le=100)
    config: dict[str, str | int] = Field(default_factory=dict)


def read_plan(path: Path | None, *, replication: int) -> tuple[PlannedTopic, ...]:
    """Every topic as the file wants it, with so many copies where it says nothing.

    The file is TOML: a table `default` for all, and one by each topic's name without its namespace.
    Raises SettingsError.
    """
    wishes = _read(path) if path is not None else {}
    known = {topic.name for topic in TOPICS}
    if unknown := sorted(wishes.keys() - known - {EVERY}):
        raise SettingsError(f"{path}: there is no topic {unknown[0]}; there are {names_of(TOPICS)}")
    if EVERY in wishes and wishes[EVERY].partitions is not None:
        raise SettingsError(f"{path}: partitions go with a topic, not into {EVERY}")
    plan = tuple(_planned(topic, wishes, replication) for topic in TOPICS)
    _check(plan, path)
    return plan


def _read(path: Path) -> dict[str, TopicWishes]:
    try:
        tables = tomllib.loads(path.read_text())
        return {name: TopicWishes.model_validate(table) for name, table in tables.items()}
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path}: {_told(problem)}") from problem


def _told(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        first = problem.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(problem)


def _planned(topic: Topic, wishes: Mapping[str, TopicWishes], replication: int) -> PlannedTopic:
    every, own = wishes.get(EVERY, TopicWishes()), wishes.get(topic.name, TopicWishes())
    config = {key: str(value) for key, value in {**every.config, **own.config}.items()}
    return PlannedTopic(
        topic,
        own.partitions or topic.partitions,
        own.replication or every.replication or replication,
        {**topic.config(), **config},
    )


def _check(plan: tuple[PlannedTopic, ...], path: Path | None) -> None:
    for each in plan:
        name, least = each.topic.name, each.topic.partitions
        if each.topic in AS_THEY_ARE and each.partitions != least:
            raise SettingsError(f"{path}: {name} has {least} partitions: counts are kept by them")
        if least == 1 < each.partitions:
            raise SettingsError(f"{path}: {name} is read in one order: it has one partition")
        if each.partitions < least:
            raise SettingsError(f"{path}: {name} has {least} partitions at the least")
        changed = {k for k, v in each.topic.config().items() if each.config[k] != v}
        if fixed := sorted(changed & OURS):
            raise SettingsError(f"{path}: {name}: Newsman relies on its own {fixed[0]}")
