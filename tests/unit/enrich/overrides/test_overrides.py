"""An editor's word: the last on a name counts, and nothing that is found undoes it."""

from newsman.enrich import core
from newsman.enrich.core import Findings
from newsman.enrich.overrides.overrides import NOTHING, Override, extended, overridden
from newsman_schemas.articles import Entity, Tag


def tag(name: str) -> Tag:
    return Tag(name=name, slug=name, confidence=0.5, method="rules")


def test_what_is_added_comes_first_and_what_is_removed_is_gone(story):
    oslo = Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="m")
    found = Findings(method="m", tags=(tag("treaty"), tag("war")), entities=(oslo,))
    article = core.enriched(story("Head"), found, duration_ms=1)
    got = overridden(article, Override(added=("Night trains",), removed=("war", "oslo")))
    assert [(t.name, t.method) for t in got.tags] == [
        ("Night trains", "editor"),
        ("treaty", "rules"),
    ]
    assert got.entities == ()


def test_without_an_override_nothing_changes(story):
    article = core.enriched(story("Head"), Findings(method="m", tags=(tag("war"),)), duration_ms=1)
    assert overridden(article, NOTHING) == article


def test_an_editors_tag_replaces_the_rules_of_the_same_slug(story):
    article = core.enriched(story("Head"), Findings(method="m", tags=(tag("war"),)), duration_ms=1)
    (only,) = overridden(article, Override(added=("War",))).tags
    assert (only.name, only.confidence) == ("War", 1.0)


def test_the_last_word_on_a_name_counts():
    first = extended(NOTHING, ["War"], ["Peace"])
    assert extended(first, ["peace"], ["war"]) == Override(added=("peace",), removed=("war",))
    assert extended(first, [], []) == first
