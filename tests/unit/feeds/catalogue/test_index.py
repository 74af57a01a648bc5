"""The catalogue: combinations, words, and changes without gaps."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.assets.store import Asset
from newsman.feeds.catalogue import queries as queries
from newsman.feeds.catalogue import term_tests as term_tests
from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.own_file import OwnFile
from newsman.feeds.catalogue.search import search
from newsman.feeds.query.cursors import BadCursor, decode_before, decode_since, encode_since
from newsman.feeds.query.listings import Filters
from newsman.feeds.query.selection import Selection
from newsman_schemas.articles import (
    ArticlePublished,
    Author,
    EnrichedArticle,
    Enrichment,
    Tag,
    article_id,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def tag(name: str) -> Tag:
    return Tag(name=name, slug=name, confidence=1, method="t")


def event(name: str, revision: int = 1, *, action: str = "published", **fields) -> ArticlePublished:
    article = EnrichedArticle(
        **{
            "id": article_id("desk", name),
            "source": "desk",
            "uri": name,
            "version": revision,
            "version_created": NOW,
            "headline": f"News of {name}",
            "slug": name,
            "enrichment": Enrichment(status="done", method="t", duration_ms=1),
            **fields,
        }
    )
    return ArticlePublished(
        event_id=f"{name}-{revision}",
        occurred_at=NOW + timedelta(seconds=revision),
        action=action,
        revision=revision,
        article_id=article.id,
        source="desk",
        uri=name,
        version=revision,
        article=None if action in ("killed", "withdrawn") else article,
    )


def ids(*names: str) -> list[str]:
    return [article_id("desk", name) for name in names]


def found(catalogue, **filters) -> set[str]:
    return {
        place.article_id
        for place in queries.listed(catalogue, Filters.read(filters).selection.terms, None, 99)
    }


def test_filters_are_combined(catalogue, tell):
    tell(
        event("a", section="Sport", language="en-GB", tags=(tag("cup"),), byline="Mira Holt"),
        event("b", section="Sport", language="nb", tags=(tag("cup"),)),
        event("c", section="Arts", language="en", authors=(Author(name="Mira Holt"),)),
    )
    assert found(catalogue) == set(ids("a", "b", "c"))
    assert found(catalogue, section="Sport", lang="en") == set(ids("a"))
    assert found(catalogue, language="en") == set(ids("a", "c"))
    assert found(catalogue, author="mira holt") == set(ids("a", "c"))
    assert found(catalogue, tag="cup", source="desk") == set(ids("a", "b"))
    assert found(catalogue, tag="cup", section="arts") == set()
    assert queries.largest(catalogue, "section", 1) == [("sport", "Sport", 2)]
    assert queries.term_name(catalogue, "author:mira-holt") == "Mira Holt"


def test_what_was_killed_is_neither_listed_nor_found(catalogue, tell):
    tell(event("a", section="Sport", body_text="secret words"))
    assert search(catalogue, "secret", (), 9) == ids("a")
    tell(event("a", 2, action="killed"))
    assert search(catalogue, "secret", (), 9) == []
    assert found(catalogue, section="sport") == set()
    (gone,) = queries.departed(catalogue, ("section:sport",), 9)
    assert (gone.article_id, gone.status, gone.uri) == (ids("a")[0], "killed", "a")
    assert not catalogue.rows("SELECT * FROM words WHERE words MATCH 'secret'")
    tell(event("a", 3, section="Sport"))
    assert queries.departed(catalogue, ("section:sport",), 9) == []


def test_an_older_or_repeated_revision_changes_nothing(catalogue, tell):
    tell(event("a", 2, section="Arts"), event("a", 1, section="Sport"), event("a", 2))
    assert found(catalogue, section="arts") == set(ids("a"))


@pytest.mark.parametrize(
    "words", ["cafe", "CAFÉ", "caf", "news cafe", '"cafe" OR x*', "café NEAR("]
)
def test_search_knows_words_with_and_without_accents_and_no_operators(catalogue, tell, words):
    tell(event("a", headline="The old café of Oslo", body_text="or x near news"), event("b"))
    hits = search(catalogue, words, (), 9)
    assert hits[:1] == ids("a")


@pytest.mark.parametrize("words", ["", " ", '"', "*", "' OR 1=1 --", "\x00", "a" * 5_000, "( AND"])
def test_no_words_whatever_break_a_search(catalogue, tell, words):
    tell(event("a"))
    assert search(catalogue, words, (), 9) in ([], ids("a"))


def test_a_headline_counts_more_than_a_text(catalogue, tell):
    tell(event("a", body_text="bridge " * 3), event("b", headline="A bridge"))
    assert search(catalogue, "bridge", (), 9) == ids("b", "a")


def test_related_are_those_that_share_what_is_rare(catalogue, tell):
    tell(
        event("a", tags=(tag("cup"), tag("rare"))),
        event("b", tags=(tag("cup"),)),
        event("c", tags=(tag("rare"),)),
        event("d", tags=(tag("cup"),)),
        event("e", tags=(tag("other"),)),
    )
    assert queries.related(catalogue, ids("a")[0], 2)[0] == ids("c")[0]
    assert ids("e")[0] not in queries.related(catalogue, ids("a")[0], 9)


def test_pages_of_equal_times_hold_every_article_once(catalogue, tell):
    names = [f"n{number}" for number in range(25)]
    tell(*(event(name, section="Sport") for name in names))
    seen, before = [], None
    while page := queries.listed(catalogue, ("section:sport",), before, 4):
        seen += [place.article_id for place in page]
        before = page[-1]
        tell(event(f"later {len(seen)}", section="Sport", published_at=NOW + timedelta(hours=1)))
    assert sorted(seen) == sorted(ids(*names))


def test_who_follows_is_told_when_an_article_leaves_what_he_follows(catalogue, tell):
    tell(event("a", section="Sport"))
    _, since = queries.changed(catalogue, ("section:sport",), {}, 9)
    tell(event("a", 2, section="Arts"))
    (change,), _ = queries.changed(catalogue, ("section:sport",), since, 9)
    assert change.tombstone.status == "moved"


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from(["Sport", "Arts", "killed"])),
    max_size=30,
)


@given(steps=STEPS, reads=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 3)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_a_reader_of_changes_ends_with_what_there_is(steps, reads):
    catalogue, ends, revisions = Catalogue(), dict.fromkeys(range(4), 0), {}
    held: set[str] = set()
    since: dict[int, int] = {}

    def read(limit: int) -> bool:
        nonlocal since
        changes, reached = queries.changed(catalogue, ("section:sport",), since, limit)
        for change in changes:
            held.discard(change.article_id)
            if change.tombstone is None:
                held.add(change.article_id)
        onward = decode_since(encode_since(reached)) != since
        since = reached
        return onward or bool(changes)

    for number, (part, which, what) in enumerate(steps):
        name = f"{part}-{which}"
        revisions[name] = revisions.get(name, 0) + 1
        told = (
            event(name, revisions[name], action="killed")
            if what == "killed"
            else event(name, revisions[name], section=what)
        )
        catalogue.write([LoggedEvent(part, ends[part], told)], {part: ends[part] + 1})
        ends[part] += 1
        for at, limit in reads:
            if at == number:
                read(limit)
    while read(2):
        pass
    assert held == found(catalogue, section="sport")
    catalogue.close()


@pytest.mark.parametrize("text", ["", "x", "1-abc", "1.2-", "1.2-x", "1-" + "a" * 17, "9" * 99])
def test_cursors_that_nobody_made_are_refused(text):
    with pytest.raises(BadCursor):
        decode_before(text)
    with pytest.raises(BadCursor):
        decode_since(text)


@given(steps=STEPS)
@settings(max_examples=100, deadline=None)
def test_terms_know_how_many_articles_they_have_and_rare_ones_answer_alike(steps):
    catalogue = Catalogue()
    for revision, (part, which, what) in enumerate(steps, start=1):
        name = f"{part}-{which}"
        told = (
            event(name, revision, action="killed")
            if what == "killed"
            else event(name, revision, section=what, tags=(tag(f"t{which}"),))
        )
        catalogue.write([LoggedEvent(part, revision, told)], {part: revision + 1})
    counted = "SELECT term, sum(shown), count(*) FROM terms GROUP BY term ORDER BY term"
    sizes = catalogue.rows("SELECT * FROM sizes WHERE ever > 0 ORDER BY term")
    assert sizes == catalogue.rows(counted)
    shown = [(term.partition(":")[2], n) for term, n, _ in sizes if term[:8] == "section:" and n]
    largest = queries.largest(catalogue, "section", 9)
    assert [(slug, n) for slug, _, n in largest] == sorted(shown, key=lambda one: (-one[1], one[0]))

    either = ("section:sport", "section:arts")
    for terms in (
        ("section:sport",),
        ("section:sport", "tag:t1"),
        ("tag:t1", "section:sport"),
        ("latest", either),
        ("tag:t1", either),
    ):
        answers = []
        for most in (0, term_tests.RARE_TERM):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(term_tests, "RARE_TERM", most)
                changes = queries.changed(catalogue, terms, {}, 5)
                listed = queries.listed(catalogue, terms, None, 50)
                answers.append((changes, queries.departed(catalogue, terms, 5), listed))
        assert answers[0] == answers[1]
    # Every article here stands under one of these sections.
    assert queries.listed(catalogue, ("latest", either), None, 50) == queries.listed(
        catalogue, ("latest",), None, 50
    )
    catalogue.clear()
    assert catalogue.rows("SELECT * FROM sizes") == []
    catalogue.close()


def test_a_catalogue_in_a_file_goes_on_where_it_was(tmp_path):
    file = str(tmp_path / "catalogue.db")
    first = Catalogue(file)
    first.write([LoggedEvent(2, 7, event("a", section="Sport"))], {2: 8})
    first.close()
    again = Catalogue(file)
    assert again.positions() == again.reached == {2: 8}
    assert found(again, section="sport") == set(ids("a"))
    again.clear()
    assert (again.positions(), again.reached, found(again)) == ({}, {}, set())
    again.close()


def test_a_selection_reads_only_its_own_parameters():
    asked = Filters.read({"section": "Øst ", "lang": "en", "tag": "", "format": "rss", "utm": "x"})
    chosen = asked.selection
    assert chosen == Selection((("section", "ost"), ("language", "en")))
    assert chosen.query == "section=ost&language=en"


def test_lists_searches_and_changes_show_the_last_of_a_chain_only(catalogue, tell):
    tell(event("a", section="Sport"), event("b", section="Sport", evolved_from="a"))
    assert found(catalogue, section="sport") == set(ids("b"))
    assert search(catalogue, "news", (), 9) == ids("b")
    changes, _ = queries.changed(catalogue, ("section:sport",), {}, 9)
    assert [change.article_id for change in changes] == ids("b")
    tell(event("b", 2, action="killed"))
    assert found(catalogue, section="sport") == set()


def test_an_article_that_names_itself_as_its_parent_is_listed(catalogue, tell):
    tell(event("a", section="Sport", evolved_from="a"))
    assert found(catalogue, section="sport") == set(ids("a"))


@pytest.mark.parametrize("language", ["pt", "pt-BR", "pt_br"])
def test_a_language_has_its_regions(catalogue, tell, language):
    tell(event("a", language="pt-BR"), event("b", language="en"))
    assert found(catalogue, lang=language) == set(ids("a"))


def test_it_knows_which_articles_show_a_rendition_and_which_ever_did(catalogue, tell):
    chart, map_ = "a" * 26, "b" * 26

    def shows(*assets: str) -> str:
        return " ".join(f"https://news.example/assets/{asset}" for asset in assets)

    tell(
        event("one", body_html=shows(chart, map_)),
        event("two", extra={"renditions": {"small": {"href": shows(map_)}}}),
        event("three", body_text=f"{shows(chart)}2"),
    )
    one, two = article_id("desk", "one"), article_id("desk", "two")
    assert showing(catalogue, chart) == [one]
    assert showing(catalogue, map_) == sorted([one, two])
    assert queries.showing(catalogue, asset(map_), min(one, two), 9) == [max(one, two)]
    tell(event("one", 2, action="killed"), event("two", 2))
    assert showing(catalogue, map_) == [one], "the store knows whether it is there"
    assert queries.was_shown(catalogue, asset(map_))
    assert not queries.was_shown(catalogue, asset("c" * 26))


def asset(asset_id: str, source: str = "desk") -> Asset:
    return Asset(asset_id, source, "m", "image/jpeg", "image/jpeg", 1, "0" * 64, 0.0, "1-2")


def showing(catalogue, asset_id: str, source: str = "desk") -> list[str]:
    return queries.showing(catalogue, asset(asset_id, source), "", 9)


def test_an_article_of_another_source_neither_shows_nor_keeps_a_rendition(catalogue, tell):
    chart, map_ = "a" * 26, "b" * 26
    body = f"https://news.example/assets/{chart} /assets/{map_}"
    rival = article_id("rival", "copy")
    tell(event("copy", id=rival, source="rival", body_html=body))
    for each in (chart, map_):
        assert not queries.was_shown(catalogue, asset(each))
        assert showing(catalogue, each) == []
        assert showing(catalogue, each, "rival") == [rival]
    tell(event("one", body_html=f"/assets/{chart}"))
    assert showing(catalogue, chart) == ids("one")
    assert not queries.was_shown(catalogue, asset(map_))


def test_a_catalogue_of_an_older_layout_is_made_anew(tmp_path):
    file = tmp_path / "catalogue.db"
    with closing(sqlite3.connect(file)) as older:
        older.executescript(
            "CREATE TABLE assets (asset TEXT NOT NULL, id TEXT NOT NULL, shown INTEGER NOT NULL,"
            "  PRIMARY KEY (asset, id)) WITHOUT ROWID;"
            "CREATE TABLE positions (part INTEGER PRIMARY KEY, at INTEGER NOT NULL);"
            f"INSERT INTO assets VALUES ('{'a' * 26}', 'one', 1);"
            "INSERT INTO positions VALUES (2, 8);"
            "PRAGMA user_version = 4;"
        )
    anew = Catalogue(str(file))
    assert anew.positions() == {}, "it reads the log from its beginning"
    assert anew.rows("SELECT * FROM assets") == []
    anew.write([LoggedEvent(0, 0, event("one", body_html=f"/assets/{'a' * 26}"))], {0: 1})
    assert showing(anew, "a" * 26) == ids("one")
    anew.close()


def test_a_file_is_one_process_s_until_it_ends(tmp_path):
    named = str(tmp_path / "catalogue.sqlite")
    first = OwnFile(named)
    assert first.path == named
    assert OwnFile(named).path == ""
    first.close()
    with closing(OwnFile(named)) as next_one:
        assert next_one.path == named
    assert OwnFile(None).path == ""
