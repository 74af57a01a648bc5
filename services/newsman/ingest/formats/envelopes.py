"""Envelopes of other formats: CloudEvents 1.0 and multipart/mixed batches."""

import base64
import binascii
import codecs
import json
import quopri
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import pairwise
from typing import Any

from newsman.ingest.formats.content_type import media_type
from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.leftovers import with_shared
from newsman.ingest.formats.model import BadDocument, Draft, FieldProblem, UnknownFormat

ReadPart = Callable[[bytes, str], list[Draft]]
"""Reads a body of a Content-Type into drafts; raises BadDocument or UnknownFormat."""

MULTIPART, CLOUDEVENT, CLOUDEVENTS_BATCH = (
    "multipart/mixed",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)
ENVELOPES = {MULTIPART: "multipart", CLOUDEVENT: "cloudevent", CLOUDEVENTS_BATCH: "cloudevents"}
"""What carries documents of these formats, by its media type."""
MAX_PARTS = 1_000
REQUIRED = ("specversion", "id", "source", "type")
HEADER_PREFIX = "ce-"
_DATA = frozenset({"data", "data_base64"})


def open_envelope(body: bytes, content_type: str, read_part: ReadPart) -> list[Draft]:
    """The drafts of all that an envelope of ENVELOPES carries."""
    kind = media_type(content_type)
    if kind == MULTIPART:
        return read_multipart(body, content_type, read_part)
    if kind == CLOUDEVENTS_BATCH:
        return read_cloudevents_batch(body, read_part)
    return read_cloudevent(body, read_part)


def read_cloudevent(body: bytes, read_part: ReadPart) -> list[Draft]:
    """One event in the structured mode (CloudEvents 1.0, HTTP binding, section 3.2)."""
    return _event(read_json(body), read_part)


def read_cloudevents_batch(body: bytes, read_part: ReadPart) -> list[Draft]:
    """A batch of events (section 3.3); a bad one affects no other."""
    events = read_json(body)
    if not isinstance(events, list) or not events:
        raise BadDocument("a batch is an array of events, and not an empty one")
    return [
        draft
        for number, event in enumerate(events)
        for draft in _placed(_event(event, read_part), f"/{number}")
    ]


def header_attributes(headers: Mapping[str, str]) -> dict[str, str] | None:
    """The attributes of an event in the binary mode (section 3.1); None if it is none."""
    attributes = {
        name.removeprefix(HEADER_PREFIX): value
        for name, value in headers.items()
        if name.startswith(HEADER_PREFIX)
    }
    if "specversion" not in attributes:
        return None
    if problems := _attribute_problems(attributes):
        raise BadDocument("; ".join(f"ce-{p.pointer[1:]}: {p.detail}" for p in problems))
    return attributes


def with_attributes(drafts: Sequence[Draft], attributes: Mapping[str, Any]) -> list[Draft]:
    """The drafts with the attributes of the event that brought them, in `extra`."""
    return with_shared(drafts, "cloudevent", dict(attributes))


def read_multipart(body: bytes, content_type: str, read_part: ReadPart) -> list[Draft]:
    """Every part by its own Content-Type (RFC 2046 section 5.1.3); a bad one affects no other."""
    drafts = [
        draft
        for number, (headers, content) in enumerate(_parts(body, _boundary(content_type)))
        for draft in _placed(
            _attempt(content, str(headers.get("Content-Type", "")), read_part), f"/{number}"
        )
    ]
    if not drafts:
        raise BadDocument("there is no part in it")
    return drafts


def _placed(drafts: list[Draft], base: str) -> list[Draft]:
    return [replace(draft, base=base + draft.base) for draft in drafts]


def _attempt(body: bytes, kind: str, read_part: ReadPart) -> list[Draft]:
    """The drafts of a part; if it can't be read, one that states the problem."""
    try:
        drafts = read_part(body, kind)
    except (BadDocument, UnknownFormat) as error:
        return [Draft({}, problems=(FieldProblem("", str(error)),))]
    if len(drafts) == 1:
        return drafts
    return [replace(draft, base=f"/{index}") for index, draft in enumerate(drafts)]


def _event(event: Any, read_part: ReadPart) -> list[Draft]:
    if not isinstance(event, dict):
        return [Draft({}, problems=(FieldProblem("", "an event is a JSON object"),))]
    attributes = {name: value for name, value in event.items() if name not in _DATA}
    if problems := _attribute_problems(attributes):
        return [Draft({}, problems=tuple(problems))]
    kind = attributes.get("datacontenttype", "application/json")
    if not isinstance(kind, str):
        return [Draft({}, problems=(FieldProblem("/datacontenttype", "must be a string"),))]
    if not _DATA & event.keys():
        return [Draft({}, problems=(FieldProblem("/data", "an event without data tells nothing"),))]
    try:
        data = _data(event, kind)
    except BadDocument as error:
        return [Draft({}, problems=(FieldProblem("/data_base64", str(error)),))]
    return _placed(with_attributes(_attempt(data, kind, read_part), attributes), "/data")


def _attribute_problems(attributes: Mapping[str, Any]) -> list[FieldProblem]:
    problems = [
        FieldProblem(f"/{name}", "a CloudEvents attribute that must be there, as a string")
        for name in REQUIRED
        if not isinstance(attributes.get(name), str) or not attributes[name]
    ]
    if not problems and attributes["specversion"] != "1.0":
        problems.append(FieldProblem("/specversion", "CloudEvents 1.0 is read here"))
    return problems


def _data(event: dict[str, Any], kind: str) -> bytes:
    if "data_base64" in event:
        try:
            return base64.b64decode(str(event["data_base64"]), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadDocument("data_base64 is not base64") from error
    data = event["data"]
    is_json = "json" in kind.lower()
    if isinstance(data, str) and not is_json:
        # The byte order mark overrules the encoding named by the text or its media type.
        return codecs.BOM_UTF8 + data.encode("utf-8", "replace")
    return json.dumps(data).encode()


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary()
    if not boundary or len(boundary) > 70:
        raise BadDocument("multipart needs a boundary of at most 70 characters")
    return boundary.encode("latin-1", "replace")


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[Message, bytes]]:
    pattern = rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)"
    marks = list(re.finditer(pattern, body))
    if len(marks) > MAX_PARTS + 1:
        raise BadDocument(f"more than {MAX_PARTS} parts")
    if not marks or marks[-1].group(1) is None:
        raise BadDocument("the multipart body has no closing boundary")
    for mark, following in pairwise(marks):
        if mark.group(1) is None:
            yield _part(body[mark.end() : following.start()])


def _part(part: bytes) -> tuple[Message, bytes]:
    if part.startswith((b"\n", b"\r\n")):
        return Message(), part.lstrip(b"\r\n")
    head, content = (re.split(rb"\r?\n\r?\n", part, maxsplit=1) + [b""])[:2]
    headers = BytesHeaderParser().parsebytes(head + b"\n\n")
    coding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    if coding == "base64":
        content = base64.b64decode(content, validate=False) if _is_base64(content) else content
    elif coding == "quoted-printable":
        content = quopri.decodestring(content)
    return headers, content


def _is_base64(content: bytes) -> bool:
    try:
        base64.b64decode(content, validate=False)
    except (binascii.Error, ValueError):
        return False
    return True
