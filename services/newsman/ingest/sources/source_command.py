"""newsman source: who may push; keys are shown once and kept as their digests."""

import argparse
import hashlib
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from newsman.ingest.rejected.problems import list_problems
from newsman.ingest.sources.sources_file import Source, Sources, read_sources
from newsman.runtime.private_files import replace_private
from newsman.runtime.settings_error import SettingsError
from newsman.settings import SourcesFileSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import print_json, show
from newsman.terminal.tables import matching

KEY_BYTES = 32
PREFIX_CHARACTERS = 12

Done = tuple[dict[str, Any], str]
"""The outcome, for programs and for people."""


def run(arguments: argparse.Namespace) -> int:
    """Does it and says what was done; 1 where no source has that name, 2 where the file or what
    it would hold is not right."""
    if arguments.action == "problems":
        return list_problems(arguments)
    path = read_settings(SourcesFileSettings).sources_file
    if arguments.action == "list":
        return _list(path, arguments)
    document = _load(path)
    sources = document.setdefault("sources", tomlkit.table(is_super_table=True))
    act = {"add": _add, "rotate": _rotate, "revoke": _revoke}[arguments.action]
    message = act(sources, arguments)
    content = tomlkit.dumps(document).encode()
    read_sources(content, where=str(path))
    _replace(path, content)
    done, text = message
    show(arguments, {"name": arguments.name, **done}, text)
    return 0


def _list(path: Path, arguments: argparse.Namespace) -> int:
    for source in Sources(path):
        if arguments.json:
            print_json(_document(source))
            continue
        formats = ", ".join(sorted(source.formats)) if source.formats else "every format"
        sys.stdout.write(f"{source.id}  {source.name}  {formats}  {source.timezone}\n")
        for key in source.keys:
            sys.stdout.write(f"  key {key[: len('sha256:') + PREFIX_CHARACTERS]}\n")
        if source.secrets:
            sys.stdout.write(f"  {len(source.secrets)} signing secret(s)\n")
        if source.unsigned_binary_checks:
            sys.stdout.write("  anybody may ask which files it has sent\n")
        if source.canonical_at_source:
            sys.stdout.write("  search engines are pointed to its own pages\n")
        if source.embargo_keeps_earlier:
            sys.stdout.write("  an embargo leaves the version before it public\n")
        if not source.keys and not source.secrets:
            sys.stdout.write("  revoked: it can't push\n")
    return 0


def _document(source: Source) -> dict[str, Any]:
    """The source as JSON shows it, without anything secret."""
    return {
        "id": source.id,
        "name": source.name,
        "formats": sorted(source.formats) if source.formats else None,
        "timezone": str(source.timezone),
        "keys": [key[: len("sha256:") + PREFIX_CHARACTERS] for key in source.keys],
        "secrets": len(source.secrets),
        "unsigned_binary_checks": source.unsigned_binary_checks,
        "canonical_at_source": source.canonical_at_source,
        "embargo_keeps_earlier": source.embargo_keeps_earlier,
    }


def _add(sources: Any, arguments: argparse.Namespace) -> Done:
    if arguments.name in sources:
        raise CommandFailed(
            f"{arguments.name} is there already; `newsman source rotate` adds a key"
        )
    table = tomlkit.table()
    for name in ("language", "section", "timezone"):
        if getattr(arguments, name):
            table[name] = getattr(arguments, name)
    if arguments.superdesk:
        table["unsigned_binary_checks"] = True
    if arguments.canonical_at_source:
        table["canonical_at_source"] = True
    if arguments.embargo_keeps_earlier:
        table["embargo_keeps_earlier"] = True
    if arguments.title:
        table["name"] = arguments.title
    message = _issue(table, is_hmac=arguments.hmac or arguments.superdesk)
    sources[arguments.name] = table
    return message


def _rotate(sources: Any, arguments: argparse.Namespace) -> Done:
    return _issue(_named(sources, arguments.name), is_hmac=arguments.hmac)


def _revoke(sources: Any, arguments: argparse.Namespace) -> Done:
    table = _named(sources, arguments.name)
    keys = [str(key) for key in table.get("keys", [])]
    if arguments.key is None:
        count = len(keys) + len(table.get("secrets", []))
        table["keys"], table["secrets"] = [], []
        text = f"{count} key(s) and secret(s) of {arguments.name} are no longer taken\n"
        return {"revoked": count}, text
    wanted = arguments.key.removeprefix("sha256:")
    others = [key for key in keys if not key.removeprefix("sha256:").startswith(wanted)]
    if not wanted or len(others) != len(keys) - 1:
        raise CommandFailed(
            f"{matching(len(keys) - len(others), 'key', arguments.name)} with {arguments.key}; "
            "name exactly one (newsman source list)"
        )
    table["keys"] = others
    text = f"the key {arguments.key} of {arguments.name} is no longer taken\n"
    return {"revoked": 1}, text


def _issue(table: Table, *, is_hmac: bool) -> Done:
    issued = secrets.token_urlsafe(KEY_BYTES)
    if is_hmac:
        table["secrets"] = [*table.get("secrets", []), issued]
        table.setdefault("keys", [])
        text = f"secret: {issued}\nIt stays readable in the sources file: signing needs it whole.\n"
        return {"secret": issued}, text
    digest = "sha256:" + hashlib.sha256(issued.encode()).hexdigest()
    table["keys"] = [*table.get("keys", []), digest]
    text = f"key: {issued}\nIt is not shown again; the file keeps its digest only.\n"
    return {"key": issued}, text


def _named(sources: Any, name: str) -> Table:
    if name not in sources:
        raise CommandFailed(f"there is no source {name}; there are {', '.join(sources) or 'none'}")
    table: Table = sources[name]
    return table


def _load(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text())
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.ParseError) as error:
        raise SettingsError(f"NEWSMAN_SOURCES_FILE: {path}: {error}") from error


def _replace(path: Path, content: bytes) -> None:
    """Puts the new file in the old one's place, so that ingest never reads half of it.

    A new file is its owner's alone; one that is there keeps its mode and its owner, who may be
    the user that a container runs as.
    """
    place = path.resolve()
    if not place.exists():
        replace_private(place, content)
        return
    old_stat = place.stat()
    try:
        replace_private(place, content, mode=stat.S_IMODE(old_stat.st_mode), owner=old_stat)
    except OSError:
        _overwrite(place, content, old_stat.st_uid)


def _overwrite(place: Path, content: bytes, owner: int) -> None:
    # A file that is mounted by itself into a container can't be replaced, only written.
    try:
        place.write_bytes(content)
    except PermissionError as error:
        raise SettingsError(
            f"NEWSMAN_SOURCES_FILE: {place} is user {owner}'s, and this is user {os.getuid()}; "
            f"with Compose: docker compose run --rm --user {owner} cli source …"
        ) from error
