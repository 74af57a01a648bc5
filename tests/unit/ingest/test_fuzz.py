"""Ten thousand damaged documents of every format: read, or refused with a reason, in time."""

import base64
import contextlib
import gc
import importlib.util
import os
import random
import re
import time
import traceback
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsman.ingest.formats.envelopes import ENVELOPES, MULTIPART, header_attributes
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.formats.table import FORMATS
from newsman.ingest.openapi.document import document
from newsman.ingest.pushes import parse
from newsman.web.openapi.page import _pretty as as_text

BOUNDARY = "batch"
CASES = 10_000
SLOW_SECONDS = 1.0
MAX_SEED_BYTES = 64 * 1024
SAMPLES = (
    Path(__file__).resolve().parents[3] / "services" / "newsman" / "tools" / "local" / "samples"
)
DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 2, tzinfo=UTC))
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
DICTIONARY = [
    b"\x00", b"\xff", b"\xc3", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800",
    b"\\u0000", b"NaN", b"1e999", b"-1", b"9" * 400, b"null", b"true", b"{", b"[", b"[" * 200,
    b'{"a":' * 60, b"<", b"]]>", b"<![CDATA[", b"&#0;", b"&#xD800;", b"&amp;", b"&x;", b"\r",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b'<?xml version="1.0" encoding="utf-16"?>', b"\n\n", b"%",
    b'encoding="ebcdic-cp-be"', b"--" + BOUNDARY.encode(), b"charset=utf-7", b"x" * 5_000,
    b"2026-02-30T25:61:00Z", b"0000-00-00", b"9999-12-31T23:59:59-23:59", b"../",
    b"javascript:alert(1)", b"http://[::1", "\u202e\u200b\ufeff".encode(),
]  # fmt: skip


def seed_bodies(shared):
    """Every sample there is: (Content-Type, body)."""
    seeds = [(None, body) for body in _any_bytes_seeds()]
    bodies = document()["paths"]["/v1/articles"]["post"]["requestBody"]["content"]
    for kind, part in bodies.items():
        seeds += [(kind, as_text(found["value"]).encode()) for found in part["examples"].values()]
    paths = [*SAMPLES.iterdir(), *(shared.rglob("*") if shared else ())]
    files = [path for path in sorted(paths) if path.is_file()]
    seeds += [(None, path.read_bytes()[:MAX_SEED_BYTES]) for path in files]
    return seeds


def _any_bytes_seeds():
    path = Path(__file__).parent / "formats" / "test_any_bytes.py"
    spec = importlib.util.spec_from_file_location("any_bytes", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SEEDS


def flip(chance, body, _):
    damaged = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(chance, body, _):
    at = chance.randrange(len(body))
    return body[:at] + body[at + chance.randint(1, 1 + len(body) // 2) :]


def cut_short(chance, body, _):
    return body[: chance.randrange(len(body))]


def splice(chance, body, _):
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice(DICTIONARY) + body[at:]


def overwrite(chance, body, _):
    at, told = chance.randrange(len(body)), chance.choice(DICTIONARY)
    return body[:at] + told + body[at + len(told) :]


def duplicate(chance, body, _):
    start = chance.randrange(len(body))
    part = body[start : start + chance.randint(1, 400)]
    return body[:start] + part * chance.randint(2, 20) + body[start:]


def cross(chance, body, other):
    """The beginning of one and the end of another."""
    return body[: chance.randrange(len(body))] + other[chance.randrange(len(other)) :]


def insert(chance, body, other):
    """A piece of one within another."""
    start, at = chance.randrange(len(other)), chance.randrange(len(body))
    return body[:at] + other[start : start + chance.randint(1, 400)] + body[at:]


def recode(chance, body, _):
    text = body.decode("utf-8", "replace")
    return text.encode(chance.choice(["utf-16", "utf-32", "latin-1", "utf-7"]), "replace")


MUTATIONS = (flip, cut, cut_short, splice, overwrite, duplicate, cross, insert, recode)
KINDS = [
    *(kind for found in FORMATS.values() for kind in found.media_types), *ENVELOPES,
    "", "text/xml", "application/xml", "application/octet-stream", "image/png", "a/b/c;;=",
]  # fmt: skip
CHARSETS = [
    "",
    "",
    "",
    "; charset=utf-8",
    "; charset=nonsense",
    "; charset=utf-16",
    "; charset=\x00",
]


def damage(chance, seeds):
    """One case: a body, and how it is pushed."""
    kind, body = chance.choice(seeds)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        other = chance.choice(seeds)[1]
        body = chance.choice(MUTATIONS)(chance, body or b"{}", other or b"{}")
    if kind is None or chance.random() < 0.15:
        kind = chance.choice(KINDS)
    name = chance.choice(list(FORMATS)) if chance.random() < 0.15 else None
    pushed_as = kind + chance.choice(CHARSETS)
    if kind == MULTIPART and chance.random() < 0.9:
        pushed_as = f"{kind}; boundary={BOUNDARY}"
    event = {"ce-specversion": chance.choice(["1.0", "2"]), "ce-id": "\xe9", "ce-source": "/",
             "ce-type": chance.choice(["t", ""])}  # fmt: skip
    return body, pushed_as, name, event if chance.random() < 0.05 else {}


def read(body, content_type, name, headers):
    """Does what ingest does with a push, but for the log."""
    try:
        document = parse(
            body,
            content_type=content_type,
            format_name=name,
            defaults=DEFAULTS,
            event_attributes=header_attributes(headers),
        )
    except (BadDocument, UnknownFormat) as error:
        return "refused" if str(error) else "refused without a reason"
    for item in document.items:
        assert item.is_bad == bool(item.problems)
        assert all(found.detail for found in item.problems)
        if item.article:
            assert not UNSAFE.search(item.article.headline + item.article.body_text)
        told = item.article or item.agenda
        if told:
            told.model_dump_json()
    return "bad" if any(item.is_bad for item in document.items) else "read"


@pytest.fixture(scope="module")
def seeds(request):
    try:
        shared = request.getfixturevalue("shared_data")
    except pytest.skip.Exception:
        shared = None  # less to damage, but enough
    return seed_bodies(shared)


def test_damaged_documents_are_read_or_refused_with_a_reason_in_time(seeds):
    seed = int(os.environ.get("NEWSMAN_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
    print(f"NEWSMAN_FUZZ_SEED={seed} repeats this run")
    chance = random.Random(seed)
    failures, outcomes = {}, defaultdict(int)
    for number in range(CASES):
        case = damage(chance, seeds)
        begun = time.process_time()
        try:
            outcomes[read(*case)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            failures.setdefault((type(error).__name__, where.name), told(number, case, error))
        if time.process_time() - begun > SLOW_SECONDS and is_slow(*case):
            failures.setdefault(("slow", case[2] or case[1]), told(number, case, "took too long"))
    print(dict(outcomes))
    assert not failures, "\n".join([f"NEWSMAN_FUZZ_SEED={seed}", *failures.values()])
    assert set(outcomes) == {"read", "bad", "refused"}
    assert min(outcomes["read"], outcomes["bad"], outcomes["refused"]) > CASES / 100


def is_slow(*case):
    """True if it is slow again, when the process does nothing else and collects no garbage."""
    gc.collect()
    begun = time.process_time()
    with contextlib.suppress(Exception):
        read(*case)
    return time.process_time() - begun > SLOW_SECONDS


def told(number, case, error):
    body, *pushed = case
    return f"case {number}: {error!r} at {pushed}, body {base64.b85encode(body[:2_000])!r}"
