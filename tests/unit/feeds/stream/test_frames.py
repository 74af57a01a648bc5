"""Frames: what an event tells readers of the live stream, and what it keeps to itself."""

import json
from datetime import UTC, datetime

import pytest

from newsman.feeds.query.listings import Filters
from newsman.feeds.stream.frames import (
    Frame,
    article_frame,
    as_json_line,
    ranking_frame,
    still_told,
    without,
)
from newsman_schemas.articles import ArticlePublished, Tag
from newsman_schemas.popularity import RankingChanged, Standing

TOPIC = "t.article-published.v1"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHOWN: frozenset[str] = frozenset()


def data(sent: bytes) -> str:
    return next(line[6:] for line in sent.decode().splitlines() if line.startswith("data: "))


def frame(number: int, key: str, terms) -> Frame:
    return Frame(TOPIC, 0, number, key, 1, b"", terms)


def test_a_replay_says_nothing_of_what_was_taken_away_later():
    told = [
        frame(number, article_id, terms)
        for number, (article_id, terms) in enumerate(
            [("a", SHOWN), ("b", SHOWN), ("a", SHOWN), ("a", None), ("b", SHOWN), ("a", SHOWN)]
        )
    ]
    assert [found.offset for found in still_told(told)] == [1, 3, 4, 5]


def event(stored, action="published", **fields) -> ArticlePublished:
    shown = None if action in ("killed", "withdrawn") else stored(**fields).article
    return ArticlePublished(
        event_id="e",
        occurred_at=NOW,
        action=action,
        revision=1,
        article_id="abcdefghijklmnop",
        source="demo",
        uri="urn:test:1",
        version=1,
        article=shown,
    )


def test_a_frame_tells_what_an_article_is_about_without_its_text(stored, site):
    tag = Tag(name="Bridges", slug="bridges", confidence=1, method="test")
    published = event(stored, section="Øst", body_text="The text.", tags=(tag,))
    made = article_frame(published, TOPIC, 0, 5, site)
    told = json.loads(data(made.payload))
    assert made.payload.startswith(b"event: article.published\n")
    assert told["headline"] == "A bridge opens"
    assert told["url"] == "https://news.example/articles/abcdefghijklmnop"
    assert (told["tags"], told["revision"]) == (["Bridges"], 1)
    assert b"The text." not in made.payload
    assert made.terms == {"latest", "section:ost", "source:demo", "tag:bridges"}


@pytest.mark.parametrize("language", ["pt", "pt-BR", "pt_BR"])
def test_a_stream_of_a_language_has_its_regions(stored, site, language):
    made = article_frame(event(stored, language="pt-BR"), TOPIC, 0, 5, site)
    assert made.payload_for(frozenset(Filters.read({"language": language}).selection.terms))


@pytest.mark.parametrize("scope", ["language:pt-br", "language:pt_br", "language:pt-BR"])
def test_a_ranking_is_found_by_its_scope_whoever_spelled_it(site, scope):
    change = RankingChanged(
        event_id="e", occurred_at=NOW, window="24h", order="views", scope=scope, as_of=NOW, items=()
    )
    made = ranking_frame(change, TOPIC, 0, 5, site)
    assert made.payload_for(frozenset(Filters.read({"language": "pt-BR"}).selection.terms))
    assert made.payload_for(frozenset({"scope:language:pt-br"}))
    assert not made.payload_for(frozenset(Filters.read({"language": "pt"}).selection.terms))


def test_a_frame_of_a_kill_has_nothing_of_the_article_but_its_id(stored, site):
    made = article_frame(event(stored, action="killed"), TOPIC, 0, 5, site)
    assert made.payload.startswith(b"event: article.killed\n")
    assert set(json.loads(data(made.payload))) == {"id", "action", "revision", "version", "at"}


def test_no_headline_can_end_a_frame(stored, site, naughty_strings):
    for text in naughty_strings:
        payload = article_frame(event(stored, headline=text), TOPIC, 0, 5, site).payload.decode()
        assert payload.count("\n") == 3
        assert "\r" not in payload
        assert json.loads(data(payload.encode()))["headline"] == text


def test_a_block_of_the_stream_is_a_line_of_json():
    position = [{"topic": "t", "partition": 0, "offset": 7}]
    block = b"id: " + json.dumps(position).encode() + b"\nevent: article.published\n"
    told = as_json_line(block + b'data: {"headline": "a: b\\u2028"}\n\n')
    assert told.count(b"\n") == 1
    assert json.loads(told) == {
        "event": "article.published",
        "id": position,
        "data": {"headline": "a: b\u2028"},
    }
    assert as_json_line(b":ok\n\nretry: 2000\n\n") == b"\n"
    assert as_json_line(b": still here\n\n") == b"\n"
    assert json.loads(as_json_line(b"id: [1]\n\n")) == {"event": "position", "id": [1]}


def standing(rank: int, letter: str) -> Standing:
    return Standing(
        rank=rank, was=rank + 1, article_id=letter * 16, views=9, readers=7, score=9.0,
        velocity=4.0, filtered_share=0.25,
    )  # fmt: skip


def ranked(*letters: str, scope: str = "all") -> RankingChanged:
    rows = tuple(standing(rank, letter) for rank, letter in enumerate(letters, start=1))
    return RankingChanged(
        event_id="r", occurred_at=NOW, window="24h", order="views", scope=scope, as_of=NOW,
        items=rows, gone=("z" * 16,),
    )  # fmt: skip


def test_a_frame_of_a_ranking_tells_who_stands_where_and_why(site):
    made = ranking_frame(ranked("a", "b"), "t.ranking-changed.v2", 0, 5, site)
    told = json.loads(data(made.payload))
    assert made.payload.startswith(b"event: ranking.changed\n")
    assert (told["window"], told["order"], told["scope"]) == ("24h", "views", "all")
    assert (told["as_of"], told["gone"]) == ("2026-03-02T12:00:00Z", ["z" * 16])
    assert told["items"][1] == {
        "id": "b" * 16,
        "url": f"https://news.example/articles/{'b' * 16}",
        "rank": 2,
        "was": 3,
        "views": 9,
        "readers": 7,
        "score": 9.0,
        "velocity": 4.0,
        "filtered_share": 0.25,
        "pinned": False,
    }
    assert made.terms >= {"window:24h", "order:views", "scope:all"}


def test_a_ranking_stands_under_its_scope_as_filters_of_feeds_name_it(site):
    event = ranked("a", scope="language:nb_NO")
    made = ranking_frame(event, "t.ranking-changed.v2", 0, 5, site)
    assert made.terms == {"window:24h", "order:views", "scope:language:nb-no", "language:nb-no"}


def test_a_later_ranking_of_the_same_key_has_a_higher_revision(site):
    first = ranking_frame(ranked("a"), "t", 0, 5, site)
    event = ranked("a").model_copy(update={"as_of": datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC)})
    later = ranking_frame(event, "t", 0, 6, site)
    assert later.key == first.key
    assert later.revision > first.revision


def test_a_ranking_without_what_is_gone_has_no_gap_and_no_trace_of_it_in_its_rows(site):
    made = ranking_frame(ranked("a", "b", "c"), "t", 0, 5, site)
    told = json.loads(data(without(made, {"a" * 16}).payload))
    assert [(row["rank"], row["id"][0]) for row in told["items"]] == [(1, "b"), (2, "c")]
    assert "a" * 16 not in without(made, {"a" * 16}).payload.decode()
    assert without(made, {"q" * 16}) is made


def test_nothing_is_taken_out_of_a_frame_of_an_article(stored, site):
    made = article_frame(event(stored), TOPIC, 0, 5, site)
    assert without(made, {made.key}) is made


def test_readers_of_what_an_update_left_are_told_that_it_has_moved_without_a_word_of_it(
    stored, site
):
    update = event(stored, action="updated", section="Arts")
    moved = update.model_copy(update={"left_terms": {"section:sport": 1, "language:en": 1}})
    made = article_frame(moved, TOPIC, 0, 5, site)
    for wanted in ({"section:sport"}, {"language:en", "section:arts"}, {"language:en"}):
        sent = made.payload_for(frozenset(wanted))
        assert sent.startswith(b"event: article.withdrawn\n")
        assert json.loads(data(sent)) == {
            "id": "abcdefghijklmnop",
            "action": "withdrawn",
            "reason": "moved",
            "revision": 1,
            "version": 1,
            "at": NOW.isoformat(),
        }
    assert made.payload_for(frozenset({"section:arts"})) == made.payload
    for wanted in ({"section:city"}, {"section:sport", "tag:rain"}):
        assert made.payload_for(frozenset(wanted)) is None


def test_products_are_any_of_which_an_article_stands_under_one(stored, site):
    update = event(stored, action="updated", section="Arts", language="en")
    made = article_frame(
        update.model_copy(update={"left_terms": {"section:sport": 1}}), TOPIC, 0, 5, site
    )
    english, arts, sport, none = frozenset({"language:en"}), "section:arts", "section:sport", ()
    for wanted, products, payload in (
        (english, (arts, "section:news"), made.payload),
        (english, (sport, "section:news"), made.moved),
        (frozenset({"tag:rain"}), (arts,), None),
        (english, ("section:news",), None),
        (english, none, made.payload),
    ):
        assert made.payload_for(wanted, products) == payload
    assert made.told_by(made.payload).event == "article.updated"
    assert made.told_by(made.moved).event == "article.withdrawn"
    killed = article_frame(event(stored, action="killed"), TOPIC, 0, 6, site)
    assert killed.payload_for(frozenset(), ("section:news",)) == killed.payload
    assert killed.told_by(killed.payload).event == "article.killed"


def test_who_was_told_of_a_move_is_not_told_again(stored, site):
    update = event(stored, action="updated", section="Arts")
    moved = update.model_copy(update={"left_terms": {"section:sport": 2, "tag:rain": 3}})
    made = article_frame(moved, TOPIC, 0, 5, site).since(2)
    assert made.payload_for(frozenset({"section:sport"})) is None
    assert made.payload_for(frozenset({"tag:rain"})) == made.moved
