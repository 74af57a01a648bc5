"""Filters take the articles that lists with the same filters would show."""

import pytest

from newsman.feeds.query.listings import Filters
from newsman.matching.queries import EVERYTHING
from newsman.matching.standing_queries import VAIN, StandingQueries
from newsman_schemas.articles import Story
from newsman_schemas.subscriptions import Filter

SPORT = {"section": "Sport & Leisure", "language": "pt_BR", "urgency": 3, "byline": "Ana Ruiz"}


@pytest.fixture
def queries():
    return StandingQueries()


@pytest.fixture
def takes(queries):
    def takes(article, products=(), first_mentions=(), **filters) -> bool:
        queries.put("q", Filter(**filters), products)
        return queries.match(article, first_mentions=first_mentions) == {"q"}

    return takes


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, True),
        ({"section": ("sport-leisure",)}, True),
        ({"section": ("Sport, Leisure",)}, True),
        ({"section": ("news", "SPORT LEISURE")}, True),
        ({"section": ("news",)}, False),
        ({"section": ("!!",)}, False),
        ({"lang": ("pt",)}, True),
        ({"lang": ("PT-br",)}, True),
        ({"lang": ("pt-PT",)}, False),
        ({"author": ("ana ruiz",)}, True),
        ({"source": ("desk",), "author": ("Ana Ruiz",)}, True),
        ({"source": ("other",), "author": ("Ana Ruiz",)}, False),
        ({"tag": ("climate",)}, True),
        ({"urgency_max": 3}, True),
        ({"urgency_max": 2}, False),
        ({"q": "goal"}, True),
        ({"q": "GOÁL scor"}, True),
        ({"q": "scor goal"}, False),
        ({"q": "goal", "section": ("news",)}, False),
        ({"q": "?!"}, False),
    ],
)
def test_every_filter_that_is_set_must_take_it(takes, article, tag, filters, expected):
    new = article(headline="A goal was scored", tags=(tag("climate"),), **SPORT)
    assert takes(new, **filters) is expected


def test_an_article_without_an_urgency_is_not_urgent(takes, article):
    assert not takes(article(), urgency_max=9)


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        (("section:sport-leisure",), True),
        (("section:news", "lang:pt"), True),
        (("latest",), True),
        (("section:news", "tag:climate"), False),
    ],
)
def test_a_subscriber_sees_its_products_alone(takes, article, products, expected):
    assert takes(article(**SPORT), products) is expected
    assert not takes(article(**SPORT), products, source=("other",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("united-nations", True),
        ("United Nations", True),
        ("UN", True),
        ("the U.N.", True),
        ("The UN's", True),
        ("Vereinte Nationen", True),
        ("United", False),
    ],
)
def test_an_entity_goes_by_its_other_names(takes, article, entity, name, expected):
    nations = entity(
        "United Nations", "united-nations", aliases=("UN",), known_as=("Vereinte Nationen",)
    )
    assert takes(article(entities=(nations,)), entity=(name,)) is expected


def test_names_lead_to_the_same_entities_as_those_of_lists(takes, article, entity):
    slug = Filters.read({"entity": "Zürich’s"}).entity
    assert takes(article(entities=(entity("Zürich", "zurich"),)), entity=(slug,))


def test_first_mentions_are_those_that_the_event_names(takes, article, entity):
    new = article(
        entities=(entity("Oslo", "oslo"), entity("United Nations", "un", aliases=("U.N.O.",)))
    )
    assert not takes(new, first_mention=True)
    assert takes(new, first_mentions=("oslo",), first_mention=True)
    assert takes(new, first_mentions=("un",), first_mention=True, entity=("UNO",))
    assert not takes(new, first_mentions=("oslo",), first_mention=True, entity=("UNO",))
    # It was the first to name her, and names her no more.
    assert not takes(new, first_mentions=("grace",), first_mention=True)


def test_copies_are_left_out_where_another_of_their_story_was_told_of(queries, article):
    queries.put("collapsed", Filter(collapse="story"))
    queries.put("all", Filter())
    story = {"id": "a" * 16, "of": "a" * 16}
    copy = article(story=Story(role="copy", **story))
    assert queries.match(copy) == {"all"}
    assert queries.match(copy, told_of_story={"collapsed"}) == {"all"}
    assert queries.match(copy, told_of_story=()) == {"all", "collapsed"}
    update = article(story=Story(role="update", **story))
    assert queries.match(update) == {"all", "collapsed"}


def test_a_query_that_is_put_again_or_removed_is_another(queries, article):
    queries.put("q", Filter(q="goal"))
    queries.put("q", Filter(q="match"))
    assert queries.match(article(headline="A goal")) == set()
    assert queries.match(article(headline="A match")) == {"q"}
    queries.put("q", Filter(q="!"))
    assert queries.match(article(headline="A match")) == set()
    queries.put("q", Filter(entity=("Oslo", "oslo")))
    queries.remove("q")
    queries.remove("q")
    assert not len(queries)
    assert not queries._waiting


def test_queries_come_to_wait_where_articles_are_few(queries, article):
    """All their words are long and common but one."""
    for number in range(100):
        queries.put(f"q{number}", Filter(q=f"government x{number}y parliament "))
    assert set(queries._waiting) <= {"government", "parliament*"}
    for _ in range(VAIN):
        queries.match(article(headline="The government and the parliament"))
    assert {q.waits_under for q in queries._queries.values()} == {(f"x{n}y",) for n in range(100)}
    assert not queries._lengths
    last = article(headline="In parliament, x7y government")
    assert queries.match(last) == {"q7"}


def test_words_that_stand_apart_are_compared_each_time(queries, article):
    queries.put("q", Filter(q="foo_bar"))
    for _ in range(2 * VAIN):
        assert queries.match(article(headline="foo and bar")) == set()
    assert queries.match(article(headline="foo bars")) == {"q"}
    assert queries._queries["q"].waits_under != EVERYTHING
