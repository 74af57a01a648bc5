"""The day of a page, wherever it is said."""

from datetime import UTC, datetime

import pytest
from tests.unit.ingest.formats.page.pages import article, page

H1 = "<h1>Bridge of Lerby opens</h1>"
DAY = datetime(2026, 3, 2, tzinfo=UTC).date()


def day_of(markup):
    published = article(markup).published_at
    return published.date() if published else None


@pytest.mark.parametrize(
    "name",
    "article:published_time publishdate publish_date pubdate dc.date dcterms.issued datePublished "
    "parsely-pub-date sailthru.date displaydate article_date_original "
    "cXenseParse:recs:publishtime citation_publication_date x-publish-date".split(),
)
def test_the_names_under_which_pages_say_it(name):
    head = f'<meta name="{name}" content="2026-03-02T10:00:00Z">'
    assert day_of(page(head=head, above=H1)) == DAY


@pytest.mark.parametrize(
    "name", ["article:modified_time", "expires-date", "og:updated_time", "article:publisher"]
)
def test_names_of_other_times_are_not_taken_for_it(name):
    head = f'<meta property="{name}" content="2026-03-02T10:00:00Z">'
    assert day_of(page(head=head, above=H1)) is None


@pytest.mark.parametrize(
    "path",
    [
        "2026/03/02/bridge",
        "news/2026-03-02-bridge",
        "a/20260302/b",
        "2026/mar/2/x",
        "202603/02/c.htm",
    ],
)
def test_the_day_in_the_address(path):
    head = f'<link rel=canonical href="https://c.example/{path}">'
    assert day_of(page(head=head, above=H1)) == DAY


@pytest.mark.parametrize("path", ["2026/13/02/x", "story-12345678", "p/2026", "v/1.2.3"])
def test_other_numbers_in_the_address_are_no_day(path):
    head = f'<link rel=canonical href="https://c.example/{path}">'
    assert day_of(page(head=head, above=H1)) is None


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Published March 2, 2026 at 10:15 AM"),
        ("en", "Monday 2nd March 2026, 10:15"),
        ("de", "Von Ana Roth, 02.03.2026 - 10:15 Uhr"),
        ("fr", "Publié le 2 mars 2026 à 10h15"),
        ("es", "2 de marzo de 2026"),
        ("it", "Lunedì 2 marzo 2026"),
        ("pl", "2 marca 2026, 10:15"),
        ("ru", "2 марта 2026 г."),
        ("tr", "2 Mart 2026"),
        ("fi", "2. maaliskuuta 2026"),
        ("zh", "2026年3月2日 10:15"),
        ("ko", "2026년 3월 2일"),
        ("en-GB", "02/03/2026"),
        ("en-US", "03/02/2026"),
        ("es", "02/03/2026 10:15"),
        ("ko", "2026. 3. 2. 10:15"),
        ("hu", "2026. március 2., 10:15"),
        ("lt", "2026 m. kovo 2 d."),
        ("el", "2 Μαρτίου 2026"),
        ("hr", "2. ožujka 2026."),
        ("sl", "2. marca 2026 ob 10.15"),
        ("et", "2. märts 2026"),
        ("id", "2 Maret 2026"),
        ("ca", "2 de març de 2026"),
        ("he", "2 במרץ 2026"),
        ("ar", "الاثنين 2 مارس 2026"),
        ("ar", "2 آذار 2026"),
    ],
)
@pytest.mark.parametrize("mark", ['<div class="article-date">{}</div>', "<div>{}</div>"])
def test_the_day_that_readers_see_below_the_headline(language, line, mark):
    assert day_of(page(above=H1 + mark.format(line), language=language)) == DAY


@pytest.mark.parametrize("time", ["10:15 AM ET", "10:15 a.m. EST", "16:15 CET", "15:15 on Monday"])
def test_a_time_that_readers_see_is_in_the_zone_it_names(time):
    line = f"{H1}<div class=date>Updated: March 2, 2026 {time}</div>"
    found = article(page(above=line, language="en-US"))
    assert found.published_at == datetime(2026, 3, 2, 15, 15, tzinfo=UTC)


def test_the_day_in_the_footer_that_drupal_sets_above_the_text():
    meta = "<footer class='node__meta'>By Ana Roth, 2 March 2026 - 10:15</footer>"
    assert day_of(page(above=f"{H1}<article>{meta}</article>")) == DAY
    assert day_of(page(above=H1, below="<footer>2 March 2026</footer>")) is None


def test_two_numbers_that_both_may_be_the_month_are_no_day():
    assert day_of(page(above=H1 + "<div class=date>02/03/2026</div>", language="en")) is None


def test_today_above_the_headline_is_not_the_day_of_the_story():
    above = f"<div class=date>5 March 2026</div>{H1}<div class=date>2 March 2026</div>"
    assert day_of(page(above=above)) == DAY


def test_dates_in_the_text_and_in_the_comments_are_not_the_pages():
    body = "<p>On 7 May 2024 the old bridge was closed to all traffic of the town.</p>" * 3
    comments = "<div class=comments><span class=date>9 May 2024</span></div>"
    assert day_of(page(above=H1, body=body, below=comments)) is None
