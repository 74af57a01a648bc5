"""Parsed articles by their bytes."""

import pytest

from newsman.redis.documents import Damaged, Documents
from newsman_schemas.articles import EnrichedArticle, Enrichment


def document(headline: str) -> bytes:
    article = EnrichedArticle(
        id="abcdefghijklmnop",
        source="desk",
        uri="urn:a",
        version_created="2026-03-02T12:00:00Z",
        headline=headline,
        slug="a",
        enrichment=Enrichment(status="done", method="test", duration_ms=1),
    )
    return article.model_dump_json().encode()


def test_the_same_bytes_are_parsed_once():
    documents = Documents()
    first = documents.article(document("Bridge opens"))
    assert first == EnrichedArticle.model_validate_json(document("Bridge opens"))
    assert documents.article(document("Bridge opens")) is first


def test_one_other_byte_is_another_article():
    documents = Documents()
    assert documents.article(document("Bridge opens")).headline == "Bridge opens"
    assert documents.article(document("Bridge openz")).headline == "Bridge openz"


def test_no_more_bytes_are_kept_than_may_be_and_the_longest_unused_go_first():
    raw = {name: document(name) for name in "abc"}
    documents = Documents(capacity_bytes=len(raw["a"]) * 2)
    kept = {name: documents.article(raw[name]) for name in "ab"}
    documents.article(raw["a"])
    documents.article(raw["c"])
    assert documents.article(raw["a"]) is kept["a"]
    assert documents.article(raw["b"]) is not kept["b"]


def test_what_is_larger_than_all_that_may_be_kept_is_answered_and_forgotten():
    documents = Documents(capacity_bytes=10)
    first = documents.article(document("a"))
    assert documents.article(document("a")) == first
    assert documents.article(document("a")) is not first


def test_what_is_no_article_is_refused_each_time():
    documents = Documents()
    for _ in range(2):
        with pytest.raises(Damaged):
            documents.article(b"{}")
