"""Inflating gzip within bounds of raw bytes, members and inflated bytes (RFC 1952 section 2.2)."""

import zlib

GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS
SLICE_BYTES = 64 * 1024
"""zlib copies what follows a member, so it is never given more than this at once."""
MOST_MEMBERS = 1_000
"""bgzip cuts 64 MB into so many; each costs a new inflater, however little it holds."""


class UnpacksTooLarge(Exception):
    """A body larger than a limit, which the text names."""


class BadEncoding(Exception):
    """The body's content coding is unknown, not taken here, or broken."""


def too_large(limit_bytes: int) -> UnpacksTooLarge:
    """The error of a body that goes beyond the limit."""
    return UnpacksTooLarge(f"the body is larger than {limit_bytes} bytes")


def inflate(raw: bytes, *, limit_bytes: int) -> bytes:
    """The plain bytes of one or more gzip members; raises UnpacksTooLarge or BadEncoding.

    Time and memory are bounded by the limit: no more than it is inflated, and no more members
    than MOST_MEMBERS are opened.
    """
    inflater = _Inflater(limit_bytes)
    for start in range(0, len(raw), SLICE_BYTES):
        inflater.feed(raw[start : start + SLICE_BYTES])
    return inflater.finish()


class _Inflater:
    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._pieces: list[bytes] = []
        self._size = 0
        self._members = 1
        self._member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)

    def feed(self, packed: bytes) -> None:
        """Inflates one slice, which may end one member and begin others."""
        while packed:
            if self._member.eof:
                self._open_member()
            self._take(self._inflated(packed))
            packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> bytes:
        """All that was inflated, if the last member is whole."""
        if not self._member.eof:
            raise BadEncoding("the gzip stream is cut short")
        return b"".join(self._pieces)

    def _open_member(self) -> None:
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BadEncoding(f"the gzip stream has more than {MOST_MEMBERS} members")
        self._member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)

    def _inflated(self, packed: bytes) -> bytes:
        try:
            return self._member.decompress(packed, self._limit_bytes + 1 - self._size)
        except zlib.error as error:
            raise BadEncoding(f"broken gzip: {error}") from error

    def _take(self, plain: bytes) -> None:
        self._size += len(plain)
        if self._size > self._limit_bytes:
            raise too_large(self._limit_bytes)
        if plain:
            self._pieces.append(plain)
