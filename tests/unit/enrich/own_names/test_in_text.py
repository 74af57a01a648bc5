"""Own names go before models, lists and rules, in whole articles."""

import pytest

from newsman.enrich.core import look, readable
from newsman.enrich.own_names.index import NameIndex, spellings_of
from newsman_schemas.editing import OwnName


@pytest.fixture
def entities(knowledge, story):
    """`entities(headline, body, *names)`: entities by name, with type and identifier."""

    def entities(headline: str, body: str, *names: OwnName, **fields):
        article = story(headline, body, **fields)
        found = NameIndex(map(spellings_of, names)).find(readable(article))
        return {each.name: each for each in look(article, knowledge, found).entities}

    return entities


def own(text: str, *aliases: str, **fields) -> OwnName:
    return OwnName(name=text, aliases=aliases, **fields)


HEADLINE = "Halden Optics opens a plant in Georgia"
TEXT = (
    "Halden Optics said on Monday that HOX would hire 300 people in Georgia. Kari Holm, who leads "
    "Halden Optics, thanked Governor Paul Halden. The Halden team was pleased, and Holm too."
)
STORY = (HEADLINE, TEXT)


def test_a_name_has_its_type_identifier_and_aliases_whatever_else_says(entities):
    optics = own("Halden Optics ASA", "Halden Optics", "HOX", type="work", identifier="desk:7")
    georgia = own("Georgia", type="place", identifier="iso3166-2:US-GA")
    found = entities(*STORY, optics, georgia)
    seen = found["Halden Optics ASA"]
    assert (seen.type, seen.scheme, seen.identifier) == ("work", "desk", "7")
    assert (seen.mentions, seen.confidence, seen.method) == (4, 1.0, "own names 1")
    assert seen.known_as == ("Halden Optics", "HOX")
    assert set(seen.aliases) == {"Halden Optics", "HOX"}
    assert {span.method for span in seen.evidence} == {"own names 1"}
    assert (found["Georgia"].scheme, found["Georgia"].identifier) == ("iso3166-2", "US-GA")
    assert found["Kari Holm"].mentions == 2
    assert "Halden Optics" not in found


def test_a_person_by_an_alias_is_the_one_with_the_full_name(entities):
    holm = own("Kari Holm", "Kaptein Kari", type="person", identifier="wikidata:Q9")
    text = "Kaptein Kari opened the fair in Bergen. Holm spoke for an hour, and Kari Holm danced."
    found = entities("The fair opens", text, holm)
    people = [each for each in found.values() if each.type == "person"]
    assert [(each.name, each.identifier, each.mentions) for each in people] == [
        ("Kari Holm", "Q9", 3)
    ]


@pytest.mark.parametrize(
    ("name", "headline", "body"),
    [
        ("Jordan", "Jordan said no", "Jordan said on Monday that it would not come to Oslo."),
        ("Paul Halden", *STORY),
    ],
)
def test_never_a_type_is_that_type_no_more(entities, name, headline, body):
    before = entities(headline, body)[name].type
    after = entities(headline, body, own(name, never=(before,)))
    assert name not in after or after[name].type != before
    types = ("person", "place", "organisation", "event", "work")
    assert name not in entities(headline, body, own(name, never=types))


def test_never_anything_is_no_entity_and_no_keyphrase_and_leaves_longer_names(entities):
    hidden = own("Georgia", "Monday", never=("anything",))
    found = entities(*STORY, hidden)
    assert "Georgia" not in found
    text = "The University of Georgia and Georgia agreed. Georgia State University did not."
    found = entities("Agreement", text, hidden)
    assert "Georgia" not in found
    assert "Georgia State University" in found


def test_a_longer_name_that_is_known_or_a_persons_keeps_a_word_inside(entities):
    york = own("New York", type="work")
    times = entities("Times", "The New York Times wrote of New York on Monday.", york)
    assert (times["New York"].type, times["New York"].mentions) == ("work", 1)
    assert times["New York Times"].type == "organisation"
    mercury = own("Mercury", type="organisation")
    text = (
        "Mercury said so in London. Freddie Mercury sang. The Mercury University of Technology, "
        "and Mercury Monday, were pleased by what Mercury said."
    )
    found = entities("Mercury grows", text, mercury)
    assert found["Mercury"].type == "organisation"
    assert found["Mercury"].mentions == 4
    assert found["Freddie Mercury"].type == "person"


def test_an_article_in_capitals_and_one_in_no_language_obey_too(entities):
    orange = own("Orange", type="organisation", identifier="wikidata:Q2")
    found = entities("ORANGE CUTS PRICES OF CALLS", "ORANGE SAID IT WOULD CUT PRICES.", orange)
    assert found["Orange"].mentions == 2
    tokyo = own("Tokyo Shimbun", "東京新聞", type="organisation")
    found = entities("東京新聞の記事", "東京新聞は今日そう書いた。", tokyo)
    assert (found["Tokyo Shimbun"].mentions, found["Tokyo Shimbun"].type) == (2, "organisation")
