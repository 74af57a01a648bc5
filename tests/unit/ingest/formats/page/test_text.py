"""The text of a page: what is of the article stays, with its links and pictures."""

import re

import pytest
import trafilatura
from tests.unit.ingest.formats.page.pages import BODY, PARAGRAPHS, article, marked_up, page

from newsman.ingest.formats.page.text import extraction

OTHERS = (
    '<a href="/a">The old bridge of Lerby is sold</a>',
    '<a href="/b">The mayor of Lerby speaks again</a>',
)
FIGURES = [f'<figure><img src="https://c.example/{n}.jpg" alt="Lerby"></figure>' for n in range(2)]


def paragraphs(markup):
    return article(markup).body_text.split("\n\n")


def with_extra(extra):
    return marked_up(PARAGRAPHS[:3]) + extra + marked_up(PARAGRAPHS[3:])


@pytest.mark.parametrize(
    "extra",
    [
        '<p>Read more: <a href="/a">What the old bridge was like</a></p>',
        '<p>Lire aussi : <a href="/a">Le pont de Lerby</a></p>',
        '<p>Lesen Sie auch: <a href="/a">Die Brücke von Lerby</a></p>',
        '<p>WATCH: <a href="/a">Divers look at the piers</a></p>',
        '<p><a href="/a">Five things to know about bridges in Lerby</a></p>',
        "<p>Advertisement</p>",
        "<p>Story continues below</p>",
        "<p>Sign up for our morning newsletter and never miss a story of the region.</p>",
        "<p>Photo by Ana Roth / Getty Images</p>",
        "<p>We use cookies to make this site better for you.</p>",
        '<figure><img src="/a.jpg"><figcaption>The bridge in May, by boat.</figcaption></figure>',
        '<div class="newsletter-signup"><p>Get the news of Lerby by post every morning.</p></div>',
        '<div class="related-articles"><p>The bridge was closed a year ago today.</p></div>',
        '<div class="image-caption">The bridge in May, seen from a boat of the harbour.</div>',
        '<ul class="share-buttons"><li>Share on this</li><li>Share on that</li></ul>',
    ],
)
def test_what_pages_put_between_the_paragraphs_is_left_out(extra):
    assert paragraphs(page(above="<h1>Lerby</h1>", body=with_extra(extra))) == PARAGRAPHS


@pytest.mark.parametrize(
    "below",
    [
        f"<h2>Related stories</h2><ul><li>{OTHERS[0]}</li><li>{OTHERS[1]}</li></ul>",
        '<h3>Most popular</h3><p><a href="/a">The old bridge of Lerby is sold</a></p>',
        "<p>Ana Roth is a reporter for the Courier. She covers bridges.</p>",
        '<div id="comments"><h3>3 comments</h3><p>First, says a reader of it.</p></div>',
        "<p>© 2026 The Courier. All rights reserved.</p>",
        '<div class="author-bio"><p>Ana Roth covers the bridges of the region.</p></div>',
        f"<p>{OTHERS[0]}</p><p>It went to Norby.</p><p>{OTHERS[1]}</p><p>For an hour.</p>",
    ],
)
def test_what_pages_put_below_the_text_is_left_out(below):
    assert paragraphs(page(above="<h1>Lerby</h1>", body=BODY + below)) == PARAGRAPHS


def test_paragraphs_that_only_begin_like_such_things_stay():
    lines = [
        "Watching from the shore, many cried when the first lorry drove across the new bridge.",
        "Related parties had paid for it, the auditors of the town wrote in a report in May.",
        "Listen, she said, this bridge will stand longer than any of us who have built it.",
        "Cookies were sold on the bridge by the school, and nobody went home without some.",
    ]
    assert paragraphs(page(body=BODY + marked_up(lines))) == PARAGRAPHS + lines


def test_byline_and_date_above_the_text_are_left_out():
    above = "<h1>Bridge of Lerby opens</h1><p>By Ana Roth</p><p>2 March 2026, 10:15</p>"
    assert paragraphs(page(body=above + BODY)) == PARAGRAPHS


def test_the_text_is_the_same_with_pictures_and_each_stands_in_its_place():
    bare = page(body=BODY)
    shown = page(
        body=marked_up(PARAGRAPHS[:2]) + FIGURES[0] + marked_up(PARAGRAPHS[2:4]) + FIGURES[1]
        + marked_up(PARAGRAPHS[4:])
    )  # fmt: skip
    found = article(shown)
    assert found.body_text == article(bare).body_text
    order = re.findall(r"(\d)\.jpg|The (\w+) of Lerby", found.body_html)
    assert [a or b for a, b in order] == [
        *("bridge", "harbour", "0", "library", "market", "1", "station"),
    ]


def test_ornaments_are_no_pictures():
    body = with_extra('<img class="author-avatar" src="/a.jpg"><img width=1 height=1 src="/p.gif">')
    assert "<img" not in article(page(body=body)).body_html


def test_a_film_between_the_paragraphs_is_a_link_with_its_title():
    film = (
        '<iframe src="https://www.youtube.com/embed/x" title="Film of the day it opened"></iframe>'
    )
    found = article(page(body=with_extra(f"<p>{film}</p>"))).body_html
    assert ">Film of the day it opened</a>" in found


def test_a_film_that_is_found_as_text_is_one_link():
    film = '<iframe src="https://www.youtube.com/embed/x" title="The opening"></iframe>'
    text = "<p>{}</p>" * 2
    body = text.format(*PARAGRAPHS[:2]).replace("</p><p>", f"</p>{film}<p>")
    assert article(page(body=body)).body_html.count("The opening") == 1


def test_links_and_emphasis_stay_and_split_no_paragraph():
    text = "<br><br>".join(
        text.replace("rebuilt over", '<a href="https://c.example/r">rebuilt</a> <b>over</b>')
        for text in PARAGRAPHS
    )
    found = article(page(body=text))
    assert found.body_text.split("\n\n") == PARAGRAPHS
    assert found.body_html.count("https://c.example/r") == len(PARAGRAPHS)
    assert "<b>over</b>" in found.body_html


def test_a_block_that_the_json_ld_lacks_goes():
    witness = " ".join(PARAGRAPHS)
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Lerby", '
        f'"articleBody": "{witness}"}}</script>'
    )
    other = "<p>Our shop has models of the bridge in three sizes, and posts them to you today.</p>"
    assert paragraphs(page(head=head, body=with_extra(other))) == PARAGRAPHS


def test_a_json_ld_that_was_cut_off_takes_nothing_away():
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Lerby", '
        f'"articleBody": "{" ".join(PARAGRAPHS[:4])[:-10]}…"}}</script>'
    )
    assert paragraphs(page(head=head)) == PARAGRAPHS


def test_where_there_is_little_lines_from_elsewhere_are_left_out():
    offers = ["Log in", "Read it all for one crown a day", "Terms of the offer", "Save this story"]
    lines = "".join(f"<p><a href='/o'>&gt; {offer}</a></p>" for offer in offers)
    body = f"<div class=tools>{lines}</div><div class=text>{marked_up(PARAGRAPHS[:2])}</div>{lines}"
    assert paragraphs(page(above="<h1>Lerby rebuilt</h1>", body=body)) == PARAGRAPHS[:2]


def test_the_extractors_other_ways_are_tried_where_the_first_finds_little(monkeypatch):
    asked = []
    bare_extraction = trafilatura.bare_extraction

    def counting(*arguments, **options):
        asked.append(options["fast"])
        return bare_extraction(*arguments, **options)

    monkeypatch.setattr(extraction.trafilatura, "bare_extraction", counting)
    assert paragraphs(page(body=BODY)) == PARAGRAPHS
    assert asked == [True]
    paragraphs(page(body="<p>Little.</p>"))
    assert asked == [True, True, False]


def test_a_page_that_takes_the_extractor_too_long_is_read_by_plain_rules(monkeypatch):
    monkeypatch.setattr(extraction, "CPU_SECONDS", 0.000_001)
    assert paragraphs(page(body=BODY)) == PARAGRAPHS


def test_a_section_whose_first_paragraph_the_json_ld_lacks_stays_whole():
    opening = PARAGRAPHS[0].replace("Lerby", "Norby") + " " + PARAGRAPHS[0].replace("came", "ran")
    witness = " ".join(PARAGRAPHS)
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Lerby",'
        f'"articleBody": "{witness}"}}</script>'
    )
    markup = page(head=head, above="<h1>Lerby</h1>", body=with_extra(f"<p>{opening}</p>"))
    assert paragraphs(markup) == [*PARAGRAPHS[:3], opening, *PARAGRAPHS[3:]]


def test_a_film_without_a_title_is_a_link_and_no_text():
    film = '<iframe src="https://www.youtube.com/embed/4Xq"></iframe>'
    read = article(page(above="<h1>Lerby</h1>", body=with_extra(film)))
    assert 'href="https://www.youtube.com/embed/4Xq"' in read.body_html
    assert read.body_text.split("\n\n") == PARAGRAPHS


def test_the_hour_at_the_end_of_a_date_ends_no_sentence():
    dated = "<p>posted on March 4, 2026, at 11:29 a.m.</p>"
    assert paragraphs(page(above="<h1>Lerby</h1>", body=dated + BODY)) == PARAGRAPHS


def test_the_terms_of_a_form_for_comments_are_left_out():
    form = (
        '<div class="box" id="site_comment_form_container_624c6b1b33fc"><ul><li>What readers write '
        "is what readers think, and not what the Courier does.</li></ul></div>"
    )
    assert paragraphs(page(above="<h1>Lerby</h1>", below=form)) == PARAGRAPHS


@pytest.mark.parametrize("element", ["article", "main"])
def test_what_stands_beside_the_articles_own_element_is_not_looked_at(monkeypatch, element):
    seen = []
    search = extraction.trafilatura.bare_extraction
    monkeypatch.setattr(
        extraction.trafilatura,
        "bare_extraction",
        lambda markup, **options: seen.append(markup) or search(markup, **options),
    )
    lead = "<p>Lerby has its places again, and it took only one winter to do it.</p>"
    whole = f"<{element}><header><h1>Lerby</h1>{lead}</header>{BODY}</{element}>"
    beside = "<div><p>Norby wants a bridge too, and it will ask for it in spring.</p></div>"
    assert paragraphs(page(body=whole, below=beside))[-len(PARAGRAPHS) :] == PARAGRAPHS
    assert seen
    assert all("Norby" not in markup for markup in seen)
    assert all("Lerby has its places" in markup for markup in seen)
