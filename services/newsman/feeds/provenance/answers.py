"""Answers on the statements about an article: their check, in JSON and in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsman.feeds.models import ProvenanceAnswer, StatementFinding, ToldStatement
from newsman.outputs.listing import Site
from newsman.provenance.content import covered_of
from newsman.provenance.keys import KEYS_PATH, KeySet
from newsman.provenance.verification import (
    CheckedStatement,
    ProvenanceFault,
    ProvenanceReport,
    check,
    in_words,
)
from newsman.redis.articles import Gone, StoredArticle

MOST_STATEMENTS = 500
"""Of an article with more the newest are checked and shown."""


@dataclass(frozen=True)
class CheckedProvenance:
    """The statements about an article, checked; `earlier` counts those that were not looked at."""

    found: StoredArticle | Gone
    report: ProvenanceReport
    earlier: int

    @property
    def stored(self) -> StoredArticle | None:
        """The article; None where readers may not see it any more."""
        return None if isinstance(self.found, Gone) else self.found

    @property
    def article_id(self) -> str:
        """The article's id."""
        return _id_of(self.found)

    @property
    def words(self) -> str:
        """The result of the check in words."""
        return in_words(self.report)


def checked(
    found: StoredArticle | Gone, statements: Sequence[str], keys: KeySet
) -> CheckedProvenance:
    """Checks an article's statements, and what stands there of it against the last."""
    newest = statements[-MOST_STATEMENTS:]
    earlier = len(statements) - len(newest)
    report = check(
        newest,
        keys,
        None if isinstance(found, Gone) else covered_of(found.article),
        article_id=_id_of(found),
        revision=found.revision,
        is_whole=not earlier,
    )
    return CheckedProvenance(found, report, earlier)


def answer(found: CheckedProvenance, site: Site) -> ProvenanceAnswer:
    """The check as the API tells it; with all that `newsman verify` needs to repeat it."""
    return ProvenanceAnswer(
        id=found.article_id,
        revision=found.found.revision,
        holds=found.report.holds,
        summary=found.words,
        keys=f"{site.url}{KEYS_PATH}",
        article=covered_of(found.stored.article) if found.stored else None,
        content_findings=tuple(map(_finding, found.report.content_findings)),
        earlier=found.earlier,
        statements=tuple(map(_told, found.report.statements)),
    )


def _id_of(found: StoredArticle | Gone) -> str:
    return found.article_id if isinstance(found, Gone) else found.article.id


def _told(one: CheckedStatement) -> ToldStatement:
    claims = one.claims.model_dump(exclude={"iss", "sub", "iat"}) if one.claims else {}
    return ToldStatement(
        statement=one.text,
        key=one.key_id,
        at=one.claims.stated_at if one.claims else None,
        findings=tuple(map(_finding, one.findings)),
        **claims,
    )


def _finding(found: ProvenanceFault) -> StatementFinding:
    return StatementFinding(code=found.code, detail=found.detail)
