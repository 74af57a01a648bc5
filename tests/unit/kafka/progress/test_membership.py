"""A member of the group joins again once per refusal, and ends where another took its name."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalGenerationError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata

from newsman.kafka.progress.continuity import AskingCoordinator

PART = TopicPartition("log", 0)
OFFSETS = {PART: OffsetAndMetadata(7, "")}
UNKNOWN = UnknownMemberIdError.errno
SESSION_MS = 10_000


class Ended(Exception):
    """The process would have ended."""


@pytest.fixture
def ends(monkeypatch):
    """A process that would end raises instead; answers whether it did."""
    ended = []

    def crash():
        ended.append(True)
        raise Ended

    monkeypatch.setattr("newsman.runtime.crash.crash", crash)
    return ended


class Broker:
    """Answers each request when it is told to."""

    def __init__(self):
        self.asked = []

    async def send(self, _node, request, group):
        answer = asyncio.get_running_loop().create_future()
        self.asked.append((type(request).__name__, answer))
        return await answer

    async def answer(self, kind, code):
        """Answers the oldest request of that kind, once there is one."""
        while not (found := [one for one in self.asked if one[0].startswith(kind)]):
            await asyncio.sleep(0)
        self.asked.remove(found[0])
        parts = [("log", [(0, code)])] if kind == "OffsetCommit" else []
        found[0][1].set_result(SimpleNamespace(error_code=code, topics=parts))
        await asyncio.sleep(0)


class Member(AskingCoordinator):
    """A member, as far as it heartbeats and commits."""

    def __init__(self, broker):
        self._client = broker
        self.group_id, self.coordinator_id = "group", 1
        self._group_instance_id, self._session_timeout_ms = "group-0", SESSION_MS
        self._commit_lock = asyncio.Lock()
        self.rejoins = 0
        self.join(1, "a")

    def join(self, generation, member_id):
        self.generation, self.member_id = generation, member_id
        self._rejoin_needed_fut = asyncio.get_running_loop().create_future()
        self._rejoin_needed_fut.add_done_callback(self._count)

    def _count(self, _):
        self.rejoins += 1

    @property
    def is_rejoining(self):
        return self._rejoin_needed_fut.done()


def silent_for(member, seconds):
    member._accepted_at = time.monotonic() - seconds


@pytest.mark.parametrize("first", ["Heartbeat", "OffsetCommit"])
@pytest.mark.usefixtures("ends")
def test_a_heartbeat_and_a_commit_that_are_both_refused_are_one_rejoin(first):
    second = {"Heartbeat": "OffsetCommit", "OffsetCommit": "Heartbeat"}[first]

    async def freeze():
        broker = Broker()
        member = Member(broker)
        silent_for(member, 45)
        heartbeat = asyncio.ensure_future(member._do_heartbeat())
        commit = asyncio.ensure_future(member.commit_offsets(None, OFFSETS))
        await broker.answer(first, UNKNOWN)
        while not member.is_rejoining:
            await asyncio.sleep(0)
        member.join(2, "b")
        await broker.answer(second, UNKNOWN)
        assert not await heartbeat
        with pytest.raises(CommitFailedError):
            await commit
        return member

    member = asyncio.run(freeze())
    assert (member.generation, member.member_id) == (2, "b")
    assert not member.is_rejoining


@pytest.mark.usefixtures("ends")
def test_a_refusal_of_the_membership_that_it_has_is_heard():
    async def expire():
        broker = Broker()
        member = Member(broker)
        silent_for(member, 45)
        heartbeat = asyncio.ensure_future(member._do_heartbeat())
        await broker.answer("Heartbeat", UNKNOWN)
        assert not await heartbeat
        return member

    member = asyncio.run(expire())
    assert (member.generation, member.member_id, member.is_rejoining) == (-1, "", True)


@pytest.mark.parametrize("kind", ["Heartbeat", "OffsetCommit"])
def test_a_member_whose_name_another_took_ends_and_says_so(kind, ends, caplog):
    async def be_fenced():
        broker = Broker()
        member = Member(broker)
        heartbeat = asyncio.ensure_future(member._do_heartbeat())
        await broker.answer("Heartbeat", 0)
        assert await heartbeat
        work = {
            "Heartbeat": lambda: member._do_heartbeat(),
            "OffsetCommit": lambda: member.commit_offsets(None, OFFSETS),
        }
        refused = asyncio.ensure_future(work[kind]())
        await broker.answer(kind, UNKNOWN)
        with pytest.raises(Ended):
            await refused

    asyncio.run(be_fenced())
    assert ends


def test_who_is_no_member_commits_nothing():
    async def be_out():
        broker = Broker()
        member = Member(broker)
        member.generation, member.member_id = -1, ""
        with pytest.raises(CommitFailedError) as refused:
            await member.commit_offsets(None, OFFSETS)
        assert isinstance(refused.value.__cause__, IllegalGenerationError)
        return broker

    assert asyncio.run(be_out()).asked == []


def test_who_is_no_member_sends_no_heartbeat_that_would_look_like_being_replaced():
    async def be_out():
        broker = Broker()
        member = Member(broker)
        silent_for(member, 0)
        member.generation, member.member_id = -1, ""
        assert not await asyncio.wait_for(member._do_heartbeat(), 1)
        return broker

    assert asyncio.run(be_out()).asked == []


def test_an_error_that_nobody_asks_for_ends_the_process(ends):
    async def fail():
        with pytest.raises(Ended):
            await Member(Broker())._push_error_to_user(ValueError("fenced"))

    asyncio.run(fail())
    assert ends
