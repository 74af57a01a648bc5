"""The arguments of write.lua for what the gate decides."""

import json
from datetime import UTC, datetime, timedelta

from newsman.publish.core import accept, reconsider
from newsman.publish.state import State
from newsman.publish.store.records import StoredState
from newsman.publish.store.writing import WriteArguments, writing
from newsman.redis.versions import inflated, read_document
from newsman_schemas.articles import (
    ArticleEnriched,
    EnrichedArticle,
    Enrichment,
    PubStatus,
    article_id,
    content_digest,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = NOON + 9 * HOUR


def version(number: int, **changes: object) -> ArticleEnriched:
    fields = {
        "id": article_id("desk", "urn:story"),
        "source": "desk",
        "uri": "urn:story",
        "version": number,
        "version_created": NOON + number * HOUR,
        "headline": f"Harbour reopens, take {number}",
        "slug": "harbour-reopens",
        "section": "Trade",
        "enrichment": Enrichment(status="done", method="rules 1", duration_ms=3.0),
    }
    article = EnrichedArticle.model_validate({**fields, **changes})
    at = article.version_created
    return ArticleEnriched(event_id=content_digest(article), occurred_at=at, article=article)


def written(*events: ArticleEnriched, before: StoredState | None = None) -> WriteArguments:
    """What is written of the last of the events, those before it written and still pending."""
    stored = before or StoredState(State(), children={})
    for event in events:
        write = writing(stored, accept(stored.state, event, now=NOW))
        stored = write.after
    return write


def runs(write: WriteArguments) -> list[list[object]]:
    """The six runs of arguments that come with their lengths, and the stages after them."""
    left, found = list(write.arguments[1:]), []
    for _ in range(6):
        length, left = left[0], left[1:]
        found.append(left[:length])
        left = left[length:]
    return [*found, left]


def fields(write: WriteArguments) -> dict[str, str]:
    pairs = runs(write)[0]
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def test_a_first_version_is_written_with_its_terms_and_its_event():
    write = written(version(1))
    absent, rewritten, sent, older, stated, stages = runs(write)[1:]
    assert write.arguments[0] == 0  # the token of the state that it was decided on
    assert json.loads(read_document(fields(write)["doc"]))["headline"] == "Harbour reopens, take 1"
    assert json.loads(fields(write)["terms"]) == ["latest", "section:trade"]
    assert {"head", "kill", "gone_at", "gone", "stale_terms"} <= set(absent)
    assert (rewritten, older, stated) == ([], [], [])
    assert sent[0] == 1  # the revision; readers' text is stored once, in `doc`
    assert "article" not in json.loads(sent[1])
    assert [json.loads(stage)["stage"] for stage in stages] == ["published"]


def test_all_fields_are_either_written_or_removed():
    write = written(version(1))
    assert not set(fields(write)) & set(runs(write)[1])
    assert len(fields(write)) + len(runs(write)[1]) == 18


def test_an_update_keeps_the_version_before_and_writes_pending_events_whole():
    write = written(version(1), version(2, section="Politics"))
    _, _, rewritten, sent, older, _, _ = runs(write)
    assert write.arguments[0] == 1
    assert json.loads(fields(write)["stale_terms"]) == ["section:trade"]
    assert rewritten[0] == 1
    assert json.loads(rewritten[1])["article"]["headline"] == "Harbour reopens, take 1"
    assert sent[0] == 2
    assert older[0] == version(1).event_id
    assert inflated(older[1]).version == 1


def test_pending_events_stay_as_they_are_while_readers_see_the_same_text():
    # The kill is of an older version, so that readers keep what they see.
    write = written(version(2), version(1, pubstatus=PubStatus.CANCELED))
    assert fields(write)["status"] == "published"
    assert runs(write)[2] == []


def test_a_kill_removes_what_readers_see_and_all_its_terms():
    write = written(version(1), version(1, pubstatus=PubStatus.CANCELED))
    assert "doc" in runs(write)[1]
    assert json.loads(fields(write)["terms"]) == []
    assert json.loads(fields(write)["stale_terms"]) == ["latest", "section:trade"]
    assert json.loads(fields(write)["gone"])["action"] == "killed"


def test_what_readers_saw_in_between_leaves_its_terms_behind():
    brief = version(
        1,
        section="Sports",
        embargoed_until=NOON + 2 * HOUR,
        expires_at=NOON + 3 * HOUR,
    )
    held = written(brief).after
    write = writing(held, reconsider(held.state, now=NOW))
    assert [article.section for article in write.between] == ["Sports"]
    assert json.loads(fields(write)["stale_terms"]) == ["latest", "section:sports"]


def test_the_state_afterwards_is_that_of_the_next_decision():
    write = written(version(1), version(2))
    assert write.after.state.token == 2
    assert write.after.terms == ("latest", "section:trade")
    assert [event.event.revision for event in write.after.pending] == [1, 2]
    assert write.after.older == 1
    assert write.after.named == {
        "latest": ("Latest", "list"),
        "section:trade": ("Trade", "section"),
    }
