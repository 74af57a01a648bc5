"""What is taken away is remembered, without its text, for as long as it is away."""

from newsman_schemas.articles import PubStatus, article_id

from .conftest import killed, pushed


def gone(desk, term: str = "latest", **options):
    return [
        (entry.uri, entry.action, entry.revision)
        for entry in desk.wait(desk.reader.gone(term, **options))
    ]


def test_kills_and_withdrawals_are_listed_with_the_last_first(desk):
    desk.push(pushed("urn:a", section="Sport"), pushed("urn:b"), pushed("urn:c"))
    desk.push(killed("urn:a", 2, minute=10))
    desk.push(pushed("urn:b", 2, minute=11, pubstatus=PubStatus.WITHHELD))
    assert gone(desk) == [("urn:b", "withdrawn", 2), ("urn:a", "killed", 2)]
    assert gone(desk, "section:sport") == [("urn:a", "killed", 2)]
    assert gone(desk, limit=1) == [("urn:b", "withdrawn", 2)]


def test_nothing_of_the_text_is_kept_with_it(desk):
    desk.push(pushed("urn:a", headline="Unrepeatable words"), killed("urn:a", 2))
    raw = desk.wait(desk.client.hget(desk.keys.article(article_id("desk", "urn:a")), "gone"))
    assert b"Unrepeatable" not in raw


def test_an_article_that_lives_again_leaves_the_list(desk):
    desk.push(pushed("urn:a", section="Sport"), killed("urn:a", 2))
    desk.push(pushed("urn:a", 3, section="Travel"))
    assert gone(desk) == gone(desk, "section:sport") == gone(desk, "section:travel") == []


def test_an_article_that_was_never_shown_is_not_missed(desk):
    desk.push(killed("urn:a"), pushed("urn:a", minute=0))
    assert gone(desk) == []


def test_a_killed_article_that_moved_is_missed_where_it_last_stood_and_before(desk):
    desk.push(pushed("urn:a", section="Sport"), pushed("urn:a", 2, section="Travel"))
    assert gone(desk, "section:sport") == []
    desk.push(killed("urn:a", 3))
    assert gone(desk, "section:travel") == [("urn:a", "killed", 3)]
