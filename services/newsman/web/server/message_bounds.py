"""The cost of one HTTP/1.1 message so far, and the status that refuses it beyond its bounds.

A parser keeps whatever it is given until a header is whole, however much that is; so bytes that
belong to no body are counted on their way in, and whole headers once more by themselves.
"""

from newsman.web.limits import ServerLimits

CHUNK_HEAD_BYTES = 12
"""Of a chunk's framing that is not counted: its size and two ends of lines."""
FIELD_BYTES = 4
"""A colon, a blank and the end of the line."""


class MessageBounds:
    """Counts the message that is being received."""

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self._most_fields = limits.header_fields
        self._most_header_bytes = limits.header_bytes
        self.refusal: int | None = None
        """The status that what came is refused with; it stays."""
        self.body_bytes = 0
        self._framing_bytes = 0
        self._header_bytes = 0
        self._fields = 0
        self._chunks = 0

    def refuse(self, status: int) -> None:
        """Refuses the message, and all that follows it; the first reason stays."""
        self.refusal = self.refusal or status

    def begin(self) -> None:
        """A new message."""
        self.body_bytes = self._chunks = 0
        self._framing_bytes = self._header_bytes = self._fields = 0

    def end_section(self) -> None:
        """The header, or the whole message, is complete; fields after it are of the trailer."""
        self._framing_bytes = self._fields = 0

    def came(self, size: int) -> None:
        """Bytes of the wire, before they are parsed."""
        self._framing_bytes += size

    def check_framing(self) -> None:
        """Refuses the message if too much of what came belongs to no body."""
        if self._framing_bytes > self._most_header_bytes:
            self.refuse(431)

    def url(self, size: int) -> None:
        """A part of the request's target."""
        self._header_bytes += size
        if self._header_bytes > self._most_header_bytes:
            self.refuse(431)

    def field(self, size: int) -> None:
        """A field of the header or the trailer."""
        self._fields += 1
        self._header_bytes += size + FIELD_BYTES
        if self._fields > self._most_fields or self._header_bytes > self._most_header_bytes:
            self.refuse(431)

    def chunk(self) -> None:
        """The head of a chunk."""
        self._chunks += 1
        self._framing_bytes -= CHUNK_HEAD_BYTES
        if self._chunks > self._limits.chunks + self.body_bytes // self._limits.chunk_bytes:
            self.refuse(400)

    def body(self, size: int) -> None:
        """A part of the body."""
        self.body_bytes += size
        self._framing_bytes -= size
