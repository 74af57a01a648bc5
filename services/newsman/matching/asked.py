"""What filters may ask for: names and words that some article can have."""

from newsman.matching.words import read_search, tokenizer
from newsman_schemas.names.slugs import slugify

NOTHING = "holds no letter and no digit"


def check_name(name: str) -> str:
    """The name of a section, tag and so on, as it was written; raises ValueError where no article
    can stand under it."""
    if not slugify(name):
        raise ValueError(NOTHING)
    return name


def check_words(query: str) -> str:
    """The words of a search, as they were written, or none; raises ValueError where no article can
    hold them."""
    if query and read_search(query, tokenizer()).is_empty:
        raise ValueError(NOTHING)
    return query
