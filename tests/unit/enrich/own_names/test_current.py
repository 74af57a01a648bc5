"""What the log and the file say of names holds from the next article on."""

import asyncio
from datetime import UTC, datetime

from kafka import TopicPartition
from tests.fake_log import FakeBroker

from newsman.enrich.own_names.current import CurrentNames
from newsman.kafka.compacted_logs.compacted_log import CompactedLog
from newsman.kafka.log import TopicLog
from newsman.own_names.names_file import read_names
from newsman.own_names.names_log import defined, removed
from newsman.runtime.files.watched_file import WatchedFile
from newsman_schemas.editing import NameDefined, OwnName

TOPIC = "n.name-defined.v1"
PART = TopicPartition(TOPIC, 0)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
OSLO = OwnName(name="Oslo", type="person")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def types_in(names: CurrentNames, text: str = "Oslo and Bergen") -> dict[str, str | None]:
    result = asyncio.run(names.find({"body_text": text}))
    return {name.name: name.type for name in result.names}


def test_the_last_word_of_log_and_file_holds_half_a_second_later(tmp_path):
    file = tmp_path / "names.csv"
    file.write_text("name,type\nOslo,place\nBergen,place\n")
    on, clock = FakeBroker({PART: []}), Clock()
    opened = CompactedLog(TopicLog(on, clock=lambda: on.seconds), TOPIC, NameDefined)
    watched = WatchedFile(file, read_names, empty={}, what="the file of names", clock=clock)
    names = CurrentNames(lambda: opened, watched, clock)
    assert names.problem() == "own names are being read"

    def say(event: NameDefined) -> None:
        offset = on.ends[PART]
        on.offsets[PART].append(offset)
        on.ends[PART], on.values[offset] = offset + 1, event.model_dump_json().encode()

    assert types_in(names) == {"Oslo": "place", "Bergen": "place"}
    assert names.problem() is None
    assert types_in(names, f"{'Moss ' * 5_000} Oslo") == {"Oslo": "place"}
    say(defined(OSLO, by="Kari", reason="", now=NOW))
    assert types_in(names)["Oslo"] == "place"
    clock.now += 0.6
    assert types_in(names) == {"Oslo": "person", "Bergen": "place"}
    file.write_text("name,never\nOslo,anything\nBergen,place\n")
    clock.now += 2
    assert types_in(names) == {"Oslo": "person", "Bergen": None}
    say(removed("oslo", by="Kari", reason="", now=NOW))
    clock.now += 0.6
    assert types_in(names) == {"Oslo": None, "Bergen": None}
    file.write_text("name,never\nOslo,nonsense\n")
    clock.now += 2
    assert types_in(names) == {"Oslo": None, "Bergen": None}
