"""Newsrooms, agencies and people by their names."""

import pytest

from newsman_schemas.names.newsrooms import is_newsroom


@pytest.mark.parametrize(
    "name",
    [
        "The Harbour Post Staff",
        "Redaktion",
        "La Redazione",
        "Newsroom",
        "Staff Reporter",
        "AFP",
        "dpa",
        "Associated Press",
        "Agencia EFE",
        "BBC News",
        "Sports desk",
        "harbourpost.com",
        "The Economist",
    ],
)
def test_a_newsroom_is_known_by_its_name(name):
    assert is_newsroom(name)


@pytest.mark.parametrize(
    "name", ["Ida Holm", "Anna-Lena von Arnim", "The Rev. Ida Holm", "J.K. Rowling", "", "Theo Aas"]
)
def test_a_person_is_none(name):
    assert not is_newsroom(name)


def test_a_source_is_known_by_its_own_name():
    assert is_newsroom("Harbour Post", ["The Harbour-Post"])
    assert is_newsroom("The harbour post", ["harbour-post"])
    assert not is_newsroom("Harbour Post")
