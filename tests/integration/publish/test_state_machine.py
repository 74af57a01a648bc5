"""Any history of pushes, repeats, deaths and hours: the store ends where its events alone say.

What is expected is worked out from the set of events, so it can't depend on their order.
"""

import asyncio
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from newsman.publish.chains import first_of, takes_place
from newsman.publish.gate import Gate
from newsman.publish.state import State, Version
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.indexes import LISTED_KINDS
from newsman.redis.articles import StoredArticle
from newsman.redis.keys import STORE_LAYOUT
from newsman_schemas.article_order import listed_at, version_order
from newsman_schemas.article_rules import (
    Kill,
    Status,
    parent_of,
    status_at,
    terms_of,
)
from newsman_schemas.articles import ArticleEnriched, EnrichedArticle, PubStatus

from .conftest import MINUTE, NOON, Desk, pushed

EXAMPLES = int(os.environ.get("NEWSMAN_TEST_EXAMPLES", "20"))
# A failing history is printed as it was: to make it smaller takes minutes on a real store.
PHASES = [Phase.generate]
URIS = ("a", "b", "c", "d")
MOMENTS = st.none() | st.integers(-5, 90).map(lambda minutes: NOON + MINUTE * minutes)
VERSIONS = st.builds(
    lambda uri, version, minute, **fields: pushed(uri, version, minute=minute, **fields),
    st.sampled_from(URIS),
    st.integers(1, 3),
    st.integers(0, 5),
    pubstatus=st.sampled_from([PubStatus.USABLE] * 4 + list(PubStatus)),
    evolved_from=st.sampled_from([None, None, *URIS]),
    section=st.sampled_from(["Sport", "Travel"]),
    embargoed_until=MOMENTS,
    expires_at=st.none() | MOMENTS,
)


class Died(Exception):
    """The process was killed."""


class Mortal(ArticleStore):
    """The store as a process sees it that dies after some round trips to Redis."""

    def die_after(self, trips: int) -> None:
        send = self._redis.run

        async def run(*commands):
            nonlocal trips
            trips -= 1
            if trips < 0:
                raise Died
            return await send(*commands)

        self._redis.run = run


@dataclass
class Truth:
    """What must hold, from the set of events alone."""

    events: dict[str, ArticleEnriched] = field(default_factory=dict)

    def states(self, now: datetime) -> dict[str, State]:
        """The state of every article that a version is known of, by uri."""
        found = {uri: self._state(uri, now) for uri in URIS}
        return {uri: state for uri, state in found.items() if state.head}

    def _state(self, uri: str, now: datetime) -> State:
        mine = [e for e in self.events.values() if e.article.uri == uri]
        kills = [e.article for e in mine if e.article.pubstatus is PubStatus.CANCELED]
        rest = [
            Version(e.event_id, e.article)
            for e in mine
            if e.article.pubstatus is not PubStatus.CANCELED
        ]
        head = max(rest, key=_order, default=None)
        kill = (
            Kill(max(k.version for k in kills), max(k.version_created for k in kills))
            if kills
            else None
        )
        state = State(head=head.article if head else None, kill=kill)
        status = status_at(head.article, kill, now) if head else None
        shown = state.head if status is Status.PUBLISHED else None
        return State(head=state.head, kill=kill, status=status, shown=shown)

    def versions(self, uri: str, now: datetime) -> list[EnrichedArticle]:
        """Those that readers may see, the oldest first."""
        state = self._state(uri, now)
        rest = [
            Version(e.event_id, e.article)
            for e in self.events.values()
            if e.article.uri == uri and e.article.pubstatus is PubStatus.USABLE
        ]
        return [
            version.article
            for version in sorted(rest, key=_order)
            if status_at(version.article, state.kill, now) is Status.PUBLISHED
        ]


def _order(version: Version):
    return version_order(version.article, version.event_id)


def line_above(uri: str, heads: dict[str, EnrichedArticle]) -> tuple[list[str], bool]:
    """The uris above an article, the nearest first, and whether a circle is cut at it."""
    circle = _circle(uri, heads)
    if circle and first_of(tuple(heads[member].id for member in circle)) == heads[uri].id:
        return [], True
    above: list[str] = []
    current = uri
    while parent_of(heads.get(current)):
        current = heads[current].evolved_from
        above.append(current)
        around = _circle(current, heads) if current in heads else []
        ids = {heads[member].id: member for member in around}
        if ids and ids[min(ids)] == current:
            break
    return above, False


def _circle(uri: str, heads: dict[str, EnrichedArticle]) -> list[str]:
    seen, current = [uri], uri
    while parent_of(heads.get(current)):
        current = heads[current].evolved_from
        if current == uri:
            return seen
        if current in seen:
            return []
        seen.append(current)
    return []


class Newsroom(RuleBasedStateMachine):
    """Everything that can happen to four articles."""

    url = ""

    @initialize()
    def begin(self):
        self.loop = asyncio.new_event_loop()
        self.desk = Desk(self.url, f"sm{uuid.uuid4().hex[:10]}", self.loop)
        self.desk.wait(self.desk.client.set(self.desk.keys.marker, STORE_LAYOUT))
        self.truth = Truth()
        self.undelivered: list[ArticleEnriched] = []

    def teardown(self):
        async def clear():
            async for key in self.desk.client.scan_iter(f"{self.desk.namespace}:*"):
                await self.desk.client.unlink(key)

        self.desk.wait(clear())
        self.desk.close()
        self.loop.close()

    @rule(events=st.lists(VERSIONS, min_size=1, max_size=6))
    def push(self, events):
        self.truth.events |= {event.event_id: event for event in events}
        self.desk.push(*events)

    @rule(events=st.lists(VERSIONS, min_size=2, max_size=8))
    def push_at_once_to_three_processes(self, events):
        self.truth.events |= {event.event_id: event for event in events}
        self.desk.push_at_once(events, gates=3)

    @rule(rng=st.randoms(use_true_random=False))
    def deliver_again_in_any_order(self, rng):
        again = list(self.truth.events.values())
        rng.shuffle(again)
        self.desk.push(*again[:8])

    @rule(events=st.lists(VERSIONS, min_size=1, max_size=4), trips=st.integers(0, 14))
    def die_at_any_moment(self, events, trips):
        store = Mortal(self.desk.client, self.desk.namespace)
        store.die_after(trips)
        gate = Gate(store, lambda: self.desk.now)
        self.truth.events |= {event.event_id: event for event in events}
        with suppress(Died):
            self.desk.wait(gate.accept(events))
        # Also if all was decided: it died before it had sent what it found.
        self.undelivered += events

    @rule()
    def start_again(self):
        self.desk.restart()
        self.desk.push(*self.undelivered)
        self.undelivered.clear()

    @rule(minutes=st.integers(1, 30))
    def pass_time(self, minutes):
        self.desk.pass_time(self.desk.now + MINUTE * minutes)

    @invariant()
    def readers_see_what_they_must(self):
        if self.undelivered:
            return
        now, states = self.desk.now, self.truth.states(self.desk.now)
        heads = {uri: state.head for uri, state in states.items()}
        for uri in URIS:
            self._check_article(uri, states.get(uri), heads)
            if uri in states and states[uri].shown:
                found = self.desk.wait(self.desk.reader.versions(states[uri].head.id, now=now))
                assert list(found) == self.truth.versions(uri, now)
        replaced = {
            heads[uri].evolved_from
            for uri, state in states.items()
            if parent_of(state.head) and takes_place(state) and not line_above(uri, heads)[1]
        }
        listed = [s.shown for uri, s in states.items() if s.shown and uri not in replaced]
        self._check_lists(listed)
        assert not self.desk.unsent()

    def _check_article(self, uri, state, heads):
        found = self.desk.find(uri)
        if state is None or state.shown is None:
            assert not isinstance(found, StoredArticle)
            return
        above, _ = line_above(uri, heads)
        ancestors = tuple(reversed(above))
        article = found.article
        bare = {"ancestors": (), "original_id": None}
        assert article.model_copy(update=bare) == state.shown
        assert (article.ancestors, article.original_id) == (
            ancestors,
            ancestors[0] if ancestors else None,
        )

    def _check_lists(self, listed):
        for term in ("latest", "section:sport", "section:travel"):
            mine = [a for a in listed if term in terms_of(a, LISTED_KINDS)]
            in_order = sorted(mine, key=lambda a: (listed_at(a), a.id), reverse=True)
            index = self.desk.wait(self.desk.client.zrevrange(self.desk.keys.index(term), 0, -1))
            assert [member.decode() for member in index] == [a.id for a in in_order]
            gone = self.desk.wait(self.desk.reader.gone(term))
            assert not {g.article_id for g in gone} & {a.id for a in listed}


def test_the_final_state_never_depends_on_the_order(redis_url):
    machine = type("OnThisValkey", (Newsroom,), {"url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
