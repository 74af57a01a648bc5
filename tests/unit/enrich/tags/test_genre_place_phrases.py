"""Genre, place of the event and keyphrases, each with evidence and by precedence."""

import pytest


@pytest.mark.parametrize(
    ("headline", "body", "genre"),
    [
        ("Edith Marlowe, mapmaker, dies at 91", "She has died at 91.", "obituary"),
        ("Live: fire in Leeds", "14:20 It burns.", "live"),
        ("Opinion: spend slowly", "We have been rich before.", "opinion"),
        ("Interview: a pilot", "He likes fog.", "interview"),
        (
            "Halden appoints Holm",
            "It was announced. Media contact: press@example.org",
            "press release",
        ),
        ("Why the ferry is late", "It is the ice.", "analysis"),
        ("Ferry sails", "The ferry sailed on Monday.", "news"),
        ("Minister appoints a judge", "The minister appointed a judge.", "news"),
    ],
)
def test_headline_and_text_give_the_genre_away(found, headline, body, genre):
    assert found(headline, body).genre.name == genre


def test_the_newsrooms_genre_has_the_first_word(found):
    sent = {"genre": [{"name": "Feature", "code": "Feature"}]}
    got = found("Opinion: x", "y", extra=sent).genre
    assert (got.name, got.method, got.confidence) == ("Feature", "newsroom", 1.0)


@pytest.mark.parametrize("sent", [[], {}, "", [None], [{"name": 3}], 7, [[]]])
def test_a_genre_that_is_none_is_passed_over(found, sent):
    assert found("Opinion: x", "y", extra={"genre": sent}).genre.name == "opinion"


def test_the_projects_own_stories_get_their_genre(found, labelled_stories):
    got = [found(each.headline, each.body).genre.name for each in labelled_stories]
    assert sum(g == each.genre for g, each in zip(got, labelled_stories, strict=True)) >= 40


def test_the_newsroom_knows_best_where_it_happened(found):
    place = found("Fire", "It burned in Paris. Oslo sent help.", located="Oslo, Norway").event_place
    assert (place.name, place.method) == ("Oslo, Norway", "newsroom")
    assert (place.scheme, place.code) == ("geonames", "3143244")


def test_a_dateline_says_where_it_happened(found):
    place = found("Fire", "OSLO, Norway (Desk) — A house burned, and Paris sent help.").event_place
    assert (place.name, place.confidence) == ("Oslo", 0.9)


def test_the_lead_says_where_it_happened(found):
    place = found(
        "Fire in a harbour", "A fire broke out in Rotterdam on Monday. Firemen from France came."
    ).event_place
    assert place.name == "Rotterdam"
    assert place.evidence


def test_a_story_without_a_place_has_none(found):
    assert found("Prices rise", "Prices rose again, and nobody knows why.").event_place is None


def test_a_repeated_phrase_is_a_keyphrase_with_its_places(found):
    headline = "Malaria vaccine arrives"
    body = "The malaria vaccine came by boat. Nurses gave the malaria vaccine to children."
    phrase = found(headline, body).keyphrases[0]
    assert phrase.name == "malaria vaccine"
    texts = {"headline": headline, "body_text": body}
    assert {texts[s.field][s.start : s.end].lower() for s in phrase.evidence} == {"malaria vaccine"}


def test_names_and_adjectives_of_nations_are_no_keyphrases(found):
    got = found("Anna Berg sails", "Anna Berg met Norwegian men. " * 4).keyphrases
    assert not [p for p in got if "berg" in p.name or "norwegian" in p.name]


def test_keyphrases_share_no_word(found):
    text = (
        "The night train runs. The night train is late. Train drivers strike. Train drivers wait."
    )
    names = [phrase.name for phrase in found("Night train", text).keyphrases]
    used = [word for name in names for word in name.split()]
    assert len(used) == len(set(used))


def test_a_section_that_a_model_guesses_comes_after_the_newsrooms_word(knowledge, story):
    from dataclasses import replace

    from newsman.enrich.core import look
    from newsman.enrich.tags.sections import SectionModel

    model = SectionModel(
        "sections model x", ("A", "B"), (0.0, 0.0), {"ferry": 1.0}, {"ferry": (9.0, 0.0)}
    )
    trained = replace(knowledge, sections=model)
    guessed = [t for t in look(story("The ferry"), trained).tags if t.scheme == "section"]
    assert [(t.name, t.method) for t in guessed] == [("A", "sections model x")]
    said = look(story("The ferry", section="News"), trained).tags
    assert not [t for t in said if t.scheme == "section"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("TOKYO, Dec 2 - A quake struck near Kobe in western Japan on Wednesday.", "Kobe"),
        (
            "CAIRO (AP) — Shelling of a camp near Khartoum killed 31 people. Egypt protested.",
            "Khartoum",
        ),
        (
            "GENEVA (AFP) — The agency declared an end to it. Clinics in Lilongwe had closed.",
            "Geneva",
        ),
        ("LA PORTE, Ind. (AP) — A fire killed 40 horses.", "La Porte"),
    ],
)
def test_it_was_where_the_lead_says_and_not_where_the_reporter_is(found, body, place):
    assert found("News", body, language="en").event_place.name == place


@pytest.mark.parametrize(
    "text",
    [
        "“I will not go,” she said. “Never.”",
        "“I will never go back to that house.” It was cold there.",
    ],
)
def test_a_summary_never_begins_with_a_bare_quotation(found, text):
    summary = found("News", f"{text} The council will vote on the house on Monday.").reading.summary
    assert summary is None or not summary.startswith("“I will never")


@pytest.mark.parametrize(
    ("headline", "body"),
    [
        ("Tool maker lifts forecast", "Sales in China and Brazil grew, Nordverk said."),
        ("Sleep well", "Doctors in Sweden and Japan say that a cool room helps."),
        ("Chief named", "OSLO, Norway, Oct. 11 /PRNewswire/ -- Nordverk today named a chief."),
        ("Woman fined", "Ada Orme, 58, of Fore Street, admitted fraud and was fined on Monday."),
    ],
)
def test_lists_senders_and_addresses_are_not_where_it_happened(found, headline, body):
    assert found(headline, body).event_place is None


def test_the_place_of_a_text_in_capitals_is_found(found):
    assert found("BLAST", "FOUR DIED IN A BLAST IN LISBON ON MONDAY.").event_place.name == "Lisbon"


@pytest.mark.parametrize(
    "dateline",
    [
        "ROTTERDAM, the Netherlands--(BUSINESS WIRE)--",
        "Madrid, 11 Oct (EFE).- ",
        "Taipei, Oct. 11 (CNA) ",
        "Oct. 11 (UPI) -- ",
        "MOSCOW, October 11. /TASS/. ",
    ],
)
def test_datelines_of_many_agencies_are_no_summary_and_no_junk(found, dateline):
    lead = "A bear walked into a bakery and ate 40 buns before officers chased it away."
    findings = found("Bear in bakery", dateline + lead)
    assert findings.reading.summary == lead
    assert {entity.type for entity in findings.entities} <= {"place"}
    assert "Oct. 11" not in {entity.name for entity in findings.entities}


def test_a_quotation_stays_with_the_sentence_that_says_whose_it_was(found):
    text = '"We will not give up." That was the message of the coach after the sixth defeat.'
    assert found("Coach", text).reading.summary == text
