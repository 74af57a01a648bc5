"""Pages as plain text: the furniture goes, the story stays."""

from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument

GLUED = """Tuesday, March 3, 2026
HomeSportRowers cross the “long lake” in record time

Rowers cross the “long lake” in record time

Courier: A crew of eight crossed the lake at Tampere in nine minutes on Tuesday.

The old record had stood since 1998.

This newspaper exists because our readers trust independent journalism to serve them.

Most Popular
"""


def test_a_page_with_glued_breadcrumb_loses_its_furniture(article):
    found = article(GLUED, "text/plain")
    assert found.headline == "Rowers cross the “long lake” in record time"
    assert found.section == "Sport"
    assert found.byline == "Courier"
    assert found.published_at == datetime(2026, 3, 3, tzinfo=UTC)
    assert found.body_text == (
        "A crew of eight crossed the lake at Tampere in nine minutes on Tuesday.\n\n"
        "The old record had stood since 1998."
    )
    assert found.body_html.count("<p>") == 2


def test_quotes_may_be_straight_in_the_breadcrumb_and_curly_in_the_headline(article):
    curly, straight = (
        "HomeSportRowers cross the “long lake”",
        'HomeSportRowers cross the "long lake"',
    )
    page = GLUED.replace(curly, straight)
    assert article(page, "text/plain").section == "Sport"


@pytest.mark.parametrize(
    ("crumbs", "section"),
    [
        ("HomePolitics", "Politics"),
        ("HomeWorld News", "World News"),
        ("HomeWorldAsia", "Asia"),
        ("Home > Business > ", "Business"),
        ("Home/Sports/", "Sports"),
        ("Home » Science » ", "Science"),
        ("Home", None),
        ("", None),
    ],
)
def test_breadcrumbs_of_many_shapes_name_the_section(article, crumbs, section):
    page = f"{crumbs}Bakers strike over flour prices\n\nBakers strike over flour prices\n\nText.\n"
    found = article(page, "text/plain")
    assert (found.headline, found.section) == ("Bakers strike over flour prices", section)
    assert found.body_text == "Text."


def test_a_breadcrumb_on_a_line_of_its_own_names_the_section(article):
    found = article("Home > World > Asia\nTrain reaches Hanoi\n\nIt did.\n", "text/plain")
    assert (found.section, found.headline, found.body_text) == (
        "Asia",
        "Train reaches Hanoi",
        "It did.",
    )


@pytest.mark.parametrize(
    "line",
    [
        "Thursday, July 25, 2024",
        "July 25, 2024",
        "25 July 2024",
        "2024-07-25",
        "Published: July 25, 2024",
        "Updated on 25 July 2024",
    ],
)
def test_date_lines_of_many_shapes_are_taken(article, line):
    found = article(f"{line}\nBridge opens\n\nThe bridge is open.\n", "text/plain")
    assert found.published_at == datetime(2024, 7, 25, tzinfo=UTC)
    assert found.headline == "Bridge opens"


def test_a_date_without_a_zone_is_in_the_sources_zone(article):
    found = article("July 25, 2024\nBridge opens\n", "text/plain", zone="Europe/Helsinki")
    assert found.published_at == datetime(2024, 7, 24, 21, tzinfo=UTC)


def test_no_date_is_ever_made_up(article, now):
    found = article("Bridge opens\n\nThe bridge is open.\n", "text/plain")
    assert found.published_at is None
    assert found.version_created == now


def test_plain_text_is_a_headline_and_what_follows(article):
    found = article("Bridge opens\n\nFirst.\n\nSecond: more of it.\n", "text/plain")
    assert (found.headline, found.section, found.byline) == ("Bridge opens", None, None)
    assert found.body_text == "First.\n\nSecond: more of it."


def test_a_single_line_is_a_headline(article):
    assert article("Bridge opens", "text/plain").headline == "Bridge opens"


def test_nothing_at_all_is_refused(read):
    with pytest.raises(BadDocument, match="no text"):
        read(" \n\n ", "text/plain")


def test_the_same_page_twice_is_the_same_article(article):
    one, other = article(GLUED, "text/plain"), article(GLUED, "text/plain")
    assert (one.id, one.uri, one.version) == (other.id, other.uri, other.version)
    assert one == other


def test_a_page_in_another_encoding_is_read(article):
    assert article("Café\n\nÀ table.".encode("cp1252"), "text/plain").headline == "Café"
    assert article("\ufeffCafé\n\nText".encode("utf-8"), "text/plain").headline == "Café"
    assert article("Café\n\nText".encode("utf-16"), "text/plain").headline == "Café"


def test_the_first_real_page_becomes_the_article_it_is(article, shared_data):
    found = article((shared_data / "first-article.txt").read_bytes(), "text/plain")
    assert found.headline.startswith("Putin signed a “comprehensive”")
    assert found.section == "Diplomacy"
    assert found.published_at == datetime(2024, 7, 25, tzinfo=UTC)
    assert found.byline == "Newsman"
    for furniture in ("mission", "Most Popular", "HomeDiplomacy", found.headline):
        assert furniture not in found.body_text
