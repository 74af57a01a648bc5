"""What a note of the ledger says."""

from datetime import UTC, datetime

import pytest

from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.notes import Note, note_bytes, shown_target
from newsman_schemas.subscriptions import DeliveryNoted, Subscription

NOW = datetime(2026, 3, 2, 10, 0, 0, 120_000, tzinfo=UTC)
WEBHOOK = Subscription(
    id="abcdefghijklmnop",
    owner="operator",
    kind="webhook",
    target="https://bücher.example/hook",
    created_at=NOW,
    changed_at=NOW,
)


@pytest.mark.parametrize("status", [None, 204])
def test_a_note_is_the_event_that_the_ledger_reads(status):
    reference = Reference("aaaaaaaaaaaaaaaa", "article.killed", "e1", 3, 2, 1_772_452_800_123)
    written = note_bytes(Note(WEBHOOK, reference, "acknowledged", 2, status), NOW)
    event = DeliveryNoted.model_validate_json(written)
    assert event.model_dump_json().encode() == written
    assert (event.key, event.attempts, event.status) == ("aaaaaaaaaaaaaaaa", 2, status)
    assert event.delivery_id == reference.delivery_id(WEBHOOK.id)
    assert event.event_id == f"{event.delivery_id}.acknowledged"


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://desk.example/hook", "https://desk.example/hook"),
        ("https://user:pw@desk.example:8443/hook", "https://desk.example:8443/hook"),
        ("https://desk.example/hook?key=secret#part", "https://desk.example/hook"),
        ("desk@paper.example", "desk@paper.example"),
        ("", ""),
        ("https://[desk.example/", ""),
    ],
)
def test_a_target_is_shown_without_what_may_be_secret(target, shown):
    assert shown_target(target) == shown


def test_a_long_target_is_cut():
    assert len(shown_target("https://desk.example/" + "a" * 2_000)) == 300
