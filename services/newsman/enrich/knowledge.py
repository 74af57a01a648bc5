"""What enrichment goes by, loaded once per process."""

from newsman.enrich.core import Knowledge
from newsman.enrich.gazetteer import load_gazetteer
from newsman.enrich.model import LANGUAGES, load_model
from newsman.enrich.names import load_names
from newsman.enrich.topics import load_topics

RULES = "newsman rules 2"


def load_knowledge() -> Knowledge:
    """The lists, the rules and the model; takes seconds and about 200 MB."""
    find_names, version = load_model()
    method = f"{RULES}; {version}"
    return Knowledge(load_gazetteer(), load_names(), load_topics(), find_names, LANGUAGES, method)
