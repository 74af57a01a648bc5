"""The queries of ingest's routes, each as lenient as its clients expect."""

import pytest

from newsman.ingest.formats.table import FORMATS
from newsman.ingest.routes.queries import EventPushQuery, PushQuery, TokenQuery, ViewsQuery
from newsman.ninjs.validation import VERSIONS
from newsman.web.query import BadParameter, query_parameters


@pytest.mark.parametrize(
    ("parameters", "views", "events"),
    [
        ({}, False, False),
        ({"hasty": ""}, True, True),
        ({"hasty": "true"}, True, True),
        ({"hasty": "1"}, True, True),
        ({"hasty": "yes"}, True, False),
        ({"hasty": "false"}, False, False),
        ({"hasty": "0"}, False, False),
    ],
)
def test_a_push_is_hasty_as_its_clients_say_it(parameters, views, events):
    assert ViewsQuery.read(parameters).hasty is views
    assert EventPushQuery.read(parameters).hasty is events


def test_a_format_that_there_is_not_is_left_to_whoever_reads_the_body():
    assert PushQuery.read({"format": "nosuch", "source": "x"}).format == "nosuch"
    assert PushQuery.read({}).format is None


def test_the_formats_that_there_are_are_described():
    (described,) = query_parameters(PushQuery)
    named = [*FORMATS, *(f"ninjs-{version}" for version in VERSIONS)]
    assert described["schema"] == {"type": "string", "enum": named}


@pytest.mark.parametrize("parameters", [{}, {"article": ""}, {"article": "e7lzc3nbdhu4qx2a\n"}])
def test_a_token_is_for_an_article(parameters):
    with pytest.raises(BadParameter, match="article: is the id of an article"):
        TokenQuery.read(parameters)
    assert TokenQuery.read({"article": "e7lzc3nbdhu4qx2a"}).article == "e7lzc3nbdhu4qx2a"
