"""The headline of a page: places vote, and the names of sites go."""

import json

import pytest
from tests.unit.ingest.formats.page.pages import article, page

H1 = "<h1>Bridge of Lerby opens after a winter of work</h1>"


def linked(headline, **more):
    item = {"@type": "NewsArticle", "headline": headline, **more}
    return f'<script type="application/ld+json">{json.dumps(item)}</script>'


@pytest.mark.parametrize(
    "title",
    [
        "Bridge of Lerby opens after a winter of work | Lerby Courier",
        "Lerby Courier – Bridge of Lerby opens after a winter of work",
        "Bridge of Lerby opens after a winter of work - Region - Lerby Courier",
        "Bridge of Lerby opens after a winter of work — Courier Online",
        "Bridge of Lerby opens after a winter of work :: Lerby Courier",
        "Bridge of Lerby opens after a winter of work » Region » Lerby Courier",
    ],
)
@pytest.mark.parametrize("heading", ["", H1, "<h1>Lerby Courier</h1>"])
def test_the_name_of_the_site_goes_from_a_title(title, heading):
    head = (
        f'<title>{title}</title><meta property="og:site_name" content="Lerby Courier">'
        '<link rel=canonical href="https://www.courier.example/bridge">'
    )
    found = article(page(head=head, above=heading)).headline
    if heading == H1 or "Region" not in title:
        assert found == "Bridge of Lerby opens after a winter of work"
    else:
        assert found.startswith("Bridge of Lerby opens after a winter of work")
        assert "Courier" not in found


@pytest.mark.parametrize("home", ["/", "https://courier.example/", "./", "/index.html"])
def test_a_heading_that_leads_home_is_the_sites_name(home):
    logo = f"<header><h1><a href='{home}'>Lerby Courier</a></h1></header>"
    head = "<title>Bridge of Lerby opens after a winter of work – Lerby Courier</title>"
    found = article(page(head=head, above=logo)).headline
    assert found == "Bridge of Lerby opens after a winter of work"
    linked_heading = H1.replace("<h1>", "<h1><a href='/bridge'>").replace("</h1>", "</a></h1>")
    assert article(page(above=linked_heading)).headline == found


def test_marks_inside_a_headline_stay():
    head = "<title>Lerby 2 - 1 Norby: a late goal | Courier</title>"
    found = article(page(head=head, above="<h1>Lerby 2 - 1 Norby: a late goal</h1>"))
    assert found.headline == "Lerby 2 - 1 Norby: a late goal"


def test_the_wording_that_readers_saw_wins_over_the_one_for_search_engines():
    head = linked("Lerby bridge opens after winter of work: all you need to know") + (
        '<meta property="og:title" content="Lerby bridge opens after winter of work">'
    )
    assert article(page(head=head, above=H1)).headline == (
        "Bridge of Lerby opens after a winter of work"
    )


@pytest.mark.parametrize("heading", ["<h1>Politics</h1>", "<h1>The Courier</h1>", "<h1></h1>"])
def test_a_heading_that_is_no_headline_is_outvoted(heading):
    head = linked("Bridge of Lerby opens") + (
        '<meta property="og:title" content="Bridge of Lerby opens">'
        "<title>Bridge of Lerby opens | The Courier</title>"
    )
    assert article(page(head=head, above=heading)).headline == "Bridge of Lerby opens"


def test_the_heading_among_several_is_the_one_that_others_repeat():
    above = "<h1>Latest from the region</h1>" + H1
    head = "<title>Bridge of Lerby opens after a winter of work | Courier</title>"
    assert article(page(head=head, above=above)).headline == (
        "Bridge of Lerby opens after a winter of work"
    )


def test_a_drawing_has_no_say():
    above = "<svg><title>Menu</title></svg>" + H1
    assert article(page(above=above)).headline.startswith("Bridge of Lerby")


@pytest.mark.parametrize(
    "kicker", ["Region", "After the flood:", "27.01.2026", "Interview mit A. Roth"]
)
@pytest.mark.parametrize("place", ["og:title", "twitter:title", "json-ld"])
def test_a_kicker_in_the_heading_is_none_of_the_headline(kicker, place):
    words = "Bridge of Lerby opens after a winter of work"
    meta = f'<meta property="{place}" content="{words}">'
    head = linked(words) if place == "json-ld" else meta
    heading = f"<h1><span>{kicker}</span> <span>{words}</span></h1>"
    assert article(page(head=head, above=heading)).headline == words


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("How do I prune an old rose in winter?", "rose in winter"),
        ("A winter of work – the new bridge of Lerby", "The new bridge of Lerby | Courier"),
    ],
)
def test_a_title_for_search_engines_does_not_shorten_the_heading(heading, title):
    head = f'<meta property="og:title" content="{title}">'
    assert article(page(head=head, above=f"<h1>{heading}</h1>")).headline == heading


@pytest.mark.parametrize("before", ["02.03.2026 ", "2. März 2026 – ", "12. 3. 2026: "])
def test_the_date_before_a_headline_goes(before):
    words = "Bridge of Lerby opens again"
    assert article(page(above=f"<h1>{before}{words}</h1>")).headline == words


def test_places_at_which_a_headline_may_be_broken_go():
    heading = "<h1>Brücken&shy;bau&shy;amt öffnet die neue Brü\xadcke</h1>"
    assert article(page(above=heading)).headline == "Brückenbauamt öffnet die neue Brücke"


def test_a_name_of_the_site_that_begins_the_headline_stays_where_the_page_says_so_twice():
    words = "Lerby fährt – Tipps für jede Brücke"
    head = (
        f'<title>{words} | LerbyFährt</title><meta property="og:title" content="{words}">'
        '<meta property="og:site_name" content="Lerby fährt">'
    )
    assert article(page(head=head, above=f"<h1>{words}</h1>")).headline == words
