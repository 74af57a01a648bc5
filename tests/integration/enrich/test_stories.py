"""Stories on a real Valkey: found again by later articles, the same for later versions."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from newsman.enrich.stories.minhash import signature
from newsman.enrich.stories.store import StoryStore
from newsman.redis.client import build_async_client
from newsman_schemas.articles import EnrichedArticle, Enrichment, Story, article_id

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = (
    "The council of the old harbour town agreed on Monday to build a new ferry for the islands. "
    "It will carry forty cars and two hundred people, and it runs on batteries alone."
)


def article(uri: str, *, source: str = "desk", version: int = 1) -> EnrichedArticle:
    return EnrichedArticle(
        id=article_id(source, uri),
        source=source,
        uri=uri,
        version=version,
        version_created=NOW,
        headline="A ferry",
        slug="x",
        body_text=TEXT,
        enrichment=Enrichment(status="done", method="m", duration_ms=1),
    )


def placed(url: str, namespace: str, *steps: tuple[EnrichedArticle, str, datetime]) -> list[Story]:
    async def scenario() -> list[Story]:
        client = build_async_client(url)
        store = StoryStore(client, namespace)
        try:
            return [
                await store.place(a.model_copy(update={"body_text": text}), signature(text), at)
                for a, text, at in steps
            ]
        finally:
            await client.aclose()

    return asyncio.run(scenario())


def test_a_copy_finds_its_original_and_a_later_version_keeps_its_place(redis_url, namespace):
    first, other = article("a"), article("b", source="other")
    own, copy, again, redelivered = placed(
        redis_url,
        namespace,
        (first, TEXT, NOW),
        (other, TEXT, NOW + timedelta(days=2)),
        (article("a", version=2), "Quite another text by now. " * 10, NOW + timedelta(days=3)),
        (other, TEXT, NOW + timedelta(days=2)),
    )
    assert (own.id, own.role) == (first.id, "original")
    assert (copy.id, copy.role, copy.of) == (first.id, "copy", first.id)
    assert again == own
    assert redelivered == copy


def test_an_article_that_had_another_id_is_no_update_of_itself(redis_url, namespace):
    before = article("a").model_copy(update={"id": "b" * 16})

    async def scenario() -> list[Story]:
        client = build_async_client(redis_url)
        store = StoryStore(client, namespace)
        try:
            return [
                await store.place(before, signature(TEXT), NOW),
                await store.place(article("a"), signature(TEXT), NOW, [before.id]),
            ]
        finally:
            await client.aclose()

    earlier, later = asyncio.run(scenario())
    assert later == earlier
    assert earlier.role == "original"


def test_other_texts_between_do_not_matter(redis_url, namespace):
    _, fresh, late = placed(
        redis_url,
        namespace,
        (article("a"), TEXT, NOW),
        (article("b"), "Quite another text by now, about nothing of the kind. " * 4, NOW),
        (article("c", source="other"), TEXT, NOW + timedelta(days=1)),
    )
    assert fresh.role == "original"
    assert late.role == "copy"


def test_another_source_is_found_by_its_headline_for_some_days(redis_url, namespace):
    headline = {"headline": "Harbour town agrees to build electric ferry"}
    first = article("a").model_copy(update=headline)
    excerpt = "Quite another text by now, an excerpt perhaps, of nothing in common. " * 3
    _, soon, late = placed(
        redis_url,
        namespace,
        (first, TEXT, NOW),
        (article("b", source="other").model_copy(update=headline), excerpt, NOW),
        (
            article("c", source="third").model_copy(update=headline),
            "Some other words that nobody has used before today in any of the papers. " * 3,
            NOW + timedelta(days=9),
        ),
    )
    assert (soon.role, soon.id) == ("update", first.id)
    assert late.role == "original"


def test_without_redis_an_article_has_no_story_and_goes_on(namespace):
    assert placed("redis://127.0.0.1:1/0", namespace, (article("a"), TEXT, NOW)) == [None]


def test_a_rewrite_is_found_by_its_words(redis_url, namespace):
    rewrite = (
        "The islands get a new ferry. Two hundred people and forty cars fit on it, and batteries "
        "drive it, the council of the harbour town decided on Monday."
    )
    first, later = article("a"), article("b", source="other")
    own, story = placed(
        redis_url, namespace, (first, TEXT, NOW), (later, rewrite, NOW + timedelta(hours=2))
    )
    assert (story.id, story.role, story.of) == (own.id, "follow-up", first.id)


def test_an_article_that_an_earlier_version_remembered_is_met_by_its_words(redis_url, namespace):
    async def scenario() -> list[Story]:
        client = build_async_client(redis_url)
        store = StoryStore(client, namespace)
        first, other = article("a"), article("b", source="other")
        try:
            own = await store.place(first, signature(TEXT), NOW)
            key = f"{namespace}:{{stories}}:article:{first.id}"
            known = json.loads(await client.hget(key, "known"))
            as_before = json.dumps({**known, "signature": list(signature(TEXT))})
            await client.hset(key, "known", as_before)
            async for name in client.scan_iter(f"{namespace}:{{stories}}:bands:*"):
                await client.delete(name)
            return [own, await store.place(other, signature(TEXT), NOW + timedelta(hours=1))]
        finally:
            await client.aclose()

    own, copy = asyncio.run(scenario())
    assert (copy.id, copy.role, copy.of) == (own.id, "copy", own.id)


def test_of_a_hundred_copies_each_new_one_finds_the_story(redis_url, namespace):
    steps = [(article(f"c{n}", source=f"s{n}"), TEXT, NOW + timedelta(hours=n)) for n in range(100)]
    first, *copies = placed(redis_url, namespace, *steps)
    assert {(each.id, each.role) for each in copies} == {(first.id, "copy")}
