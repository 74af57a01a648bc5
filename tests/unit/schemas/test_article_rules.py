"""The rules of an article, as tables of cases."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

import pytest

from newsman.feeds.catalogue.article_rows import KINDS
from newsman.publish.store.indexes import LISTED_KINDS
from newsman.rankings.core import SCOPE_KINDS
from newsman_schemas.article_order import listed_at, version_order
from newsman_schemas.article_rules import (
    ALL_KINDS,
    Kill,
    Status,
    author_names,
    chain_id,
    is_kill,
    kill_of,
    language_tags,
    listed_ms,
    named_terms,
    parent_of,
    status_at,
    status_changes_at,
    term_named,
    terms_of,
)
from newsman_schemas.articles import (
    Author,
    EnrichedArticle,
    Enrichment,
    Entity,
    PubStatus,
    Story,
    Tag,
    article_id,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
URI = "urn:test:1"


def article(**fields) -> EnrichedArticle:
    values = {
        "id": article_id("desk", URI),
        "source": "desk",
        "uri": URI,
        "version_created": NOON,
        "headline": "A bridge opens",
        "slug": "a-bridge-opens",
        "enrichment": Enrichment(status="done", method="test", duration_ms=1),
    }
    return EnrichedArticle(**{**values, **fields})


def tag(name: str, slug: str) -> Tag:
    return Tag(name=name, slug=slug, confidence=1, method="test")


def entity(name: str, slug: str) -> Entity:
    return Entity(name=name, slug=slug, type="place", mentions=1, confidence=1, method="test")


ALWAYS = {"latest": ("Latest", "list"), "source:desk": ("desk", "source")}
STORY = Story(id="a" * 16, role="original")


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({}, {}),
        ({"source": "City_Desk"}, {"source:city-desk": ("City_Desk", "source")}),
        ({"section": "Øst & Vest"}, {"section:ost-vest": ("Øst & Vest", "section")}),
        ({"section": "!!!"}, {}),
        ({"tags": (tag("Cup", "cup"),)}, {"tag:cup": ("Cup", "tag")}),
        ({"tags": (tag("Cup", "cup"), tag("The cup", "cup"))}, {"tag:cup": ("Cup", "tag")}),
        ({"tags": (tag("?", ""),)}, {}),
        ({"entities": (entity("Oslo", "oslo"),)}, {"entity:oslo": ("Oslo", "place")}),
        ({"byline": "Kari Nordmann"}, {"author:kari-nordmann": ("Kari Nordmann", "author")}),
        (
            {"byline": "By Kari", "authors": (Author(name="Kari"), Author(name="Ola"))},
            {"author:kari": ("Kari", "author"), "author:ola": ("Ola", "author")},
        ),
        ({"language": "pt"}, {"language:pt": ("pt", "language")}),
        (
            {"language": "pt-BR"},
            {"language:pt-br": ("pt-br", "language"), "language:pt": ("pt", "language")},
        ),
        (
            {"language": "PT_br"},
            {"language:pt-br": ("pt-br", "language"), "language:pt": ("pt", "language")},
        ),
        (
            {"language": "zh-Hant-TW"},
            {"language:zh-hant-tw": ("zh-hant-tw", "language"), "language:zh": ("zh", "language")},
        ),
        ({"story": STORY}, {f"story:{STORY.id}": ("One story", "story")}),
    ],
)
def test_an_article_stands_under_these_terms_with_these_names(fields, terms):
    always = {
        k: v for k, v in ALWAYS.items() if not (k.startswith("source") and "source" in fields)
    }
    assert named_terms(article(**fields)) == {**always, **terms}
    assert terms_of(article(**fields)) == {*always, *terms}


@pytest.mark.parametrize(
    ("role", "stands"), [("original", True), ("update", True), ("follow-up", True), ("copy", False)]
)
def test_all_but_copies_may_stand_for_their_story(role, stands):
    story = Story(id="a" * 16, role=role)
    assert terms_of(article(story=story), ("standing",)) == (
        {f"standing:{story.id}"} if stands else set()
    )


def test_every_reader_of_terms_takes_some_of_the_same_kinds():
    full = article(
        section="Sport",
        tags=(tag("Cup", "cup"),),
        entities=(entity("Oslo", "oslo"),),
        byline="Kari",
        language="pt-BR",
        story=STORY,
    )
    everything = terms_of(full, KINDS)
    for kinds in (ALL_KINDS, LISTED_KINDS, SCOPE_KINDS):
        assert terms_of(full, kinds) < everything
        assert {term.partition(":")[0] for term in terms_of(full, kinds)} == set(kinds)


@pytest.mark.parametrize(
    ("kind", "spellings", "term"),
    [
        ("language", ("pt-BR", "pt_BR", "PT-br"), "language:pt-br"),
        ("section", ("World News", "world-news", "WORLD  NEWS"), "section:world-news"),
        ("source", ("City_Desk", "city desk"), "source:city-desk"),
    ],
)
def test_every_spelling_of_a_name_leads_to_one_term(kind, spellings, term):
    assert {term_named(kind, name) for name in spellings} == {term}


@pytest.mark.parametrize(
    ("language", "tags"),
    [("pt", ("pt", "pt")), ("pt-BR", ("pt-br", "pt")), ("en_US", ("en-us", "en")), ("", ("", ""))],
)
def test_a_language_is_told_whole_and_by_its_primary_subtag(language, tags):
    assert language_tags(language) == tags


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ()),
        ({"byline": "Kari"}, ("Kari",)),
        ({"byline": "By our desk", "authors": (Author(name="Kari"),)}, ("Kari",)),
    ],
)
def test_the_listed_authors_come_before_the_byline(fields, names):
    assert author_names(article(**fields)) == names


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, NOON),
        ({"first_created": NOON - HOUR}, NOON - HOUR),
        ({"first_created": NOON - HOUR, "published_at": NOON + HOUR}, NOON + HOUR),
        ({"published_at": NOON, "embargoed_until": NOON + HOUR}, NOON + HOUR),
        ({"published_at": NOON, "embargoed_until": NOON - HOUR}, NOON),
    ],
)
def test_an_article_is_listed_at_its_release(fields, at):
    assert listed_at(article(**fields)) == at
    assert listed_ms(article(**fields)) == int(at.timestamp() * 1000)


def test_versions_are_in_order_of_number_then_creation_then_event():
    in_order = [
        version_order(article(version=1, version_created=NOON + HOUR), "z"),
        version_order(article(version=2), "b"),
        version_order(article(version=2, version_created=NOON + MINUTE), "a"),
        version_order(article(version=2, version_created=NOON + MINUTE), "b"),
    ]
    assert all(sorted(some) == in_order for some in permutations(in_order))


@pytest.mark.parametrize(
    ("version", "created", "is_reached"),
    [
        (1, NOON - MINUTE, True),
        (2, NOON, True),
        (2, NOON + MINUTE, True),  # by its number
        (3, NOON, True),  # by its time
        (3, NOON + MINUTE, False),
    ],
)
def test_a_kill_reaches_every_version_up_to_either_bound(version, created, is_reached):
    killed = article(version=2, pubstatus=PubStatus.CANCELED)
    assert is_kill(killed)
    kill = kill_of(killed)
    assert kill.reaches(version, created) is is_reached
    seen = status_at(article(version=version, version_created=created), kill, NOON)
    assert seen is (Status.KILLED if is_reached else Status.PUBLISHED)


def test_kills_together_reach_as_far_as_any_and_never_less():
    far, late = Kill(9, NOON), Kill(1, NOON + HOUR)
    assert far.joined(late) == late.joined(far) == Kill(9, NOON + HOUR)
    assert far.joined(None) == far.joined(far) == far


WITHHELD = {"pubstatus": PubStatus.WITHHELD}
LASTING = {"embargoed_until": NOON, "expires_at": NOON + HOUR}


@pytest.mark.parametrize(
    ("fields", "at", "status", "changes_at"),
    [
        ({}, NOON, Status.PUBLISHED, None),
        (WITHHELD, NOON, Status.WITHHELD, None),
        ({**WITHHELD, **LASTING}, NOON - HOUR, Status.WITHHELD, None),
        ({"pubstatus": PubStatus.CANCELED}, NOON, Status.KILLED, None),
        (LASTING, NOON - MINUTE, Status.SCHEDULED, NOON),
        (LASTING, NOON, Status.PUBLISHED, NOON + HOUR),
        (LASTING, NOON + HOUR - MINUTE, Status.PUBLISHED, NOON + HOUR),
        (LASTING, NOON + HOUR, Status.EXPIRED, None),
        # An embargo in another zone ends at the same moment.
        (
            {"embargoed_until": NOON.astimezone(timezone(timedelta(hours=9)))},
            NOON,
            Status.PUBLISHED,
            None,
        ),
        # What expires under embargo is under embargo until that is over.
        (
            {"embargoed_until": NOON + HOUR, "expires_at": NOON},
            NOON,
            Status.SCHEDULED,
            NOON + HOUR,
        ),
    ],
)
def test_readers_see_what_is_published_at_a_moment(fields, at, status, changes_at):
    assert status_at(article(**fields), None, at) is status
    assert status_changes_at(article(**fields), None, at) == changes_at


def test_time_changes_nothing_of_what_was_killed():
    assert status_changes_at(article(**LASTING), Kill(1, NOON), NOON - HOUR) is None


@pytest.mark.parametrize(
    ("evolved_from", "parent"),
    [
        (None, None),
        ("", None),
        (URI, None),  # nothing evolves from itself
        ("urn:parent", article_id("desk", "urn:parent")),
    ],
)
def test_a_parent_is_another_article_of_the_same_source(evolved_from, parent):
    assert parent_of(article(evolved_from=evolved_from)) == parent
    assert parent_of(None) is None


@pytest.mark.parametrize(("original", "uri"), [(None, URI), (URI, URI), ("urn:first", "urn:first")])
def test_a_chain_is_called_after_its_first_article(original, uri):
    assert chain_id(article(original_id=original)) == article_id("desk", uri)
