"""Events and works are found by their words, with all their words, and nothing else is."""

import time

import pytest

from newsman.enrich.entities.events import find_occasions
from newsman.enrich.entities.name_lists import load_names
from newsman.enrich.entities.works import find_titles


@pytest.fixture
def of_type(found):
    def of_type(kind: str, headline: str, body: str) -> dict:
        return {e.name: e for e in found(headline, body).entities if e.type == kind}

    return of_type


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("She won silver at the 2022 Winter Olympics.", "2022 Winter Olympics"),
        ("He was wounded in the Second World War.", "World War II"),
        ("They meet at the G20 summit in Durban.", "G20 summit"),
        ("Forests come first at COP30 in Belém.", "COP30"),
        ("He compared it to the Treaty of Rome.", "Treaty of Rome"),
        ("A museum of the Battle of Dien Bien Phu opens.", "Battle of Dien Bien Phu"),
        ("They lost their homes in the Marrakesh earthquake.", "Marrakesh earthquake"),
        ("It was agreed at the Yalta Conference.", "Yalta Conference"),
        ("He rode in the Tour de France.", "Tour de France"),
        ("Her novel is on the longlist of the Booker Prize.", "Booker Prize"),
    ],
)
def test_an_event_is_found_whole(of_type, body, name):
    assert name in of_type("event", "News", body)


def test_a_storm_goes_on_under_its_bare_name(of_type):
    body = "Hurricane Ida hit the coast. Ida killed nobody. Roofs flew when Ida turned."
    storm = of_type("event", "After the storm", body)["Hurricane Ida"]
    assert storm.mentions == 3
    assert storm.aliases == ("Ida",)
    assert storm.confidence == 0.8


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("“The Salt Road” by Amara Diallo won a prize.", "The Salt Road"),
        ("Her novel “A Quarry of Light” sold well.", "A Quarry of Light"),
        ("The song “Pylon” begins with rain.", "Pylon"),
        ("They perform Bizet’s “Carmen” on a ferry.", "Carmen"),
        ("He is writing a novel, The Weight of Rain.", "The Weight of Rain"),
        ("The director also made the documentary Barges.", "Barges"),
        ("She has staged Hamlet in a pool.", "Hamlet"),
        ("The Tin Lock, by the young director Mira Holt, opens today.", "The Tin Lock"),
        ('The album "Glass Weather," out today, is short.', "Glass Weather"),
    ],
)
def test_a_title_is_found_whole(of_type, body, title):
    assert title in of_type("work", "News", body)


@pytest.mark.parametrize(
    "body",
    [
        "“We waited for years,” said Anna Berg.",
        "“No,” said the mayor. “Never.”",
        "She read the book Anna Berg wrote.",
        "He wrote the play on Monday.",
        "The film Tuesday was cancelled.",
        "“Oslo,” he said, “is cold.”",
    ],
)
def test_what_is_said_and_who_wrote_it_is_no_title(of_type, body):
    assert of_type("work", "News", body) == {}


def test_a_list_of_thousands_takes_no_time():
    names = load_names()
    titles = " ".join(f"“Aa{n} Bb{n}” and Storm Cc{n}." for n in range(6_000))
    for text in (titles, "A " * 90_000, "“A " * 60_000, "film Aa " * 20_000, "2024 Aa " * 20_000):
        began = time.process_time()
        texts = {"headline": "News", "body_text": text}
        find_titles(texts, names)
        list(find_occasions(texts, names))
        assert time.process_time() - began < 2
