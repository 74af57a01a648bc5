"""Words of standing queries are those of searches, whatever a text holds."""

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search
from newsman.matching.standing_queries import StandingQueries
from newsman.matching.words import MAX_WORDS, Tokenizer, match_of, words_of
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Filter

SAMPLES = (
    "Zürich naïve Ångström Łódź İstanbul ısı straße STRASSE Ωμέγα ὈΔΥΣΣΕΎΣ Привет ёлка हिन्दी "
    "العربية 中文字 日本語テキスト 한국어 don’t foo_bar __ _a a_ x² ⅷ ǅ ﬁsh 𐐀𐐨 😀a e\u0301te\u0301 "
    "\u0301b a\u0345b \ue000 1,000.5 2026-03-02 U.N. C++ AT&T tab\tnew\nline nul\0nul "
    "nbsp\u00a0x zwj\u200dx soft\u00adhyphen \u1e9b\u0323 \U0001e900 ٣٤ Å Ǻ ẞ ſ K ℡ ᾳ ΐ ʼn Ⅳ ㋿ 𝒜 "
    '"quoted" NEAR( OR NOT AND * ^ headline: {a}'
).split(" ")
WORDS = st.one_of(
    st.sampled_from(SAMPLES),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6),
    st.text("aAbäÄ_é中\u0301²9 .-", min_size=1, max_size=5),
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def catalogue():
    catalogue = Catalogue()
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def revisions():
    return count(1)


@pytest.fixture(scope="module")
def queries():
    return StandingQueries()


@st.composite
def wanted(draw: st.DrawFn, text: str) -> str:
    """A search that often finds the text: pieces of it, some cut short, and other words."""
    if not text or draw(st.integers(0, 5)) == 0:
        return draw(TEXTS)
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        pieces.append(text[start : start + draw(st.integers(1, 12))])
    query = draw(st.sampled_from((" ", "_", "-"))).join(pieces)
    return draw(st.sampled_from((query, query.upper(), query.lower(), query.swapcase())))


@st.composite
def articles_and_searches(draw: st.DrawFn) -> tuple[tuple[str, str, str], str]:
    fields = draw(TEXTS), draw(TEXTS), draw(TEXTS)
    return fields, draw(wanted(draw(st.sampled_from(fields)))) or "x"


@settings(deadline=None)
@given(articles_and_searches())
@example((("foo bar", "", ""), "foo_ba"))
@example((("foo x bar", "", ""), "foo_ba"))
@example((("foo", "bar", ""), "foo_bar"))
@example((("food", "", ""), "foo _"))
@example((("food", "", ""), "_"))
@example((("a b c d e f g h i j k lm", "", ""), "a b c d e f g h i j k l zzz"))
def test_a_standing_query_takes_what_the_search_finds(catalogue, queries, revisions, article, made):
    (headline, summary, text), query = made
    new = article(headline=f"{headline}|", summary=summary, body_text=text)
    revision = next(revisions)
    event = ArticlePublished(
        event_id=f"e{revision}",
        occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
        action="published",
        revision=revision,
        article_id=new.id,
        source="desk",
        uri="a",
        version=1,
        article=new,
    )
    catalogue.write([LoggedEvent(0, revision, event)], {0: revision + 1})
    queries.put("q", Filter(q=query[:500]))
    is_found = search(catalogue, query[:500], [], 10) == [new.id]
    assert (queries.match(new) == {"q"}) == is_found


def test_every_character_is_read_as_the_index_reads_it():
    tokenizer = Tokenizer()
    assert (
        tokenizer.tokens("Zürich, NAÏVE\u0301 don’t 中文 x²")
        == "zurich naive don t 中文 x²".split()
    )
    assert tokenizer.tokens("") == []
    assert tokenizer.tokens("a\U00040000b \U0010fffd\ud800c") == ["a\U00040000b", "\U0010fffd", "c"]


def test_an_accent_may_be_a_character_of_its_own():
    assert match_of(words_of("e\u0301te\u0301")) == match_of(words_of("été"))


def test_nothing_that_a_reader_types_is_an_operator():
    assert match_of(words_of('NEAR("a" OR b)')) == '"NEAR" "a" "OR" "b"*'
    assert match_of(words_of("!?")) == ""
    assert match_of(words_of("a " * 20)) == " ".join(['"a"'] * MAX_WORDS) + "*"
