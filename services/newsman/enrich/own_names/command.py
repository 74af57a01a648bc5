"""`newsman names`: what names are, or never are, by the newsroom's own word."""

import argparse
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.compacted_logs.compacted_log import say_all
from newsman.own_names.names_file import Names, read_names, written_name
from newsman.own_names.names_log import changed, defined, names_in, open_names_log, removed
from newsman.settings import KafkaSettings, NamesFileSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman.terminal.tables import cell
from newsman_schemas.editing import NameDefined, OwnName
from newsman_schemas.names.slugs import slugify
from newsman_schemas.topics import NAME_DEFINED

CLIENT_ID = "newsman-names"
WIDEST = 2_000


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Does it; raises CommandFailed where the name is wrong or not there."""
    action = {"add": _add, "import": _import, "remove": _remove, "show": _show, "list": _list}
    action[arguments.action](arguments, settings)
    return 0


def _add(arguments: argparse.Namespace, settings: KafkaSettings) -> None:
    given = {key: getattr(arguments, key) for key in OwnName.model_fields}
    try:
        name = written_name(given)
    except ValueError as error:
        raise CommandFailed(str(error)) from error
    _define([name], arguments, settings)
    show(arguments, _document(name), _text(name))


def _import(arguments: argparse.Namespace, settings: KafkaSettings) -> None:
    try:
        names = read_names(arguments.file)
    except ValueError as error:
        raise CommandFailed(str(error)) from error
    before = _logged(settings)
    news = changed(names, before)
    if not arguments.dry_run:
        _define(news, arguments, settings)
    added = sum(name.name_id not in before for name in news)
    counts = {
        "names": len(names),
        "added": added,
        "changed": len(news) - added,
        "dry_run": arguments.dry_run,
    }
    text = f"{len(names)} names: {added} added, {len(news) - added} changed"
    show(arguments, counts, f"{text}; nothing was written" if arguments.dry_run else text)


def _remove(arguments: argparse.Namespace, settings: KafkaSettings) -> None:
    name = _named(arguments.name, _logged(settings))
    event = removed(name.name_id, by=arguments.by, reason=arguments.reason, now=datetime.now(UTC))
    _say([event], settings)
    in_file = name.name_id in _filed()
    rest = "; what NEWSMAN_NAMES_FILE says of it holds" if in_file else ""
    document = {"id": name.name_id, "removed": True, "in_file": in_file}
    show(arguments, document, f"{name.name} is removed{rest}")


def _show(arguments: argparse.Namespace, settings: KafkaSettings) -> None:
    name = _named(arguments.name, all_names(settings))
    show(arguments, _document(name), _text(name))


def _list(arguments: argparse.Namespace, settings: KafkaSettings) -> None:
    wanted = arguments.search.casefold()
    for _, name in sorted(all_names(settings).items()):
        if any(wanted in spelling.casefold() for spelling in (name.name, *name.aliases)):
            show(arguments, _document(name), _text(name))


def all_names(settings: KafkaSettings) -> Names:
    """The names of the log, and those of the file that it says nothing of."""
    return {**_filed(), **_logged(settings)}


def _named(text: str, names: Mapping[str, OwnName]) -> OwnName:
    name = names.get(text) or names.get(slugify(text))
    if name is None:
        raise CommandFailed(f"{cell(text)!r} is not defined; `newsman names list` shows what is")
    return name


def _define(
    names: Iterable[OwnName], arguments: argparse.Namespace, settings: KafkaSettings
) -> None:
    now = datetime.now(UTC)
    by, reason = arguments.by, arguments.reason
    _say([defined(name, by=by, reason=reason, now=now) for name in names], settings)


def _say(events: Iterable[NameDefined], settings: KafkaSettings) -> None:
    topic = NAME_DEFINED.full_name(settings.namespace)
    with closing(build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)) as producer:
        say_all(producer, topic, *events)


def _logged(settings: KafkaSettings) -> Names:
    log = open_names_log(settings.kafka_bootstrap, settings.namespace, client_id=CLIENT_ID)
    with closing(log):
        log.catch_up()
        return names_in(log)


def _filed() -> Names:
    file = read_settings(NamesFileSettings).names_file
    return read_names(file) if file else {}


def _document(name: OwnName) -> dict[str, Any]:
    """The name as `newsman names import` reads it."""
    return name.model_dump(mode="json", exclude_defaults=True)


def _text(name: OwnName) -> str:
    parts = [cell(name.name), name.type or "", name.identifier or ""]
    parts += [f"also {cell(name.aliases, widest=WIDEST)}"] if name.aliases else []
    parts += [f"never {', '.join(name.never)}"] if name.never else []
    return "  ".join(part for part in parts if part)
