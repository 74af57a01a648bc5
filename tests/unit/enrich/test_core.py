"""What enrichment says about itself, and that it changes nothing that a human set."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from newsman.enrich import core
from newsman.enrich.core import Findings, Knowledge, look
from newsman.enrich.entities.mentions import Mention
from newsman.enrich.entities.passages import Passage
from newsman_schemas.articles import Article, PubStatus

NOTHING = Findings(method="rules 1")


def fields_of(article: Article) -> dict:
    return {name: getattr(article, name) for name in Article.model_fields}


def status(article: Article, knowledge: Knowledge) -> tuple[str, str | None]:
    got = core.enriched(article, look(article, knowledge), duration_ms=1).enrichment
    return got.status, got.detail


def test_what_the_newsroom_set_is_as_it_was(story):
    article = story("Head", "Body.", keywords=["a"], section="Sport", byline="Desk", urgency=2)
    got = core.enriched(article, NOTHING, duration_ms=1)
    assert fields_of(got) == fields_of(article)


@pytest.mark.parametrize("language", [None, "en", "en-GB", "EN-us", "fr-CA"])
def test_an_article_in_a_language_with_a_model_is_done(story, knowledge, language):
    body = "The council met on Monday and will meet again after the election."
    assert status(story("Head", body, language=language), knowledge) == ("done", None)


def test_a_text_that_says_nothing_of_its_language_is_read_as_english_and_partial(story, knowledge):
    detail = "the language is not known; read as English"
    assert status(story("Head", "Body."), knowledge) == ("partial", detail)


def test_another_language_is_partial_and_says_why(story, knowledge):
    assert status(story("Kopf", "Text.", language="de-AT"), knowledge) == (
        "partial",
        "no model for de; known names and topics only",
    )


def test_a_language_that_was_detected_and_has_no_model_is_partial_too(story, knowledge):
    article = story("Regen in Berlin", "Die Minister trafen sich am Montag zu langen Gesprächen.")
    assert status(article, knowledge) == (
        "partial",
        "no model for de; known names and topics only",
    )


def test_a_text_that_the_model_read_in_part_is_partial(story, knowledge):
    long_text = "It rained. " * core.MODEL_CHARACTERS
    quick = replace(knowledge, finders={"en": lambda passages: []})
    assert status(story("Rain", long_text), quick)[0] == "partial"


def test_a_failure_says_what_failed_and_adds_nothing(story):
    article = story("Head", "Anna Berg in Oslo.")
    got = core.unenriched(article, failed=True, detail="too slow", method="m", duration_ms=2)
    assert (got.enrichment.status, got.enrichment.detail) == ("failed", "too slow")
    assert (got.tags, got.entities) == ((), ())


@pytest.mark.parametrize("pubstatus", list(PubStatus))
def test_only_a_kill_needs_no_enrichment(story, pubstatus):
    article = story("Head", pubstatus=pubstatus)
    assert core.needs_no_enrichment(article) is (pubstatus is PubStatus.CANCELED)


def test_the_model_reads_a_beginning_and_known_names_are_found_in_the_rest(story, knowledge):
    read = []

    def find_names(passages: Sequence[Passage]) -> list[Mention]:
        read.extend(passages)
        return []

    knowledge = replace(knowledge, finders={"en": find_names})
    sentence = "The harbour was quiet. "
    body = sentence * (core.MODEL_CHARACTERS // len(sentence) + 10) + "Then a ship came to Lisbon."
    findings = look(story("Harbour", body), knowledge)
    assert max(p.start + len(p.text) for p in read) <= core.MODEL_CHARACTERS
    assert [entity.name for entity in findings.entities] == ["Lisbon"]


def test_a_language_without_a_model_is_never_given_to_it(story, knowledge):
    def find_names(passages: Sequence[Passage]) -> list[Mention]:
        raise AssertionError(passages)

    knowledge = replace(knowledge, finders={"en": find_names})
    look(story("Kopf", "Regen in Berlin.", language="de"), knowledge)
