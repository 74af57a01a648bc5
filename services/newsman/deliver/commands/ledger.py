"""`newsman ledger`: who was sent an article, and who still has a wrong version."""

import argparse
import json
import sys
from typing import Any

from newsman.deliver.commands.api import DeliverApi, with_deliver
from newsman.deliver.ledger.report import ArticleLedger, LedgerEntry, LedgerHolder, kill_clock
from newsman.terminal.tables import cell, table

STILL_WRONG = 4
HOLDERS = ("subscriber", "channel", "has", "standing", "kill", "target")
ENTRIES = ("at", "subscriber", "channel", "event", "version", "outcome", "attempts", "status")


def run(arguments: argparse.Namespace) -> int:
    """Shows the ledger; 1 when deliver refuses, 3 when it does not answer, and 4 when somebody
    has a wrong version."""

    def show(api: DeliverApi) -> int:
        answer = api.ask("GET", "ledger", arguments.article)
        ledger = ArticleLedger.model_validate(answer)
        if arguments.json:
            print(json.dumps(answer))
        else:
            sys.stdout.write(_text(ledger, with_entries=arguments.entries))
        return STILL_WRONG if ledger.still_wrong else 0

    return with_deliver(show)


def _text(ledger: ArticleLedger, *, with_entries: bool) -> str:
    since = f", since {ledger.changed_at:%Y-%m-%d %H:%M:%S} UTC" if ledger.changed_at else ""
    version = f", version {ledger.version}" if ledger.version is not None else ""
    shown = [
        cell(ledger.headline or "(no text that may be shown)", widest=200),
        f"{ledger.id}: {ledger.status}{version}{since}",
        "",
    ]
    if with_entries:
        shown.append(table([_entry(entry) for entry in ledger.entries], ENTRIES))
    if ledger.holders:
        shown.append(table([_holder(holder) for holder in ledger.holders], HOLDERS))
    shown.append(_verdict(ledger))
    return "\n".join(shown) + "\n"


def _verdict(ledger: ArticleLedger) -> str:
    if not ledger.holders:
        return "Nobody was sent it."
    if not ledger.still_wrong:
        return "Nobody has a wrong version."
    return f"{ledger.still_wrong} of {len(ledger.holders)} still have a wrong version."


def _holder(holder: LedgerHolder) -> dict[str, Any]:
    return {
        "subscriber": holder.subscriber or holder.subscription,
        "channel": holder.channel,
        "has": "nothing" if holder.version is None else f"version {holder.version}",
        "standing": holder.standing,
        "kill": kill_clock(holder),
        "target": holder.target,
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {**entry.model_dump(include=set(ENTRIES)), "at": f"{entry.at:%Y-%m-%d %H:%M:%S}"}
