"""Reading JSON that anybody may have written."""

import json
import math
from typing import Any

from newsman.ingest.formats.model import BadDocument
from newsman.ingest.formats.values.charsets import (
    codec_name,
    decode_text,
    is_utf8,
    switches_by_ascii,
)

MAX_COMMAS = 1_000_000
"""15 MB of news have a third of it; that many values of a byte or two take 100 MB to hold."""


def as_utf(body: bytes, charset: str | None) -> bytes:
    """The body in UTF-8, where it is UTF-16 or its Content-Type names an older character set.

    JSON is in UTF-8 (RFC 8259 section 8.1), whatever a server says of all that it sends.
    """
    wide = json.detect_encoding(body)
    if not wide.startswith("utf-8"):
        try:
            return body.decode(wide).encode()
        except UnicodeError:
            return body
    codec = codec_name(charset)
    if codec is None or codec.startswith("utf"):
        return body
    if is_utf8(body) and not switches_by_ascii(codec, body):
        return body
    return decode_text(body, charset=codec).encode("utf-8", "replace")


def read_json(body: bytes, charset: str | None = None) -> Any:
    """The value; raises BadDocument saying where it stops being JSON (RFC 8259)."""
    if body.count(b",") > MAX_COMMAS:
        raise BadDocument(f"not read: more than {MAX_COMMAS} commas; send it in parts")
    try:
        utf = as_utf(body, charset)
        return _DECODER.decode(utf.decode(json.detect_encoding(utf), "surrogatepass"))
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise BadDocument("not read: nested too deeply") from error
    except ValueError as error:
        raise BadDocument(f"not JSON: {error}"[:200]) from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:40]} is larger than any number here")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
