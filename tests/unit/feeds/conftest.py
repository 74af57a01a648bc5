"""Pages and a catalogue over the articles of the outputs' tests."""

import pytest
from tests.unit.outputs.conftest import (
    NAUGHTY,
    NOW,
    everything,
    hostile,
    naughty_strings,
    site,
    stored,
)

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.pages.pictures import Pictures
from newsman.feeds.pages.render import Pages
from newsman_schemas.articles import ArticlePublished

__all__ = ["NAUGHTY", "NOW", "everything", "hostile", "naughty_strings", "site", "stored"]


@pytest.fixture
def pages(site) -> Pages:
    return Pages(site, "https://in.example/v1/views", Pictures(site))


@pytest.fixture
def catalogue():
    made = Catalogue()
    yield made
    made.close()


@pytest.fixture
def tell(catalogue):
    """Appends events to partition 0 of an imagined log."""

    def append(*events: ArticlePublished) -> None:
        start = catalogue.positions().get(0, 0)
        told = [LoggedEvent(0, start + number, one) for number, one in enumerate(events)]
        catalogue.write(told, {0: start + len(events)})

    return append
