"""People, places and organisations: each once, under the full name, where the text says so."""

import pytest


def names(findings, kind=None) -> set[str]:
    return {e.name for e in findings.entities if kind is None or e.type == kind}


def entity(findings, name):
    (only,) = [e for e in findings.entities if e.name == name]
    return only


def test_a_surname_is_a_mention_of_the_full_name(found):
    findings = found(
        "Mayor opens bridge",
        "The mayor, Helena Aaltonen, opened the bridge in Tampere. Aaltonen spoke for an hour. "
        "“It is a good bridge,” Aaltonen said. Critics of Aaltonen’s plan stayed away.",
    )
    assert "Aaltonen" not in names(findings)
    assert entity(findings, "Helena Aaltonen").mentions == 4


def test_two_people_of_one_family_name_are_told_apart_by_who_the_story_is_about(found):
    findings = found(
        "Maria Lopez wins the race",
        "Maria Lopez won the race in Madrid. Lopez had trained with her aunt, Carmen Lopez, "
        "for a year. Lopez will run again in May.",
    )
    assert entity(findings, "Maria Lopez").mentions == 4
    assert entity(findings, "Carmen Lopez").mentions == 1


def test_an_east_asian_family_name_comes_first(found):
    findings = found(
        "Lee Min Ho visits Busan",
        "The architect Lee Min Ho visited Busan on Monday. Lee said the harbour was ready. "
        "His father, Lee Chang Dong, had drawn the first plans.",
    )
    assert entity(findings, "Lee Min Ho").mentions == 3
    assert entity(findings, "Lee Chang Dong").mentions == 1


def test_a_square_that_bears_a_name_is_a_place_and_no_person(found):
    findings = found(
        "Concert at the square",
        "The band played at Simon Bolivar Square in Caracas. Nobody called Bolivar was there.",
    )
    assert "Simon Bolivar Square" in names(findings, "place")
    assert "Simon Bolivar Square" not in names(findings, "person")


def test_titles_are_no_part_of_a_name(found):
    findings = found(
        "A visit", "President Anna Berg met Prime Minister Olof Lind in Oslo. Berg thanked Lind."
    )
    assert {"Anna Berg", "Olof Lind"} <= names(findings, "person")
    assert not {n for n in names(findings) if "President" in n or "Minister" in n}


def test_adjectives_of_nations_are_no_entities(found):
    findings = found("Talks", "The French and German teams met Norwegian officials in Bergen.")
    assert not {"French", "German", "Norwegian"} & names(findings)


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("The minister flew to the UK.", "United Kingdom", "GB"),
        ("The United States’ offer came late.", "United States", "US"),
        ("It rained in Côte d’Ivoire.", "Ivory Coast", "CI"),
        ("Türkiye sent a ship.", "Turkey", "TR"),
    ],
)
def test_countries_are_known_under_their_other_names(found, text, name, code):
    country = entity(found("News", text), name)
    assert (country.type, country.identifier, country.scheme) == ("place", code, "iso3166-1")


def test_an_acronym_and_what_it_stands_for_are_one_organisation(found):
    findings = found(
        "Vaccines",
        "The World Health Organization (WHO) met in Geneva. The WHO will meet again in May.",
    )
    assert "WHO" not in names(findings)
    assert entity(findings, "World Health Organization").mentions == 3


def test_a_headline_in_capitals_is_read_by_the_names_that_the_text_knows(found):
    findings = found(
        "BERGLUND LEAVES OSLO", "The conductor Eva Berglund leaves Norway. Berglund is 60."
    )
    evidence = entity(findings, "Eva Berglund").evidence
    assert {span.field for span in evidence} == {"headline", "body_text"}


@pytest.mark.parametrize("letters", ["İDİL, İN İL", "STRASSE", "BERG’S", "ØST-VEST"])
def test_a_headline_in_capitals_keeps_its_offsets_whatever_its_letters(found, letters):
    headline = f"{letters}: ANNA BERG LEAVES OSLO"
    findings = found(headline, "Anna Berg left Oslo. Berg was tired.")
    surfaces = {
        headline[span.start : span.end]
        for each in findings.entities
        if each.name in {"Anna Berg", "Oslo"}
        for span in each.evidence
        if span.field == "headline"
    }
    assert {"ANNA BERG", "OSLO"} <= surfaces
    assert names(findings, "person") == {"Anna Berg"}


def test_a_headline_in_capitals_names_countries_and_organisations(found):
    findings = found("SOUTH KOREA AND CHILE SIGN PACT WITH NATO", "They did.")
    assert names(findings) == {"South Korea", "Chile", "North Atlantic Treaty Organization"}


def test_a_word_in_capitals_is_not_taken_for_an_acronym(found):
    assert names(found("GUESS WHO CAME TO DINNER", "Nobody did.")) == set()


def test_every_span_points_at_its_mention(found, story):
    headline, body = "Anna Berg in Oslo", "Berg met the European Union’s envoy in Oslo, Norway."
    for each in found(headline, body).entities:
        for span in each.evidence:
            text = {"headline": headline, "body_text": body}[span.field][span.start : span.end]
            assert text
            assert text == text.strip(" ’'.,")
        assert len(each.evidence) == each.mentions


def test_slugs_are_unique(found):
    findings = found("Names", "Anna Berg and ANNA BERG met in São Paulo and in Sao Paulo.")
    slugs = [e.slug for e in findings.entities]
    assert len(slugs) == len(set(slugs))


def test_the_same_text_gives_the_same_entities(found):
    text = "Anna Berg met the United Nations in New York. Berg left for Kenya."
    assert found("Talks", text) == found("Talks", text)


def test_a_language_without_a_model_still_has_its_known_names(found):
    findings = found("Gipfel", "Die Minister trafen sich in Berlin mit der NATO.", language="de")
    assert {"Berlin", "North Atlantic Treaty Organization"} <= names(findings)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "a", "!!!", "A" * 50_000, "Kim " * 5_000, "’" * 9_999]
)
def test_odd_texts_do_no_harm(found, text):
    found("Odd", text)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("The strike was called off in Narvik, Norway.", "Narvik", "place"),
        ("Constable Ruth Parata took it home. Parata smiled.", "Ruth Parata", "person"),
        ("He works for Halden Optics ASA these days.", "Halden Optics ASA", "organisation"),
        ("They met at the University of Ghent on Monday.", "University of Ghent", "organisation"),
        ("He ran the Valencia Marathon in the rain.", "Valencia Marathon", "event"),
        ("Ferries stop before Storm Freya comes.", "Storm Freya", "event"),
        ("She left Merrow Bay, a village in the north.", "Merrow Bay", "place"),
        ("The Boston Bruins won at home.", "Boston Bruins", "organisation"),
    ],
)
def test_a_names_words_and_neighbours_settle_its_type(found, text, name, kind):
    assert entity(found("News", text), name).type == kind


def test_the_kremlin_and_moscow_are_two(found):
    findings = found(
        "Kremlin rejects offer", "The Kremlin rejected it. In Moscow it snowed all night."
    )
    assert entity(findings, "Kremlin").type == "organisation"
    assert entity(findings, "Moscow").type == "place"


def test_a_list_is_its_parts_and_a_sentence_ends_a_name(found):
    findings = found(
        "Ferry", "A ferry joins Busan and Fukuoka. He loves Kitzbühel. The Ski Federation agreed."
    )
    assert {"Busan", "Fukuoka"} <= names(findings, "place")
    assert not {n for n in names(findings) if "." in n or " and " in n}


def test_a_name_in_a_table_is_found(found):
    findings = found("Results", "1. Marco Steiner | Switzerland | 1:53.20\n2. Eva Berg | Norway")
    assert {"Marco Steiner", "Eva Berg"} <= names(findings, "person")
    assert {"Switzerland", "Norway"} <= names(findings, "place")


def test_an_acronym_that_the_text_defines_leads_to_the_full_name(found):
    findings = found(
        "Cranes",
        "The Harbour Crane Association (HCA) met in Ghent. The HCA will meet again; HCA says so.",
    )
    full = entity(findings, "Harbour Crane Association")
    assert full.mentions == 4
    assert full.aliases == ("HCA",)


@pytest.mark.parametrize(
    ("text", "name", "scheme", "code"),
    [
        ("It snowed in Oslo.", "Oslo", "geonames", "3143244"),
        ("It snowed in Bavaria.", "Bavaria", "iso3166-2", "DE-BY"),
        ("The European Union agreed.", "European Union", "wikidata", "Q458"),
    ],
)
def test_what_is_certain_carries_an_identifier(found, text, name, scheme, code):
    each = entity(found("News", text), name)
    assert (each.scheme, each.identifier) == (scheme, code)


def test_a_city_whose_name_many_cities_bear_carries_none(found):
    assert entity(found("News", "It rained in Victoria on Monday."), "Victoria").identifier is None


def test_every_mention_says_by_which_method_and_how_sure(found):
    findings = found("Eva Berglund leaves", "Eva Berglund left Oslo. Later Berglund returned.")
    spans = [span for each in findings.entities for span in each.evidence]
    assert all(span.method and span.confidence for span in spans)


def test_the_headline_makes_salient(found):
    findings = found("Berglund leaves", "Eva Berglund left. Rain fell in Oslo. Berglund was tired.")
    assert entity(findings, "Eva Berglund").salience > entity(findings, "Oslo").salience


def test_a_kind_alone_and_a_designation_are_no_names(found):
    findings = found("Planes", "The Committee saw the F-86 Sabre. It left the Institute early.")
    assert not {"Committee", "Institute", "F-86 Sabre"} & names(findings)


def test_a_capital_the_within_a_sentence_belongs_to_the_name(found):
    assert "The Sunday Times" in names(found("Press", "He wrote for The Sunday Times for years."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It snowed in Oslo.The minister,Anna Berg,met the press.", {"Oslo", "Anna Berg"}),
        ("Norway’s King met Anna Berg’s son in ‘Paris’.", {"Norway", "Anna Berg", "Paris"}),
        ("UN-backed talks began in Geneva.", {"United Nations", "Geneva"}),
        ("OSLO, Norway — Anna Berg left.", {"Oslo", "Norway", "Anna Berg"}),
    ],
    ids=["glued", "possessive and quoted", "hyphen", "dateline in capitals"],
)
def test_names_are_found_however_they_are_set(found, text, expected):
    assert expected <= names(found("News", text))


def test_what_the_gazetteer_knows_brings_its_other_names(found):
    entities = {e.name: e for e in found("Talks in Geneva", "The U.N. will host talks.").entities}
    assert entities["United Nations"].aliases == ("U.N.",)
    assert set(entities["United Nations"].known_as) == {"UN", "U.N."}
