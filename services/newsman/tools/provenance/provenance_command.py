"""`newsman provenance keygen|keys|revoke`: the keys that statements are signed with."""

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsman.provenance.keys import (
    BadKeys,
    PublicKey,
    ensure_key,
    make_key,
    read_keys_file,
    revoke_key,
)
from newsman.runtime.settings_error import SettingsError
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman.terminal.tables import table

KEYS_VARIABLE = "NEWSMAN_SIGNING_KEYS_FILE"


def run(arguments: argparse.Namespace) -> int:
    """Does it; raises CommandFailed with what is wrong with a file, SettingsError without one."""
    keys_file = arguments.keys or Path(os.environ.get(KEYS_VARIABLE, ""))
    if not keys_file.name:
        raise SettingsError(f"which set of public keys? --keys FILE, or {KEYS_VARIABLE}")
    try:
        return _do(arguments, keys_file, datetime.now(UTC))
    except BadKeys as error:
        raise CommandFailed(str(error)) from error


def _do(arguments: argparse.Namespace, keys_file: Path, now: datetime) -> int:
    if arguments.action == "keygen":
        made = _made(arguments, keys_file, now)
        text = f"{made}\n{arguments.key} signs, {keys_file} is for everybody"
        show(arguments, {"id": made, "key": arguments.key, "keys": keys_file}, text)
    elif arguments.action == "revoke":
        revoke_key(keys_file, arguments.id, now=now, reason=arguments.reason)
        show(arguments, {"id": arguments.id}, f"{arguments.id} proves nothing any more")
    else:
        rows = [_row(key, now) for key in read_keys_file(keys_file).values()]
        show(arguments, rows, table(rows, ("id", "state", "until")))
    return 0


def _made(arguments: argparse.Namespace, keys_file: Path, now: datetime) -> str:
    if arguments.if_missing:
        return ensure_key(arguments.key, keys_file, now=now)
    overlap = timedelta(hours=arguments.overlap_hours)
    return make_key(arguments.key, keys_file, now=now, overlap=overlap)


def _row(key: PublicKey, now: datetime) -> dict[str, str]:
    ends = key.revoked_at or key.expires_at
    state = "signs"
    if key.revoked_at is not None:
        state = "revoked"
    elif key.expires_at is not None:
        state = "expired" if key.expires_at <= now else "signs until"
    return {"id": key.id, "state": state, "until": f"{ends:%Y-%m-%d %H:%M}" if ends else ""}
