"""What sources keep sending wrong, as an operator sees it."""

import json

from newsman.ingest.rejected.problems import count_problems, source_of, told
from newsman.kafka.commands.parked import Parked


def parked(number, *, key=b"desk", value=b"{}", **headers) -> Parked:
    headers = {"stage": "ingest", "reason": "invalid", "first_at": "2026-03-02T12:00", **headers}
    names = [(f"newsman-{name.replace('_', '-')}", text.encode()) for name, text in headers.items()]
    return Parked(number, key, value, names)


def test_problems_are_counted_by_source_reason_and_place_with_the_last():
    messages = [
        parked(1, place="/*/pubDate", detail="desk: old"),
        parked(2, key=b"agency", reason="unreadable"),
        parked(3, place="/headline"),
        parked(4, place="/*/pubDate", detail="desk: 'Tue,'", value=b"<item>\x1b[2J", times="3"),
    ]
    problems = count_problems(messages)
    assert [(p.source, p.reason, p.place, p.times, p.last.offset) for p in problems] == [
        ("agency", "unreadable", "", 1, 2),
        ("desk", "invalid", "/*/pubDate", 4, 4),
        ("desk", "invalid", "/headline", 1, 3),
    ]
    assert list(told(problems, "desk"))[:4] == [
        "desk",
        "  4 times: ingest invalid at /*/pubDate; last 2026-03-02T12:00, rejected 4",
        "    desk: 'Tue,'",
        "    <item>\\x1b[2J",
    ]
    assert not any("agency" in line for line in told(problems, "desk"))
    assert next(iter(told(problems, None))) == "agency"


def test_mere_counts_add_up_and_leave_the_last_sample():
    messages = [
        parked(1, value=b"<item>", detail="desk: bad"),
        parked(2, value=b"", times="40", count_only="yes"),
    ]
    (problem,) = count_problems(messages)
    assert (problem.times, problem.last.offset) == (41, 1)
    assert [message.is_to_replay for message in messages] == [True, False]


def test_messages_of_other_stages_name_their_source_themselves():
    place = {"topic": "ns.a.v1", "partition": "0", "offset": "1"}
    event = json.dumps({"article": {"source": "wire"}}).encode()
    assert source_of(parked(1, value=event, **place)) == "wire"
    assert source_of(parked(1, value=b"{half", **place)) == "?"
    assert source_of(parked(1, value=b'{"article": []}', **place)) == "?"
    assert source_of(parked(1)) == "desk"
