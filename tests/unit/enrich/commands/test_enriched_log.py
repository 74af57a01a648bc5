"""The newest version of each article is what the gate takes for it, kills and all."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from newsman.enrich import core
from newsman.enrich.commands.enriched_log import newest_of
from newsman_schemas.articles import ArticleEnriched, PubStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def version(story):
    def version(number: int, minutes: int = 0, **fields) -> ArticleEnriched:
        created = NOON + minutes * MINUTE
        received = story("Head", "Body.", version=number, version_created=created, **fields)
        article = core.unenriched(received, failed=True, detail="d", method="m", duration_ms=1)
        return ArticleEnriched(
            event_id=f"{number}-{minutes}-{article.pubstatus}", occurred_at=NOON, article=article
        )

    return version


@pytest.fixture
def kill(version):
    def kill(number: int, minutes: int = 0) -> ArticleEnriched:
        return version(number, minutes, pubstatus=PubStatus.CANCELED)

    return kill


def newest(*events: ArticleEnriched) -> list[list[int]]:
    """The versions that are the newest, in every order of the events."""
    return [
        [event.article.version for event in newest_of(some, lambda _: True)]
        for some in permutations(events)
    ]


def test_the_newest_version_comes_whatever_the_order(version):
    assert newest(version(1), version(2), version(2, 1)) == [[2]] * 6


def test_a_kill_that_names_no_version_reaches_what_was_made_before_it(version, kill):
    assert newest(version(5), kill(1, 1)) == [[], []]


def test_what_was_made_after_a_kill_lives(version, kill):
    assert newest(kill(1), version(2, 1)) == [[2], [2]]


def test_an_older_version_does_not_come_because_the_newest_is_not_wanted(version):
    events = (version(1), version(2))
    assert list(newest_of(events, lambda event: event.article.version == 1)) == []
