"""The table of states and transitions in the documentation is what the gate does."""

import itertools
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from newsman.publish.core import accept, reconsider
from newsman.publish.state import GateOutcome, State
from newsman_schemas.articles import PubStatus

from .test_core import HOUR, NOON, kill, version

ARCHITECTURE = Path(__file__).resolve().parents[3] / "docs" / "architecture.md"
LONGEST_WALK = 4

Row = tuple[str, str, str, str]


def steps(at: int):
    """Everything that can come next, in the hour `at` of an article's life."""
    number, created = at + 1, NOON + at * HOUR
    yield "published", version(number, created=created)
    yield "unchanged", version(number, created=created, headline="The same")
    withheld = version(number, created=created, pubstatus=PubStatus.WITHHELD)
    yield "withheld", withheld
    yield "scheduled", version(number, created=created, embargoed_until=created + HOUR / 2)
    yield "long scheduled", version(number, created=created, embargoed_until=NOON + 20 * HOUR)
    yield "past", version(number, created=created, expires_at=NOON - HOUR)
    yield "expiring", version(number, created=created, expires_at=created + HOUR / 2)
    yield "late", version(0, created=NOON - HOUR)
    yield "kill", kill(number, created=created)
    yield "time", None


def walk() -> set[Row]:
    """Every transition that some walk of four steps makes: from, to, told before, told now."""
    found: set[Row] = set()
    states = [State()]
    for at in range(LONGEST_WALK):
        reached: dict[object, State] = {}
        for before, (_, event) in itertools.product(states, steps(at)):
            state = before
            now = NOON + at * HOUR + HOUR / 4
            looks = [partial(reconsider, now=now)]
            if event is None:
                looks.append(partial(reconsider, now=now + HOUR / 2))
            else:
                looks.append(partial(accept, incoming=event, now=now))
            for look in looks:
                row, state = transition(state, look)
                found.add(row)
            reached[kind_of(state)] = state
        states = list(reached.values())
    return found


def kind_of(state: State) -> object:
    """What tells a state from others of the same walk's length, as far as the gate cares."""
    head = state.head
    times = (head.pubstatus, head.embargoed_until, head.expires_at, head.version) if head else None
    return (state.status, state.revision > 0, state.last_action, state.shown is None, times)


def transition(state: State, look: Callable[[State], GateOutcome]) -> tuple[Row, State]:
    """What one look makes of a state."""
    outcome = look(state)
    after = outcome.state or state
    told = [event.action for event in outcome.events] or ["nothing"]
    before = "yes" if state.revision else "no"
    states = (str(state.status or "unknown"), str(after.status or "unknown"))
    assert len(told) == 1
    return (*states, before, told[0]), after


def documented() -> set[Row]:
    text = ARCHITECTURE.read_text()
    table = text[text.index("| from | to |") :].split("\n\n")[0]
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \| ([\w ]+) \|$", table, re.MULTILINE)
    return {
        (before, after, told, event)
        for before, after, told_before, events in rows
        if before != "from"
        for told in (("yes", "no") if told_before == "either" else (told_before,))
        for event in events.split(" or ")
    }


def test_the_documented_transitions_are_those_of_the_gate():
    assert documented() == walk()
