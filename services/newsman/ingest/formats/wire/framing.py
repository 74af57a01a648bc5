"""Messages of a wire: SOH, header, STX, text, ETX, trailer, EOT, and the noise between them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.values.charsets import decode_text
from newsman.ingest.formats.wire.national import national_text

SOH, STX, ETX, EOT, US = "\x01", "\x02", "\x03", "\x04", "\x1f"
FILLERS = b"\0\x7f\x16"
"""NUL, DEL and SYN: sent by an idle line."""
NOT_A_HEADER = "the first line is no header of a message"
CUT_SHORT = "the message is cut short: neither ETX nor a date ends it"
MAX_MESSAGES = 1_000
MAX_LOST_HEADER = 1_000
_BLANK = b" \t\r\n"
_NAMED = re.compile(rb"\x01[A-Za-z&-]{0,12}\d{1,8}[ \x1f\r\n-]")
_INSTRUCTION = re.compile(r"\x0c[^\x0b\n\x0c]{0,200}\x0b")
_SPACES = re.compile(r"[\x10\x11-\x14\x1c-\x1e\xa0]")
_NO_SIGN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class WireMessage:
    """One message; `is_whole` is false where it breaks off before its end."""

    header: str
    text: str
    trailer: str
    is_whole: bool

    @property
    def header_lines(self) -> list[str]:
        """The lines of the header that are not empty."""
        return [line.strip() for line in self.header.split("\n") if line.strip()]


def is_wire(body: bytes) -> bool:
    """True if the body begins like a wire message, after any line noise."""
    start = body[:4_000].lstrip(FILLERS + _BLANK)
    return start.startswith(SOH.encode()) or _NAMED.search(start) is not None


Header = TypeVar("Header")


def read_drafts(
    body: bytes,
    defaults: Defaults,
    read_header: Callable[[Sequence[str]], Header | None],
    drafts_of: Callable[[WireMessage, Header, Defaults], list[Draft]],
) -> list[Draft]:
    """The drafts of all messages, using a format's way of reading headers and making drafts;
    raises BadDocument where there are no messages or too many."""
    drafts: list[Draft] = []
    for message in _messages(body, defaults):
        header = read_header(message.header_lines)
        if header is None:
            drafts.append(refused("/header", NOT_A_HEADER))
        elif not message.is_whole:
            drafts.append(refused("/text", CUT_SHORT))
        else:
            drafts += drafts_of(message, header, defaults)
    return drafts


def refused(pointer: str, detail: str) -> Draft:
    """The draft of a message that can't be taken, with the reason."""
    return Draft({}, problems=(FieldProblem(pointer, detail),))


def _messages(body: bytes, defaults: Defaults) -> list[WireMessage]:
    text = decode_text(body.translate(None, FILLERS), charset=_charset(defaults))
    text = national_text(text, charset=defaults.charset, language=defaults.language)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = text.split(SOH)
    # Anything before the first message is line noise, unless there is nothing else.
    heads = pieces[1:] if len(pieces) > 1 else pieces
    pieces = [piece for piece in heads if piece.strip(f" \n\t{EOT}{ETX}{STX}")]
    if not pieces:
        raise BadDocument("there is no message in it")
    if len(pieces) > MAX_MESSAGES:
        raise BadDocument(f"more than {MAX_MESSAGES} messages")
    return [_message(piece) for piece in pieces]


def plain_line(line: str) -> str:
    """The line without typesetting controls."""
    return _NO_SIGN.sub("", _SPACES.sub(" ", _INSTRUCTION.sub("", line))).rstrip()


def _charset(defaults: Defaults) -> str | None:
    """The request's charset, if it names more than a variant of ASCII."""
    label = defaults.charset or ""
    return None if label.lower().startswith(("iso646", "din_66003", "iso-ir-")) else label or None


def _message(piece: str) -> WireMessage:
    header, begins, rest = piece.partition(STX)
    if not begins:
        header, rest = _without_start(piece)
    text, ends, trailer = rest.partition(ETX)
    if not ends:
        text, ends, trailer = rest.partition(EOT)
        text, trailer = _dated_end(text, trailer)
    return WireMessage(header, text, trailer.partition(EOT)[0], bool(ends or trailer))


def _without_start(piece: str) -> tuple[str, str]:
    """Header and text where STX was lost: the header is the first line and keywords, `a/b/`."""
    header, _, text = piece.lstrip("\n").partition("\n")
    while text.startswith("\n") or text[:200].partition("\n")[0].rstrip().endswith("/"):
        line, _, text = text.partition("\n")
        header = f"{header}\n{line}"
        if len(header) > MAX_LOST_HEADER:
            break
    return header, text


_DATED = re.compile(r"(?:\d{6} ?[A-Z]{0,5} ?[A-Za-z]{3,9}\.? ?\d{0,4}|\d{4} ?[A-Z]{2,4}<?)$")


def _dated_end(text: str, trailer: str) -> tuple[str, str]:
    """The text without a date on its last line, the end of a message whose ETX was lost."""
    before, _, last = text.rstrip().rpartition("\n")
    if len(last) < 60 and _DATED.search(last.strip()):
        return before, f"{last}\n{trailer}"
    return text, trailer
