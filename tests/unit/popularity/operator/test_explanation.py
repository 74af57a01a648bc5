"""The explanation of an article's numbers, as an operator reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsman.popularity.operator.explanation import Explanation
from newsman.rankings.core import NO_EDIT, RankingRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def explanation() -> Explanation:
    """Two views by one reader ten minutes ago, one by another three hours ago."""
    at = int(NOON.timestamp())
    explained = Explanation("abc", NOON)
    explained.counted += [(at - 600, "ann"), (at - 590, "ann"), (at - 3 * 3_600, "bob")]
    explained.verdicts.update(counted=3, duplicate=2)
    return explained


def window_lines(explanation: Explanation) -> dict[str, str]:
    lines = (line.split(maxsplit=1) for line in explanation.lines() if line.startswith("  "))
    return dict(lines)


def test_the_first_lines_say_which_article_and_what_the_log_holds(explanation):
    assert list(explanation.lines())[:2] == [
        "article abc, as of 2026-03-02 12:00:00 UTC",
        "on the log: 3 counted, 2 duplicate",
    ]


def test_an_article_without_views_has_nothing_on_the_log():
    lines = list(Explanation("abc", NOON).lines())
    assert lines[1] == "on the log: nothing"
    assert window_lines(Explanation("abc", NOON))["1h"] == "0 views by 0 readers"


def test_each_window_has_its_views_and_readers(explanation):
    lines = window_lines(explanation)
    assert lines["1h"] == "2 views by 1 readers"
    assert lines["24h"] == "3 views by 2 readers"


def test_a_window_in_which_the_article_ranks_says_why(explanation):
    row = RankingRow("abc", 3, 2, 3.0, velocity=8.0, filtered_share=0.25)
    explanation.rows = {"1h": (2, row), "24h": (1, replace(row, pinned=True))}
    lines = window_lines(explanation)
    assert lines["1h"].endswith("  rank 2 (8 views/h now, 25% filtered)")
    assert lines["24h"].endswith("  rank 1, pinned (8 views/h now, 25% filtered)")


def test_tokens_of_pages_are_listed_only_where_there_are_some(explanation):
    assert not any("tokens" in line for line in explanation.lines())
    explanation.tokens.update(valid=2, missing=1)
    assert "without a key, by their pages' tokens: 1 missing, 2 valid" in explanation.lines()


def test_the_decisions_of_editors_stand_in_one_line(explanation):
    assert not any("editors" in line for line in explanation.lines())
    explanation.edit = replace(NO_EDIT, banned=True, pins=(("overall", 1),))
    assert "editors and rules: banned, pinned at 1 in overall" in explanation.lines()


@pytest.mark.parametrize(
    ("stored", "line"),
    [
        ({"1h": (2, 1)}, "Redis says the same"),
        ({"1h": (3, 1)}, "Redis says {'1h': (3, 1)}"),
    ],
)
def test_the_last_line_compares_redis_with_the_log(explanation, stored, line):
    explanation.stored = stored
    assert list(explanation.lines())[-1] == line


def test_views_after_the_moment_are_in_no_window(explanation):
    earlier = replace(explanation, at=NOON - timedelta(hours=1))
    assert window_lines(earlier)["1h"] == "0 views by 0 readers"
