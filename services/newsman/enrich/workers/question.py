"""The question that a worker is asked, as one line of JSON."""

from newsman.enrich.own_names.index import NOTHING_FOUND, FoundNames
from newsman_schemas.articles import Article
from newsman_schemas.events import Value


class Question(Value):
    """An article, and the newsroom's own names that were found in it."""

    article: Article
    found: FoundNames = NOTHING_FOUND
