"""The knowledge of enrichment, loaded once per process."""

from collections.abc import Mapping
from pathlib import Path

from newsman.enrich.core import Knowledge
from newsman.enrich.entities.gazetteer import load_gazetteer
from newsman.enrich.entities.name_lists import load_names
from newsman.enrich.entities.passages import Finder
from newsman.enrich.entities.spacy_finder import is_installed, load_model
from newsman.enrich.tags.media_topic_rules import load_topics
from newsman.enrich.tags.sections import read_model
from newsman.enrich.text.language_detection import load_detector
from newsman.enrich.text.languages import LANGUAGES

RULES = "newsman rules 3"


def load_knowledge(
    sections_model: Path | None = None, packages: Mapping[str, str] | None = None
) -> Knowledge:
    """The lists, the rules and every model that is installed; takes seconds and 200 MB or more.

    `packages` names the model of a language where it is to be another than the usual one.
    """
    finders: dict[str, Finder] = {}
    methods = [RULES]
    for code, language in LANGUAGES.items():
        package = (packages or {}).get(code, language.package)
        if code == "en" or is_installed(package):
            finders[code], version = load_model(package)
            methods.append(version)
    detect, detector = load_detector()
    return Knowledge(
        gazetteer=load_gazetteer(),
        names=load_names(),
        topics=load_topics(),
        finders=finders,
        method="; ".join(methods),
        detect=detect,
        detector=detector,
        sections=read_model(sections_model) if sections_model else None,
    )
