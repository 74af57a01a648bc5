"""Rejected messages of late, counted by stage and reason."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from newsman.kafka.commands.parked import RejectedReader
from newsman.kafka.commands.settled import is_note
from newsman.tools.operate.installation import Installation
from newsman_schemas.topics import REJECTED

MOST_READ = 20_000


def count_rejected(there: Installation, *, hours: float) -> Counter[str]:
    """The numbers of the last hours by `stage reason`; of the newest 20,000 messages at most."""
    reader = RejectedReader(there.log, REJECTED.full_name(there.namespace))
    since = datetime.now(UTC) - timedelta(hours=hours)
    recent = reader.newest(MOST_READ, since=since)
    messages = (each for each in recent if not is_note(each))
    return Counter(f"{each.told('stage')} {each.told('reason')}" for each in messages)
