"""`newsman verify FILE|URL`: whether a site's statements about an article hold."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from newsman.provenance.keys import KEYS_PATH, BadKeys, KeySet, read_key_set
from newsman.provenance.verification import CheckedStatement, ProvenanceReport, check, in_words
from newsman.runtime.settings_error import SettingsError
from newsman.terminal.endings import CommandFailed
from newsman.terminal.output import show
from newsman.terminal.tables import cell
from newsman.tools.provenance.documents import Evidence, NothingToVerify, addresses, evidence_in
from newsman.tools.provenance.provenance_command import KEYS_VARIABLE
from newsman.tools.push.connections import failure_text, open_pool, read_body, request

FAULTY = 3
"""Exit status where the check found a fault."""
MOST_BYTES = 32 * 1024 * 1024
WIDEST = 2_000


def run(arguments: argparse.Namespace) -> int:
    """Tells what the check found; 3 where it found a fault."""
    source, site_keys = _places(arguments.what)
    keys_at = arguments.keys or site_keys or os.environ.get(KEYS_VARIABLE)
    if not keys_at:
        raise SettingsError(f"by which keys? --keys FILE|URL, or {KEYS_VARIABLE}")
    evidence, keys = _evidence(source), _keys(keys_at)
    report = check(
        evidence.statements,
        keys,
        evidence.article,
        article_id=evidence.article_id,
        revision=evidence.revision,
        is_whole=evidence.is_whole,
    )
    words = in_words(report, _site_of(keys_at))
    show(arguments, _document(report, keys_at, words), _text(report, evidence, words))
    return 0 if report.holds else FAULTY


def _places(what: str) -> tuple[str, str | None]:
    """Where the evidence is, and where the keys of its site are."""
    if not _is_address(what):
        return what, None
    try:
        return addresses(what)
    except ValueError as error:
        raise CommandFailed(f"{what} is no address: {error}") from error


def _site_of(keys_at: str) -> str | None:
    """The site whose keys are at an address; None of a file."""
    return keys_at.removesuffix(KEYS_PATH) if _is_address(keys_at) else None


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _evidence(source: str) -> Evidence:
    try:
        return evidence_in(_read(source))
    except NothingToVerify as problem:
        raise CommandFailed(f"{source}: {problem}") from problem


def _keys(source: str) -> KeySet:
    try:
        keys = read_key_set(_read(source), name=source)
    except BadKeys as problem:
        raise CommandFailed(str(problem)) from problem
    if not keys:
        raise CommandFailed(f"{source} holds no Ed25519 key")
    return keys


def _read(source: str) -> bytes:
    """The bytes of a file, of standard input or at an address; raises CommandFailed."""
    if _is_address(source):
        return _fetched(source)
    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            raw: bytes = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandFailed(f"{source} cannot be read: {error.strerror}") from error
    if len(raw) > MOST_BYTES:
        raise CommandFailed(f"{source} is larger than {MOST_BYTES} bytes")
    return raw


def _fetched(url: str) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        pool = open_pool(parts)
        answer = request(pool, "GET", target, {"Accept": "application/json"})
        body = read_body(answer, MOST_BYTES)
    except (HTTPError, ValueError) as error:
        raise CommandFailed(f"{url}: {failure_text(error)}") from error
    if answer.status != 200:
        raise CommandFailed(f"{url} answers {answer.status}{_reason(body)}")
    return body


def _reason(body: bytes) -> str:
    """The reason in a problem document (RFC 9457), where the answer is one."""
    try:
        detail = json.loads(body).get("detail")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return f": {cell(detail, widest=WIDEST)}" if isinstance(detail, str) else ""


def _document(report: ProvenanceReport, keys: str, words: str) -> dict[str, Any]:
    return {
        "holds": report.holds,
        "summary": words,
        "content": report.content_matches,
        "keys": keys,
        "findings": [asdict(one) for one in report.content_findings],
        "statements": [_told(one) for one in report.statements],
    }


def _told(one: CheckedStatement) -> dict[str, Any]:
    claims = one.claims.model_dump(exclude_none=True) if one.claims else {}
    findings = [asdict(found) for found in one.findings]
    return {**claims, "key": one.key_id, "findings": findings}


def _text(report: ProvenanceReport, evidence: Evidence, words: str) -> str:
    lines = [_line(one) for one in report.statements]
    first = report.statements[0].claims
    if first is not None and first.previous and not evidence.is_whole:
        lines.append("the statement that the first of them follows is not in it")
    if evidence.article is None:
        lines.append("no content is in it to compare")
    return "\n".join([*lines, "", cell(words, widest=WIDEST)])


def _line(one: CheckedStatement) -> str:
    faults = "; ".join(found.detail for found in one.findings) or "holds"
    if one.claims is None:
        return faults
    claims = one.claims
    at, subject = f"{claims.stated_at:%Y-%m-%d %H:%M:%S}", f"{claims.sub} version {claims.version}"
    return cell(f"{at}  {subject} {claims.action} by {claims.iss}  {faults}", widest=WIDEST)
