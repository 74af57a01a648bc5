"""Copies, updates and follow-ups are told from stories of their own."""

import pytest

from newsman.enrich.stories.minhash import LEAST_WORDS, bands, signature, similarity
from newsman.enrich.stories.placing import describe, place
from newsman.enrich.stories.wording import direction, wording
from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity

TEXT = (
    "The council of the old harbour town agreed on Monday to build a new ferry for the islands. "
    "It will carry forty cars and two hundred people, and it runs on batteries alone. "
    "Fishermen had asked for a larger one, but the mayor said that the quay was too short."
)
OTHER = (
    "Astronomers have found a small moon around a distant world with the help of a new telescope. "
    "It takes nine days for its way around, and nobody knows yet what it is made of. "
    "More nights of patient watching will follow before a paper is written about it all."
)

REWRITE = (
    "The islands get a new ferry that needs no oil. Two hundred people and forty cars fit on it, "
    "and batteries drive it, the harbour town decided. The quay would have been too short for the "
    "larger boat that fishermen wanted."
)


def _words(article: EnrichedArticle) -> dict[str, float]:
    return dict(direction(wording(article.headline, article.body_text), lambda _: 1.0))


@pytest.fixture
def told(story):
    def told(headline: str, body: str, *, source="desk", uri="a", entities=()) -> EnrichedArticle:
        plain = story(headline, body, source=source, uri=uri, id=uri * 16)
        return EnrichedArticle(
            **plain.model_dump(),
            entities=tuple(
                Entity(name=n, slug=n, type="person", mentions=1, confidence=1, method="m")
                for n in entities
            ),
            enrichment=Enrichment(status="done", method="m", duration_ms=1),
        )

    return told


def test_the_same_words_have_the_same_signature_whatever_their_dress():
    dressed = (
        f"OSLO, Norway (Agency) — {TEXT.upper()}\nRead more: all about ferries and boats and bays"
    )
    assert signature(dressed) == signature(TEXT)
    assert len(signature(TEXT)) == 64


def test_similarity_is_the_share_of_words_in_common():
    assert similarity(signature(TEXT), signature(TEXT)) == 1.0
    assert similarity(signature(TEXT), signature(OTHER)) < 0.1
    half = similarity(signature(TEXT), signature(f"{TEXT} {OTHER}"))
    assert 0.3 < half < 0.7


def test_a_text_that_is_too_short_is_like_no_other():
    short = " ".join(TEXT.split()[: LEAST_WORDS - 1])
    assert signature(short) == ()
    assert bands(()) == []
    assert similarity((), ()) == 0.0


def test_similar_texts_meet_in_a_band():
    changed = TEXT.replace("Monday", "Tuesday").replace("forty", "thirty")
    assert set(bands(signature(TEXT))) & set(bands(signature(changed)))
    assert not set(bands(signature(TEXT))) & set(bands(signature(OTHER)))


def test_the_first_is_the_original_of_its_own_story(told):
    article = told("Ferry", TEXT)
    got = place(article, signature(TEXT), [])
    assert (got.id, got.role, got.of) == (article.id, "original", None)


@pytest.mark.parametrize(("source", "role"), [("other", "copy"), ("desk", "update")])
def test_the_same_text_is_anothers_copy_and_ones_own_update(told, source, role):
    first = told("Ferry", TEXT)
    known = describe(first, signature(TEXT), first.id)
    got = place(told("Boat", TEXT, source=source, uri="b"), signature(TEXT), [known])
    assert (got.id, got.role, got.of, got.similarity) == (first.id, role, first.id, 1.0)


def test_other_words_about_the_same_people_follow_up(told):
    first = told("Council orders battery ferry", TEXT, entities=("berg", "lind"))
    known = describe(first, signature(TEXT), first.id, _words(first))
    later = told("Islands get ferry with batteries", REWRITE, uri="b", entities=("berg", "lind"))
    assert similarity(signature(REWRITE), signature(TEXT)) < 0.3
    assert place(later, signature(REWRITE), [known], _words(later)).role == "follow-up"
    others = told("Islands get ferry with batteries", REWRITE, uri="c", entities=("moe", "ek"))
    assert place(others, signature(REWRITE), [known], _words(others)).role == "original"


def test_people_in_common_alone_make_no_story(told):
    first = told("Ferry captain on trial", TEXT, entities=("berg", "lind"))
    known = describe(first, signature(TEXT), first.id)
    later = told("Moon found", OTHER, uri="b", entities=("berg", "lind"))
    assert place(later, signature(OTHER), [known]).role == "original"


def test_generated_edits_and_follow_ups_are_placed_as_recorded(bench, knowledge):
    import copies

    found = copies.placed(knowledge)
    for role, least in (("original", 0.95), ("copy", 0.97), ("follow-up", 0.75)):
        precision, recall = copies.scores(found, role)
        assert precision >= least
        assert recall >= least


def test_rewrites_and_follow_ups_are_joined_and_look_alikes_are_not(bench, knowledge):
    import copies

    for half in copies.rewrites():
        precision, recall = copies.joins(half)
        assert precision >= 0.8
        assert recall >= 0.8


def test_the_shared_samples_are_placed_as_recorded(bench, knowledge, shared_data):
    import samples

    found = list(samples.articles(shared_data))
    precision, recall = samples.scores(found, samples.placed(knowledge, found))
    assert len(found) >= 25
    assert (precision, recall) == (1.0, 1.0)


def test_scripts_without_spaces_have_signatures_too():
    text = "市议会周一决定为各岛屿建造一艘新渡轮，可载四十辆汽车和二百名乘客，全部使用电池驱动。"
    assert len(signature(text)) == 64
    assert similarity(signature(text), signature(text.replace("周一", "周二"))) > 0.7


@pytest.mark.parametrize(
    ("source", "headline", "role"),
    [
        ("other", "Harbour town agrees to build electric ferry", "update"),
        ("desk", "Harbour town agrees to build electric ferry", "original"),
        ("other", "Harbour town news", "original"),
    ],
)
def test_another_source_with_the_same_telling_headline_has_the_same_story(
    told, source, headline, role
):
    first = told(headline, TEXT)
    known = describe(first, signature(TEXT), first.id)
    other = told(headline, OTHER, source=source, uri="b")
    assert place(other, signature(OTHER), [known]).role == role
