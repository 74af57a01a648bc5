"""Languages of words: an article's own, the page's around them."""

import re
from datetime import timedelta

import pytest
from lxml import html

from newsman.feeds.corrections.corrections import steps
from newsman.feeds.corrections.diff import summary
from newsman.feeds.corrections.routes import KINDS
from newsman.feeds.listings.listings import PopularRow
from newsman.feeds.pages.front_stories import Block, Column, Front
from newsman.outputs.listing import Listing, Others
from newsman.rankings.core import RankingRow

LATER = timedelta(hours=3)


@pytest.fixture
def shown(stored):
    """Articles in Arabic, German and English, each with words of its own script alone."""
    arabic = {"language": "ar", "section": "اقتصاد", "byline": "Jo", "copyright": ""}
    german = {"language": "de", "section": "Öß", "byline": "Jo", "copyright": ""}
    before = stored(**arabic, id="a" * 16, headline="فتح الجسر", body_text="فتح الجسر اليوم")
    text = {"body_text": "فتح الجسر أمس", "body_html": "<p>فتح الجسر أمس</p>"}
    after = stored(
        **arabic, **text, id="a" * 16, headline="فتح الجسر القديم", version=2, revision=2,
        subheadline="بعد أربعين عاما", extra={"correction": "صححنا اليوم"},
        version_created=before.article.version_created + LATER,
    )  # fmt: skip
    other = stored(**german, id="b" * 16, headline="Öß öß", body_text="Öß.", body_html="<p>Öß.</p>")
    english = stored(id="c" * 16, headline="A bridge opens", language="en", section="City")
    return before, after, other, english


def bodies(pages, shown):
    """Every kind of page that tells of these articles."""
    before, arabic, german, english = shown
    articles = (arabic, german, english)
    rows = tuple(
        PopularRow(n, one, RankingRow(one.article.id, n, 1, n)) for n, one in enumerate(articles, 1)
    )
    history = steps([before.article, arabic.article])
    latest = Listing(
        "Latest", "/", "/latest", articles, others={arabic.article.id: Others(1, (german,))}
    )
    story = Listing("A story", "/stories/x", "/stories/x", articles, term=("story", "x"))
    column = Column((("24h", rows),), history[:1], ())
    blocks = (Block("x", "Block", articles),)
    changes = {"path": "/corrections", "query": "", "older": None, "summary": summary}
    for one in articles:
        related = [each for each in articles if each is not one]
        yield pages.article(one, rows, related, related)
    yield pages.article(arabic, rows, changes=history[:1])
    yield pages.page("history.html", title="x", stored=arabic, steps=history, **changes)
    yield pages.front(Front(latest, arabic, articles, blocks, articles, column))
    yield pages.listing(latest, rows)
    yield pages.popular(rows, "24h", ["24h"])
    yield pages.search("x", articles)
    yield pages.page("story.html", title="x", listing=story)
    listed = {"steps": history, "kind": KINDS["corrections"], **changes}
    yield pages.page("corrections.html", title="x", **listed)


def nearest(text, name: str) -> str:
    """The attribute of the nearest element around a text that has it."""
    around = text.getparent().getparent() if text.is_tail else text.getparent()
    return around.xpath(f"string(ancestor-or-self::*[@{name}][1]/@{name})")


def test_words_have_their_language_and_script_on_every_page(pages, shown):
    for body in bodies(pages, shown):
        for text in html.fromstring(body.decode()).xpath("//main//text()[normalize-space()]"):
            said = nearest(text, "lang"), nearest(text, "dir") or "ltr"
            if re.search(r"[\u0600-\u06ff]", text):
                assert said == ("ar", "rtl"), text
            elif re.search("[Öß]", text):
                assert said == ("de", "ltr"), text
            elif re.search(r"[A-Za-z]{3}", text):
                assert said == ("en", "ltr"), text
