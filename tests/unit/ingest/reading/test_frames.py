"""Tasks and answers arrive as they were sent, however they are cut on their way."""

import asyncio
import io
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.reading.frames import (
    APART_BYTES,
    CHUNK_BYTES,
    Answers,
    Task,
    read_answer,
    read_task,
)

LONG = b"x" * APART_BYTES


def sent(task):
    return b"".join(bytes(piece) for piece in task.pieces())


def received(wire):
    stream = io.BytesIO(wire)

    async def read_exactly(size):
        return stream.read(size)

    return pickle.loads(asyncio.run(read_answer(read_exactly)))


def answered(*answers):
    target = io.BytesIO()
    writer = Answers(target)
    for answer in answers:
        writer.send(answer)
    return target.getvalue()


@pytest.mark.parametrize("body", [b"", b"short", LONG[:-1], LONG, LONG * 5])
def test_a_task_is_read_as_it_was_sent(body):
    task = Task(len, (body, "text"), {"b": body, "n": None}, cpu_seconds=1.5)
    assert read_task(io.BytesIO(sent(task))) == (1.5, len, (body, "text"), {"b": body, "n": None})


def test_several_tasks_follow_each_other_and_nothing_follows_the_last():
    tasks = [Task(len, (LONG + bytes([n]),), {}, cpu_seconds=n) for n in range(3)]
    stream = io.BytesIO(b"".join(map(sent, tasks)))
    assert [read_task(stream)[2][0][-1] for _ in tasks] == [0, 1, 2]
    assert read_task(stream) is None


def test_long_bytes_travel_uncopied_beside_the_pickle():
    task = Task(len, (LONG, LONG[:-1]), {}, cpu_seconds=1)
    pieces = list(task.pieces())
    assert any(piece is LONG for piece in pieces)
    assert task.size_bytes == len(sent(task)) - 8 * 3  # a number of frames and two lengths


def test_only_bytes_themselves_travel_apart():
    value = bytearray(LONG)
    (back,) = read_task(io.BytesIO(sent(Task(len, (value,), {}, cpu_seconds=1))))[2]
    assert back == value
    assert type(back) is bytearray


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=20) | st.binary(max_size=50),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=20,
    )
)
def test_any_answer_is_received_as_it_was_sent(answer):
    assert received(answered(answer)) == answer


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 1_000_000])
def test_answers_of_every_size_come_in_chunks(size):
    answer = [b"y" * 1_000] * (size // 1_000) + [b"z" * (size % 1_000)]
    assert received(answered(answer)) == answer


def test_answers_follow_each_other():
    wire = answered("first", "second")
    assert wire.count(b"first") == wire.count(b"second") == 1
    assert received(wire) == "first"
    assert received(wire[len(answered("first")) :]) == "second"
