"""Feeds are made of pieces that are kept, and are what they would be without."""

import gzip
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from newsman.outputs import atom, jsonfeed, rss
from newsman.outputs.listing import Listing, Others
from newsman.outputs.pieces import MOST_KEPT, gzipped, whole
from newsman_schemas.articles import Image

from .conftest import NAUGHTY

FORMATS = pytest.mark.parametrize("output", [rss, atom, jsonfeed])
PICTURE = Image(href="https://news.example/a.jpg", mimetype="image/jpeg")


def listing(*articles) -> Listing:
    return Listing("Latest", "/", "/latest", articles)


def anew(one):
    """The same article, of which nothing is kept."""
    return replace(one, pieces={})


@FORMATS
@pytest.mark.parametrize("text", NAUGHTY)
def test_a_feed_of_kept_pieces_is_the_one_that_is_made_anew(output, text, hostile, stored, site):
    articles = hostile(text), stored(id="b" * 16, images=(PICTURE,), language="de")
    first = output.render(listing(*articles), site)
    again = output.render(listing(*articles), site)
    # The order, and what stands beside an article, are no part of what is kept of it.
    turned = output.render(listing(*reversed(articles)), site)
    assert first == again
    assert turned == output.render(listing(*map(anew, reversed(articles))), site)
    if output is not jsonfeed:
        ET.fromstring(first)


@FORMATS
def test_pieces_in_gzip_are_the_document(output, stored, site):
    for articles in ((), (stored(body_html="<p>All about it.</p>" * 1_000),) * 3):
        pieces = output.render_pieces(listing(*articles), site)
        document = whole(pieces)
        assert gzip.decompress(gzipped(pieces, document)) == document


@FORMATS
def test_what_a_listing_alone_says_of_an_article_is_not_kept(output, stored, site):
    article, other = stored(), stored(id="b" * 16, headline="Another view")
    plain = listing(article)
    with_other = replace(plain, others={article.article.id: Others(1, (other,))})
    without = output.render(plain, site)
    assert b"Another view" in output.render(with_other, site)
    assert output.render(plain, site) == without


@FORMATS
def test_a_mended_chain_and_a_new_revision_are_another_piece(output, stored, site):
    article = stored()
    output.render(listing(article), site)
    chained = article.article.model_copy(update={"original_id": "urn:first"})
    for changed in (
        replace(article, article=chained),
        replace(article, published_at_ms=article.published_at_ms + 60_000),
    ):
        expected = output.render(listing(anew(changed)), site)
        assert output.render(listing(changed), site) == expected
        assert expected != output.render(listing(article), site)


def test_few_pieces_of_an_article_are_kept(stored, site):
    article = stored()
    for number in range(3 * MOST_KEPT):
        rss.render(listing(article), replace(site, name=str(number)))
        assert 1 <= len(article.pieces) <= MOST_KEPT
