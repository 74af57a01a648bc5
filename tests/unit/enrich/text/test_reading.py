"""The short summary, the size, the ease and the language of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.enrich.text.readability import english_ease, french_ease, reading_seconds
from newsman.enrich.text.sentences import sentences, words
from newsman.enrich.text.summary import MAX_CHARACTERS, is_closed, summarise


def test_the_summary_is_the_lead_in_whole_sentences():
    lead = "The council met in Oslo on Monday and agreed on a new ferry. It will sail in May."
    text = lead + " " + "Nobody knows yet who is going to steer it through the ice. " * 6
    got = summarise("Ferry", text)
    assert got.startswith(lead)
    assert got.endswith(".")
    assert len(got) <= MAX_CHARACTERS


def test_a_dateline_a_byline_and_the_headline_are_no_lead():
    text = (
        "Ferry to sail in May\nBy Anna Berg\nOSLO, Norway (Desk) — The council agreed on a ferry."
    )
    assert summarise("Ferry to sail in May", text) == "The council agreed on a ferry."


def test_a_quotation_over_several_sentences_is_kept_whole_or_left_out():
    quotation = (
        "“We shall sail in May. " + "We shall sail in any weather at all, and with joy. " * 5
    )
    text = f"The captain spoke to the town council on Monday. {quotation}That is all.”"
    assert summarise("Ferry", text) == "The captain spoke to the town council on Monday."


def test_a_long_sentence_is_cut_at_a_clause_but_never_before_a_denial():
    long = "The company said on Monday that it would open a new harbour in the north of the country"
    rest = ", which is the longest sentence that anybody in this town has ever heard spoken" * 4
    cut = summarise("Harbour", f"{long}{rest}.")
    assert cut.startswith(long)
    assert cut.endswith("…")
    denied = f"{long}{rest}, but the minister denied it."
    assert summarise("Harbour", denied) is None


def test_abbreviations_end_no_sentence():
    text = "Dr. Anna Berg of St. Olav’s met Mr. Lind at No. 10. It rained."
    assert sentences(text) == [
        "Dr. Anna Berg of St. Olav’s met Mr. Lind at No. 10.",
        "It rained.",
    ]


@pytest.mark.parametrize("text", ["", " ", "\n", "A", "“", "Short.", "No end to this line"])
def test_a_text_without_a_lead_has_no_summary(text):
    assert summarise("Head", text) is None


@given(st.text(alphabet='AbcDe notbut .,“”"()\n!?', max_size=900))
def test_no_summary_is_too_long_or_cuts_a_quotation(text):
    got = summarise("Head", text)
    assert got is None or len(got) <= MAX_CHARACTERS
    assert got is None or is_closed(got) or not is_closed(text)


def test_words_and_seconds():
    assert len(words("The battle-ready crew didn’t stop; 42 men.")) == 7
    assert reading_seconds(0) == 0
    assert reading_seconds(238) == 60


def test_short_words_in_short_sentences_read_easier():
    easy = "The cat sat on the mat. The dog ran to the cat. They had fun."
    hard = (
        "Institutional considerations necessitate comprehensive intergovernmental deliberation "
        "regarding macroeconomic stabilisation, notwithstanding contemporaneous uncertainty."
    )
    assert english_ease(easy) > 90
    assert english_ease(hard) < 10
    assert english_ease("Too short.") is None
    assert french_ease("Le chat est sur le lit. Le chien va vers le chat. Il est bien.") > 80


def test_the_newsroom_has_the_first_word_on_the_language(found):
    reading = found(
        "Kopf", "The ministers met in London on Monday for talks.", language="de-AT"
    ).reading
    assert (reading.language, reading.language_method) == ("de", "newsroom")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Minister trafen sich am Montag zu langen Gesprächen über den Haushalt.", "de"),
        ("Les ministres se sont réunis lundi à Paris pour parler du budget de l’année.", "fr"),
        ("The ministers met on Monday in the city for long talks about the budget.", "en"),
        ("Los ministros se reunieron el lunes para hablar del presupuesto del año.", "es"),
    ],
)
def test_a_language_that_nobody_names_is_detected(found, text, code):
    reading = found("?", text).reading
    assert reading.language == code
    assert reading.language_confidence > 0.9
    assert reading.language_method.startswith("py3langid")


@pytest.mark.parametrize("text", ["", "42", "Ok", "1 : 2 — 3", "Oslo"])
def test_too_little_text_is_in_no_language(found, text):
    assert found("?", text).reading.language is None


def test_french_is_read_by_its_own_model(found):
    findings = found(
        "Le maire de Lyon reçoit Camille Fontanel",
        "La romancière Camille Fontanel a été reçue lundi par le maire à Lyon. "
        "Fontanel a parlé de son enfance à Marseille devant la Société des lecteurs.",
        language="fr",
    )
    names = {each.name: each.type for each in findings.entities}
    assert names["Camille Fontanel"] == "person"
    assert names["Lyon"] == names["Marseille"] == "place"
    assert "fr_core_news_sm" in findings.method
    assert findings.missing is None
