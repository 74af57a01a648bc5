"""Bodies by their short names, names that nothing explains, cities that the text calls places."""

import pytest

from newsman.enrich.entities.merge import merge
from newsman.enrich.entities.passages import lead_passages
from newsman.enrich.own_names.in_text import OwnMentions


def shown(findings) -> dict[str, tuple[str, int]]:
    return {each.name: (each.type, each.mentions) for each in findings.entities}


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        (
            "The yard went to Ovrum Shipping on Friday. Ovrum has nine ships, Ovrum’s boss said.",
            "Ovrum Shipping",
            3,
        ),
        ("Burnley 2-2 Derby County. Fans of Derby sang. Derby are ninth.", "Derby County", 3),
        (
            "Pupils of St Osyth's School sang. St Osyth's School has a new hall.",
            "St Osyth's School",
            2,
        ),
        (
            "It was bought by Tarn Insurance and Velm Energy on Monday for a low price.",
            "Velm Energy",
            1,
        ),
        (
            "A strike hit Plonkett on Monday. The drivers of Plonkett want a shorter week.",
            "Plonkett",
            2,
        ),
    ],
)
def test_a_body_is_one_by_all_that_it_is_called(found, text, name, count):
    assert shown(found("News of the day", text))[name] == ("organisation", count)


def test_what_a_newsroom_says_is_never_a_body_is_no_short_name(knowledge):
    texts = {"headline": "", "body_text": "Nordal Shipping is for sale. The yard sued Nordal."}
    lists = knowledge.gazetteer, knowledge.names
    never = OwnMentions(forbidden={"Nordal": frozenset({"organisation"})})
    assert [each.mentions for each in merge([], texts, *lists)] == [2]
    assert [each.mentions for each in merge([], texts, *lists, never)] == [1]


def test_a_town_is_no_short_name_of_what_bears_its_name(found):
    text = "Officers of Norwich Police closed the bridge. They came from Norwich by boat."
    assert shown(found("Bridge closed", text))["Norwich"] == ("place", 1)


def test_a_team_is_no_place_but_where_the_text_says_so(found):
    text = "Derby County 1-0 Millwall. A header won it for Derby. It rained in Derby all day."
    names = shown(found("Football", text))
    assert names["Derby County"] == ("organisation", 2)
    assert names["Derby"] == ("place", 1)


def test_who_beat_whom_by_one_score_is_a_team_and_by_sets_a_person(found):
    names = shown(found("Sport", "Feyenoord beat Twente 3-1. Mira Kolb beat Ana Ruud 6-3, 6-4."))
    kinds = {name: kind for name, (kind, _) in names.items()}
    assert kinds["Feyenoord"] == kinds["Twente"] == "organisation"
    assert kinds["Mira Kolb"] == kinds["Ana Ruud"] == "person"


def test_nouns_with_capitals_of_other_languages_are_no_bodies(found):
    text = (
        "Die Minister haben bei dem Treffen über das Gesetz gesprochen. Nach dem Treffen sagte ein "
        "Sprecher, dass das Gesetz noch in diesem Jahr kommen soll und nicht erst im nächsten."
    )
    assert not {"Treffen", "Gesetz"} & shown(found("Neues", text, language="de")).keys()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Lorries waited for two days near Bulawayo and Gweru.", {"Bulawayo", "Gweru"}),
        ("The ferry sails between Umeå and Vaasa again.", {"Umeå", "Vaasa"}),
        ("Shops in Arusha, Moshi and Tanga were shut.", {"Arusha", "Moshi", "Tanga"}),
    ],
)
def test_cities_behind_a_word_of_place_are_found(found, text, places):
    kinds = shown(found("Traffic", text))
    assert {name for name, (kind, _) in kinds.items() if kind == "place"} == places


def test_a_sentence_does_not_end_behind_an_initial():
    body = "The yard belongs to Edwin T. Marrow of Hull. It rained."
    (passage,) = lead_passages({"headline": "", "body_text": body}, most_characters=1_000)
    assert "Edwin T. Marrow" in passage.text


def test_an_initial_behind_the_lead_splits_no_name(found):
    lead = "The council met on Monday and spoke about the harbour at some length. " * 5
    text = f"{lead}\nNobody had asked the clerk, Alton P. Grieves, for his view of it."
    assert "Alton P. Grieves" in shown(found("Council", text))
