"""Searches with a bound on what is looked at, against searches without one and plain Python."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsman.feeds.catalogue import search as search_module
from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search, search_stories
from newsman_schemas.articles import Story

from .test_index import NOW, event, ids

SPORT = "section:sport"
PLAIN = (
    "SELECT a.id FROM words JOIN articles a ON a.number = words.rowid WHERE words MATCH ? "
    "AND NOT EXISTS (SELECT 1 FROM replaced r WHERE r.id = a.id) {under}"
    "ORDER BY bm25(words, 8.0, 4.0, 1.0, 0.0), a.told_ms DESC, a.id"
)
UNDER = "AND EXISTS (SELECT 1 FROM terms t WHERE t.id = a.id AND t.term = ? AND t.shown = 1) "
WORDS = st.lists(st.sampled_from(["quay", "quays", "ferry", "a"]), min_size=1, max_size=4)
ARTICLES = st.lists(
    st.fixed_dictionaries(
        {
            "headline": WORDS.map(" ".join),
            "body_text": WORDS.map(" ".join),
            "section": st.sampled_from(["Sport", "Arts"]),
            "follows": st.sampled_from([None, None, None, 0, 1]),
        }
    ),
    max_size=14,
)


def told(articles: list[dict]) -> list:
    """Events of articles, some of which follow up another."""
    return [
        event(str(number), evolved_from=None if follows is None else str(follows), **fields)
        for number, article in enumerate(articles)
        for fields in [dict(article)]
        for follows in [fields.pop("follows")]
    ]


def has(article: dict, word: str, *fields: str, is_last: bool) -> bool:
    words = [each for field in fields for each in article[field].split()]
    return any(each == word or (is_last and each.startswith(word)) for each in words)


def heads(articles: list[dict]) -> list[int]:
    """The numbers of the articles that no other has followed up."""
    follows = {one["follows"] for number, one in enumerate(articles) if one["follows"] != number}
    return [number for number in range(len(articles)) if number not in follows]


def newest(
    articles: list[dict], asked: list[str], section: str | None, most: int, *, unfinished: bool
) -> list[str]:
    """The newest articles with all the words, those with all in the headline first."""

    def all_in(number: int, *fields: str) -> bool:
        return all(
            has(articles[number], word, *fields, is_last=unfinished and place == len(asked) - 1)
            for place, word in enumerate(asked)
        )

    hits = [
        number
        for number in heads(articles)
        if section in (None, articles[number]["section"])
        and all_in(number, "headline", "body_text")
    ][-most:]
    by_id = sorted(hits, key=lambda number: ids(str(number)))
    ordered = sorted(by_id, key=lambda number: not all_in(number, "headline"))
    return ids(*map(str, ordered))


ALIKE = [
    {"headline": "quay", "body_text": "quay", "section": section, "follows": None}
    for section in ["Sport"] * 8 + ["Arts"]
]
"""The newest with the word in its headline is of another section."""


@example(articles=ALIKE, asked=["quay"], section="Sport", bounds=(2, 4))
@given(
    articles=ARTICLES,
    asked=st.lists(st.sampled_from(["quay", "ferry", "a", "fer"]), min_size=1, max_size=2),
    section=st.sampled_from([None, "Sport"]),
    bounds=st.sampled_from([(2, 4), (1_000, 1_000), (3, 1_000)]),
)
@settings(max_examples=200, deadline=None)
def test_bounded_searches_find_what_unbounded_ones_do(articles, asked, section, bounds):
    catalogue, query = Catalogue(), " ".join(asked)
    events = told(articles)
    catalogue.write([LoggedEvent(0, n, each) for n, each in enumerate(events)], {0: len(events)})
    match = "{headline summary text} : (" + " ".join(f'"{word}"' for word in asked) + "*)"
    terms, under = ((SPORT,), UNDER) if section else ((), "")
    plain = [one for (one,) in catalogue.rows(PLAIN.format(under=under), match, *terms)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "MOST_RANKED", bounds[0])
        patch.setattr(search_module, "MOST_FOUND", bounds[1])
        found = search(catalogue, query, terms, 50)
        pages = [search(catalogue, query, terms, 1, offset) for offset in range(len(found))]
    if len(plain) <= bounds[0]:
        assert found == plain
    else:
        assert found == newest(articles, asked, section, bounds[1], unfinished=True)
    assert [one for page in pages for one in page] == found
    assert sorted(newest(articles, asked, section, 99, unfinished=True)) == sorted(plain)
    catalogue.close()


@given(articles=ARTICLES, asked=st.permutations(["quay", "ferry", "a"]))
@settings(max_examples=100, deadline=None)
def test_words_of_many_articles_are_finished_and_not_weighed(articles, asked):
    catalogue = Catalogue()
    events = told(articles)
    catalogue.write([LoggedEvent(0, n, each) for n, each in enumerate(events)], {0: len(events)})
    fields = ("headline", "body_text")
    standing = [articles[number] for number in heads(articles)]
    are_common = [
        any(has(article, word, *fields, is_last=False) for article in standing) for word in asked
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "COMMON_WORD", 1)
        found = search(catalogue, " ".join(asked), (), 50)
    expected = newest(articles, asked, None, 99, unfinished=not are_common[-1])
    assert found == expected if all(are_common) else set(found) == set(expected)
    catalogue.close()


def test_of_too_many_hits_the_newest_are_shown_those_with_the_words_in_their_headline_first(
    catalogue, tell, monkeypatch
):
    monkeypatch.setattr(search_module, "MOST_RANKED", 2)
    monkeypatch.setattr(search_module, "MOST_FOUND", 4)
    tell(event("quay in sport", section="Sport"))
    for name in ("a", "b", "the quay", "c"):
        tell(event(name, body_text="At the quay."))
    assert set(search(catalogue, "qua", [], 10)) == set(ids("the quay", "c", "b", "a"))
    assert search(catalogue, "qua", [], 1) == ids("the quay")
    pages = [search(catalogue, "quay", [], 1, offset) for offset in range(5)]
    assert [len(page) for page in pages] == [1, 1, 1, 1, 0]
    # Under a term there are fewer.
    assert search(catalogue, "quay", [SPORT], 10) == ids("quay in sport")
    assert search(catalogue, "quay", [(SPORT, "section:arts")], 10) == ids("quay in sport")


def test_a_common_word_is_taken_for_finished_and_a_rare_one_decides_the_order(
    catalogue, tell, monkeypatch
):
    monkeypatch.setattr(search_module, "COMMON_WORD", 2)
    tell(
        event("one", headline="Oslo", body_text="ferry"),
        event("two", headline="Oslo ferry", body_text="ferry"),
        event("three", headline="Oslofjord", body_text="ferry"),
    )
    assert search(catalogue, "oslo", (), 9) == ids("two", "one")
    assert search(catalogue, "oslof", (), 9) == ids("three")
    assert search(catalogue, "ferry oslofjo", (), 9) == ids("three")
    tell(event("two", 2, action="killed"), event("one", 2, action="killed"))
    assert search(catalogue, "oslo", (), 9) == []


def test_the_mark_of_a_term_is_no_word_that_readers_find(catalogue, tell):
    tell(event("a", section="Sport"))
    ((words,),) = catalogue.rows("SELECT terms FROM words")
    for mark in words.split():
        assert search(catalogue, mark, (), 9) == []
    assert search(catalogue, "_", (), 9) == []
    assert search(catalogue, "_ news", (SPORT,), 9) == ids("a")


def test_of_each_story_the_best_is_found_on_whichever_page(catalogue, tell, monkeypatch):
    monkeypatch.setattr(search_module, "STORIES_AT_ONCE", 2)
    for number in range(9):
        story = Story(id=ids(f"s{number // 2}")[0], role="original") if number < 8 else None
        at = NOW + timedelta(minutes=number)
        tell(event(f"n{number}", headline="Quay " * (number + 1), story=story, published_at=at))
    all_hits = search(catalogue, "quay", (), 99)
    stories = search_stories(catalogue, "quay", (), 99)
    assert len(stories) == 5
    assert [one for one in all_hits if one in stories] == stories
    pages = [search_stories(catalogue, "quay", (), 2, offset) for offset in (0, 2, 4)]
    assert [one for page in pages for one in page] == stories
