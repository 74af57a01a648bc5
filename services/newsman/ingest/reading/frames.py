"""Framing of a task to a reading process, and of its answer, with few copies of large bodies."""

import io
import pickle
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, BinaryIO

LENGTH_BYTES = 8
APART_BYTES = 64 * 1024
"""Bytes that are longer travel beside the pickle, uncopied."""
CHUNK_BYTES = 256 * 1024


class Task:
    """Work and what it is given, as the frames that are sent: a pickle, and long bytes apart."""

    def __init__(
        self, work: Callable[..., Any], args: Any, named: Any, *, cpu_seconds: float
    ) -> None:
        self.cpu_seconds = cpu_seconds
        self._apart: list[bytes] = []
        packed = io.BytesIO()
        _Packing(packed, self._apart).dump((cpu_seconds, work, args, named))
        self._frames = [packed.getvalue(), *self._apart]

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return sum(map(len, self._frames))

    def pieces(self) -> Iterator[bytes]:
        """The parts to be written, in order."""
        yield _number(len(self._frames))
        for frame in self._frames:
            yield _number(len(frame))
            yield frame


def read_task(source: BinaryIO) -> Any:
    """Its processor time, the work, its arguments and its named ones; None at the end."""
    count = int.from_bytes(source.read(LENGTH_BYTES), "big")
    if not count:
        return None
    frames = [source.read(int.from_bytes(source.read(LENGTH_BYTES), "big")) for _ in range(count)]
    return _Unpacking(io.BytesIO(frames[0]), frames[1:]).load()


class Answers:
    """Writes answers as chunks, each with its length, and an empty one at the end."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._gathered: list[bytes] = []
        self._size = 0

    def send(self, answer: Any) -> None:
        """Pickles the answer on its way."""
        pickle.dump(answer, self, protocol=pickle.HIGHEST_PROTOCOL)
        self._write_chunk()
        self._target.write(_number(0))
        self._target.flush()

    def write(self, data: Any) -> int:
        """Takes what the pickler writes."""
        piece = bytes(data)
        self._gathered.append(piece)
        self._size += len(piece)
        if self._size >= CHUNK_BYTES:
            self._write_chunk()
        return len(piece)

    def _write_chunk(self) -> None:
        if self._size:
            self._target.write(_number(self._size))
            self._target.writelines(self._gathered)
        self._gathered, self._size = [], 0


async def read_answer(read_exactly: Callable[[int], Awaitable[bytes]]) -> bytes:
    """The pickle of one answer."""
    chunks: list[bytes] = []
    while size := int.from_bytes(await read_exactly(LENGTH_BYTES), "big"):
        chunks.append(await read_exactly(size))
    return b"".join(chunks)


def _number(value: int) -> bytes:
    return value.to_bytes(LENGTH_BYTES, "big")


class _Packing(pickle.Pickler):
    def __init__(self, target: io.BytesIO, apart: list[bytes]) -> None:
        super().__init__(target, protocol=pickle.HIGHEST_PROTOCOL)
        self._apart = apart

    def persistent_id(self, value: Any) -> int | None:
        """The number of what travels apart."""
        if type(value) is not bytes or len(value) < APART_BYTES:
            return None
        self._apart.append(value)
        return len(self._apart) - 1


class _Unpacking(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, apart: list[bytes]) -> None:
        super().__init__(source)
        self._apart = apart

    def persistent_load(self, number: int) -> bytes:
        """The bytes that travelled apart."""
        return self._apart[number]
