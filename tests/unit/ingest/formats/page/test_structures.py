"""Pages as content systems render them: the words, the title and the day that a person sees.

The pages are invented, their structures those of WordPress, Arc, Ghost, Drupal, Squarespace, AMP
and others. `NAME.json` has what a person sees in `NAME.html`;
`tests/bench/labelled_pages.py` measures a folder of such pages.
"""

import json
import re
from pathlib import Path

import pytest
from tests.unit.ingest.formats.page.pages import article

STRUCTURES = Path(__file__).parent / "structures"
LABELS = {path.stem: json.loads(path.read_text()) for path in sorted(STRUCTURES.glob("*.json"))}
STANDFIRSTS = {
    "portuguese-visible-date": "Obras começam no outono",
    "react-hashed-classes": "The vote ends a dispute over money, roads and a kiosk.",
    "press-release": "Lerby Harbour Office",
}
"""Lines above the text that are left in it; whoever labels pages counts them, or does not."""
NOT_YET = {
    "german-boxes": "a lead that stands in the header of the article is left out",
    "old-tables": "tables that lay out a page are read as its text, and its title keeps the site",
}


def words(text):
    return re.findall(r"\w+", text.casefold())


def read(name):
    return article((STRUCTURES / f"{name}.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(LABELS.keys() - NOT_YET))
def test_the_words_the_title_and_the_day_are_those_that_a_person_sees(name):
    taken, label = read(name), LABELS[name]
    text = taken.body_text.replace(STANDFIRSTS.get(name, "\0"), "", 1)
    assert words(text) == words(label["text"])
    assert taken.headline == label["title"]
    assert str(taken.published_at.date()) == label["date"]


@pytest.mark.parametrize("name", NOT_YET)
def test_of_pages_that_are_not_read_well_yet_most_words_are_there(name):
    taken, label = read(name), LABELS[name]
    found = set(words(taken.body_text))
    wanted = words(label["text"])
    assert sum(word in found for word in wanted) > 0.75 * len(wanted)
    assert label["title"] in taken.headline
