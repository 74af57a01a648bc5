"""Older versions of an article: kept small, in the gate's order, hidden where they must be."""

import hashlib
import zlib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from newsman.redis.versions import (
    deflated,
    deflated_document,
    inflated,
    read_document,
    visible_versions,
)
from newsman_schemas.article_rules import Kill
from newsman_schemas.articles import EnrichedArticle, Enrichment, PubStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DICTIONARY = "3debe5507285d639de615be6990212654b13763e2bed1779ed82cde637707822"
"""Whoever changes a letter of it can read nothing that is stored."""


def version(number: int = 1, **changes: object) -> EnrichedArticle:
    fields = {
        "id": "abcdefghijklmnop",
        "source": "desk",
        "uri": "urn:a",
        "version": number,
        "version_created": NOON,
        "headline": f"take {number}",
        "slug": "a",
        "enrichment": Enrichment(status="done", method="test", duration_ms=1),
    }
    return EnrichedArticle.model_validate({**fields, **changes})


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200))
def test_a_version_comes_back_as_it_was_kept(text):
    kept = version(headline=text, body_text=text * 3)
    assert inflated(deflated(kept)) == kept


def test_a_long_text_is_kept_in_less_room():
    body = "The harbour reopened on Monday after three weeks of work. " * 200
    assert len(deflated(version(body_text=body))) < len(body) / 10


def test_bytes_that_were_not_kept_this_way_are_an_error():
    with pytest.raises(zlib.error):
        inflated(b"{}")
    with pytest.raises(ValidationError):
        inflated(zlib.compress(b"{}"))


def test_what_was_deflated_before_there_was_a_dictionary_is_read():
    kept = version(body_text="The quay. " * 20)
    document = kept.model_dump_json()
    assert inflated(zlib.compress(document.encode())) == kept
    assert read_document(zlib.compress(document.encode())) == document.encode()
    assert read_document(deflated_document(document)) == document.encode()
    assert read_document(document.encode()) == document.encode()
    assert len(deflated_document(document)) < len(zlib.compress(document.encode(), 6)) / 2


def test_what_was_deflated_is_never_read_without_its_end_or_its_dictionary():
    raw = deflated(version())
    with pytest.raises(zlib.error):
        inflated(raw[:-5])
    with pytest.raises(zlib.error):
        zlib.decompress(raw)


def test_the_dictionary_is_the_one_that_documents_were_deflated_with():
    dictionary = (files("newsman.redis") / "article.zdict").read_bytes()
    assert hashlib.sha256(dictionary).hexdigest() == DICTIONARY


def test_versions_stand_by_number_then_creation_then_event_however_they_came():
    told = [
        (b"z", version(1)),
        (b"b", version(2, version_created=NOON - SECOND)),
        (b"a", version(2)),
        (b"c", version(2)),
        (b"0", version(10, version_created=NOON - 99 * SECOND)),
    ]
    in_order = tuple(article for _, article in told)
    for shuffled in permutations(told):
        visible = visible_versions(dict(shuffled), None, now=NOON)
        assert [id(article) for article in visible] == [id(article) for article in in_order]


@pytest.mark.parametrize("status", [PubStatus.WITHHELD, PubStatus.CANCELED])
def test_what_is_not_usable_is_not_shown(status):
    assert visible_versions({b"a": version(pubstatus=status)}, None, now=NOON) == ()


@pytest.mark.parametrize(
    ("told", "is_visible"),
    [
        ({"embargoed_until": NOON + SECOND}, False),
        ({"embargoed_until": NOON}, True),
        ({"expires_at": NOON + SECOND}, True),
        ({"expires_at": NOON}, False),
    ],
)
def test_embargo_and_expiry_hold_to_the_moment(told, is_visible):
    assert bool(visible_versions({b"a": version(**told)}, None, now=NOON)) is is_visible


@pytest.mark.parametrize(
    ("number", "created", "is_visible"),
    [
        (4, NOON + SECOND, True),
        (3, NOON + SECOND, False),
        (4, NOON, False),
        (2, NOON - SECOND, False),
    ],
)
def test_a_version_outlives_a_kill_only_when_it_is_higher_and_later(number, created, is_visible):
    kill = Kill(3, NOON)
    versions = {b"a": version(number, version_created=created)}
    assert bool(visible_versions(versions, kill, now=NOON)) is is_visible


def test_the_moment_of_a_kill_is_compared_across_time_zones():
    kill = Kill(0, datetime.fromisoformat("2026-03-02T13:30:00+02:00"))
    before = version(version_created=datetime(2026, 3, 2, 11, 30, tzinfo=UTC))
    after = version(version_created=datetime(2026, 3, 2, 11, 30, 1, tzinfo=UTC))
    assert visible_versions({b"a": before, b"b": after}, kill, now=NOON) == (after,)


def test_no_version_is_nothing_to_see():
    assert visible_versions({}, Kill(1, NOON), now=NOON) == ()
