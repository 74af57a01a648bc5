"""Own names are found as editors mean them: their spellings, whole, the longest first."""

import pytest

from newsman.enrich.own_names.index import NOTHING_FOUND, NameIndex, spellings_of
from newsman_schemas.editing import OwnName


def name(text: str, *aliases: str, **fields) -> OwnName:
    return OwnName(name=text, aliases=aliases, **{"type": "organisation", **fields})


def index(*names: OwnName) -> NameIndex:
    return NameIndex(map(spellings_of, names))


def found(text: str, *names: OwnName) -> list[tuple[str, str]]:
    """What stands in the text, and whose name it is."""
    result = index(*names).find({"body_text": text})
    return [(text[start:end], result.names[n].name) for n, _, start, end in result.places]


@pytest.mark.parametrize(
    ("spelling", "text", "expected"),
    [
        ("Halden Optics", "At Halden Optics, they said.", ["Halden Optics"]),
        ("Halden Optics", "HALDEN OPTICS GROWS", ["HALDEN OPTICS"]),
        ("HALDEN Optics", "Halden Optics grows", []),
        ("Halden Optics", "the halden optics of old", []),
        ("Halden Optics", "Halden\u00a0Optics’s plant", ["Halden\u00a0Optics"]),
        ("Halden Optics", "Halden\nOptics", []),
        ("Halden Optics", "Halden. Optics said", []),
        ("Halden Optics", "the Haldens' Optics", []),
        ("Haldens", "the Haldens' plant", ["Haldens"]),
        ("Halden", "Halden's, Halden’s and Halden'", ["Halden"] * 3),
        ("Halden", "Haldens and Haldenberg", []),
        ("Halden", "Smith-Halden met Halden-Moss", []),
        ("Halden", "anti-Halden crowds, a Halden-based firm", ["Halden", "Halden"]),
        ("Halden", "info@Halden.example and www.Halden.example", []),
        ("Halden", "It was Halden.Then it was not.", ["Halden"]),
        ("Humanité", "L'Humanité et d’Humanité", ["Humanité", "Humanité"]),
        ("Brien", "O'Brien said", []),
        ("O’Brien", "O'Brien said", ["O'Brien"]),
        ("US", "Tell us: US or Us", ["US"]),
        ("WHO", "Who is WHO?", ["WHO"]),
        ("NATO", "Nato or NATO", ["NATO"]),
        ("Apple", "an apple from Apple, APPLE said", ["Apple", "APPLE"]),
        ("eBay", "EBAY, eBay, Ebay", ["EBAY", "eBay", "Ebay"]),
        ("bitcoin", "Bitcoin and bitcoin", ["Bitcoin", "bitcoin"]),
        ("The Who", "members of the Who", ["the Who"]),
        ("AT&T", "AT&T and AT & T", ["AT&T", "AT & T"]),
        ("U.S. Steel", "U.S. Steel's mill", ["U.S. Steel"]),
        ("Yahoo!", "Yahoo! and Yahoo", ["Yahoo!"]),
        (".*(Oslo)+$", "Oslo .*(Oslo)+$ Oslo", [".*(Oslo)+$"]),
        ("Zürich", "Zu\u0308rich and ZÜRICH", ["Zu\u0308rich", "ZÜRICH"]),
        ("İzmir", "İzmir'de", ["İzmir"]),
        ("Dell", "Dell'Utri said", []),
        ("İzmir", "in İzmir", ["İzmir"]),
        ("Weiße Flotte", "WEISSE FLOTTE", ["WEISSE FLOTTE"]),
        ("ﬁrst Bank", "First Bank", ["First Bank"]),
        ("東京", "昨日、東京都で", ["東京"]),
        ("서울", "서울은 오늘", ["서울"]),
        ("שלום עולם", "\u200fשלום עולם\u200f, אמר", ["שלום עולם"]),
        ("می\u200cخواهم", "او می\u200cخواهم گفت", ["می\u200cخواهم"]),
        ("दिल्ली", "नई दिल्ली में", ["दिल्ली"]),
    ],
)
def test_a_name_is_found_where_an_editor_would_say_so(spelling, text, expected):
    assert [seen for seen, _ in found(text, name(spelling))] == expected


def test_aliases_lead_to_the_name_and_the_longest_of_overlapping_names_wins():
    optics = name("Halden Optics", "HOX", "Haldens")
    town, prize = name("Halden", type="place"), name("Optics Prize of Halden Optics")
    text = "Halden gave the HOX the Optics Prize of Halden Optics. The Haldens left Halden Optics."
    assert found(text, town, optics, prize) == [
        ("Halden", "Halden"),
        ("HOX", "Halden Optics"),
        ("Optics Prize of Halden Optics", "Optics Prize of Halden Optics"),
        ("Haldens", "Halden Optics"),
        ("Halden Optics", "Halden Optics"),
    ]
    # The longer one begins later.
    both = (name("Bank of Oslo"), name("Oslo City Football Club"))
    assert found("the Bank of Oslo City Football Club", *both) == [
        ("Oslo City Football Club", "Oslo City Football Club")
    ]


def test_of_two_names_with_one_spelling_the_nearer_one_is_meant():
    union, film = name("Norges Arbeiderunion", "NATO"), name("Nato", type="work")
    assert found("NATO and Nato", union, film) == [
        ("NATO", "Norges Arbeiderunion"),
        ("Nato", "Nato"),
    ]
    first, second = name("Aker", "Works"), name("Brage", "Works")
    assert found("Works", second, first) == [("Works", "Aker")]


def test_offsets_are_those_of_the_field():
    texts = {"headline": "News of Halden", "body_text": "Halden’s plant"}
    result = index(name("Halden")).find(texts)
    assert result.places == ((0, "headline", 8, 14), (0, "body_text", 0, 6))
    assert index().find(texts) is NOTHING_FOUND


@pytest.mark.parametrize(
    "text",
    ["Halden " * 10_000, "\u0301" * 200_000, "a" * 200_000, "東" * 10_000, "Halden-" * 10_000],
)
def test_a_text_of_anything_is_looked_through_once(text):
    result = index(name("Halden"), name("東" * 20)).find({"body_text": text})
    assert len(result.places) <= 5_000
