"""The check of statements: signatures, the chain that they form, the content they vouch for. Pure.

What is found is said in words, for pages and for the command alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature

from newsman.provenance.canonical_json import NotCanonical
from newsman.provenance.content import PROFILE, content_digest_of, covered
from newsman.provenance.keys import KeySet
from newsman.provenance.statements import (
    MalformedStatement,
    SignedStatement,
    Statement,
    read_statement,
    statement_digest,
)

Code = Literal[
    "malformed", "unknown-key", "bad-signature", "expired-key", "revoked-key", "other-article",
    "broken-link", "missing-before", "wrong-order", "content-differs", "unknown-profile",
    "no-content", "not-stated",
]  # fmt: skip


@dataclass(frozen=True)
class ProvenanceFault:
    """Something that is not as it should be."""

    code: Code
    detail: str


@dataclass(frozen=True)
class CheckedStatement:
    """A statement and what is wrong with it; `claims` is None where it can't be read."""

    text: str
    claims: Statement | None
    key_id: str | None
    findings: tuple[ProvenanceFault, ...] = ()


@dataclass(frozen=True)
class ProvenanceReport:
    """Statements about an article, the oldest first, and if the content is the one that the last
    of them vouches for: None where there was none to compare."""

    statements: tuple[CheckedStatement, ...]
    content_matches: bool | None = None
    content_findings: tuple[ProvenanceFault, ...] = ()

    @property
    def findings(self) -> tuple[ProvenanceFault, ...]:
        """Everything that is wrong."""
        of_statements = (finding for one in self.statements for finding in one.findings)
        return (*of_statements, *self.content_findings)

    @property
    def holds(self) -> bool:
        """True if nothing is wrong."""
        return bool(self.statements) and not self.findings

    @property
    def last(self) -> Statement | None:
        """The claims of the last statement."""
        return self.statements[-1].claims if self.statements else None


def check(
    statements: Sequence[str],
    keys: KeySet,
    document: Mapping[str, Any] | None = None,
    *,
    article_id: str | None = None,
    revision: int | None = None,
    is_whole: bool = True,
) -> ProvenanceReport:
    """Checks the statements about an article, the oldest first, and the article's JSON against
    the last, `revision` being that which it is of.

    Unless they are all that there are, the first may follow one that is not there.
    """
    checked = tuple(_checked(statements, keys, article_id, is_whole=is_whole))
    last = checked[-1].claims if checked else None
    if last is None:
        return ProvenanceReport(checked)
    if revision is not None and revision > last.revision:
        detail = f"Nothing was signed of its newest revision, which is {revision}."
        return ProvenanceReport(checked, None, (ProvenanceFault("not-stated", detail),))
    if document is None:
        return ProvenanceReport(checked)
    found = _of_content(document, last)
    return ProvenanceReport(checked, not found, found)


def _checked(
    statements: Sequence[str], keys: KeySet, article_id: str | None, *, is_whole: bool
) -> Iterator[CheckedStatement]:
    before: CheckedStatement | None = None
    for text in statements:
        try:
            read = read_statement(text)
        except MalformedStatement as error:
            detail = f"This is no statement: {error}."
            yield CheckedStatement(text, None, None, (ProvenanceFault("malformed", detail),))
            continue
        article_id = article_id or read.claims.sub
        link = (
            [ProvenanceFault("other-article", "It is about another article.")]
            if read.claims.sub != article_id
            else _of_link(read.claims, before, is_whole=is_whole)
        )
        found = (*_of_signature(read, keys), *link)
        before = CheckedStatement(text, read.claims, read.key_id, found)
        yield before


def _of_signature(read: SignedStatement, keys: KeySet) -> Iterator[ProvenanceFault]:
    key = keys.get(read.key_id)
    if key is None:
        yield ProvenanceFault(
            "unknown-key", f"It names a key that the site does not have: {read.key_id}."
        )
        return
    try:
        key.public.verify(read.signature, read.signed)
    except InvalidSignature:
        detail = "The signature does not fit: the statement was changed after it was signed."
        yield ProvenanceFault("bad-signature", detail)
        return
    if key.revoked_at is not None:
        detail = f"Its key was revoked on {_day(key.revoked_at)}: anybody may have signed it."
        yield ProvenanceFault("revoked-key", detail)
    elif key.expires_at is not None and read.claims.iat > key.expires_at.timestamp():
        detail = f"It is dated after its key expired, which was on {_day(key.expires_at)}."
        yield ProvenanceFault("expired-key", detail)


def _of_link(
    claims: Statement, before: CheckedStatement | None, *, is_whole: bool
) -> Iterator[ProvenanceFault]:
    if before is None or before.claims is None:
        if claims.previous is not None and is_whole:
            yield ProvenanceFault("missing-before", "The statement that it follows is missing.")
        return
    if claims.revision <= before.claims.revision:
        yield ProvenanceFault("wrong-order", "Its revision is not above that of the one before.")
    elif claims.previous != statement_digest(before.text):
        detail = "It does not follow the statement before: one was changed, or taken out."
        yield ProvenanceFault("broken-link", detail)


def _of_content(document: Mapping[str, Any], last: Statement) -> tuple[ProvenanceFault, ...]:
    if last.content is None:
        detail = f"The statement says that the article was {last.action}, and here is its text."
        return (ProvenanceFault("no-content", detail),)
    if last.profile != PROFILE:
        detail = f"It vouches for content by a rule that is not known here: {last.profile}."
        return (ProvenanceFault("unknown-profile", detail),)
    try:
        is_the_same = content_digest_of(covered(document)) == last.content
    except (NotCanonical, RecursionError):
        is_the_same = False
    if is_the_same:
        return ()
    detail = "The content is not the one that was published: it was changed after it was signed."
    return (ProvenanceFault("content-differs", detail),)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def in_words(report: ProvenanceReport, keys_of: str | None = None) -> str:
    """The result of the check, in a sentence or two; `keys_of` is the site whose keys were taken,
    if they are those of one."""
    last = report.last
    if not report.holds:
        faults = len(report.findings)
        return f"The check found {faults} {'fault' if faults == 1 else 'faults'}. " + " ".join(
            dict.fromkeys(finding.detail for finding in report.findings)
        )
    assert last is not None, "statements that hold were read"
    issuers = dict.fromkeys(one.claims.iss for one in report.statements if one.claims)
    parts = [_of_statements(len(report.statements), list(issuers), keys_of)]
    if report.content_matches:
        parts.append("The content is exactly what was published.")
    if last.action in ("killed", "withdrawn"):
        parts.append(f"The last says that the article was {last.action}.")
    return " ".join(parts)


def _of_statements(number: int, sites: Sequence[str], keys_of: str | None) -> str:
    named = " and ".join(sites)
    signer = f"by {named}" if keys_of in (None, *sites) else f"by {keys_of} in the name of {named}"
    if number == 1:
        return f"The statement is signed {signer}."
    return f"All {number} statements are signed {signer}, and each follows the one before."
