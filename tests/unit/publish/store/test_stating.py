"""Statements of events follow one another, and of a revision there is one."""

import pytest

from newsman.publish.store.stating import with_statements
from newsman.redis.versions import StatedRevision, read_stated
from newsman_schemas.articles import ArticlePublished

KEPT = StatedRevision(3, "third")


def event(revision: int) -> ArticlePublished:
    return ArticlePublished.model_validate(
        {
            "event_id": str(revision),
            "occurred_at": "2026-03-02T12:00:00Z",
            "action": "killed",
            "revision": revision,
            "article_id": "a" * 16,
            "source": "desk",
            "uri": "urn:1",
            "version": 1,
        }
    )


def sign(told: ArticlePublished, before: str | None) -> str:
    return f"{told.revision} after {before}"


def stated(*revisions: int, before: StatedRevision | None = None, by=sign):
    told = with_statements([event(n) for n in revisions], before, by)
    return [each.statement for each in told.events], told


def test_each_statement_follows_the_one_before():
    statements, told = stated(4, 5, before=KEPT)
    assert statements == ["4 after third", "5 after 4 after third"]
    assert told.newest == StatedRevision(5, "5 after 4 after third")
    assert told.fields == {"stated": "5 5 after 4 after third"}
    assert told.replaced == [(3, "third"), (4, "4 after third")]
    assert stated(1)[0] == ["1 after None"]
    assert stated(1)[1].replaced == []


def test_a_revision_that_was_stated_before_keeps_its_statement():
    statements, told = stated(2, 3, before=KEPT)
    assert statements == [None, "third"]
    assert (told.newest, told.fields) == (KEPT, {})
    assert stated(2, 3, 4, before=KEPT)[0] == [None, "third", "4 after third"]


def test_what_cannot_be_signed_goes_without_and_the_next_follows_the_one_before():
    told = stated(4, 5, before=KEPT, by=lambda e, b: None if e.revision == 4 else sign(e, b))
    assert told[0] == [None, "5 after third"]
    assert stated(1, by=lambda *_: None)[0] == [None]


def test_without_a_key_nothing_is_stated():
    statements, told = stated(4, before=KEPT, by=None)
    assert (statements, told.newest, told.fields) == ([None], KEPT, {})


@pytest.mark.parametrize("kept", [KEPT, StatedRevision(12, "a.b.c")])
def test_a_statement_is_read_as_it_was_kept(kept):
    assert read_stated(kept.packed().encode()) == kept
