"""The day of a page, wherever it is said."""

from datetime import UTC, datetime

import pytest
from tests.unit.ingest.formats.page.pages import article, page

from newsman.ingest.formats.values.month_names import month_number

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


MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "sv": "jan feb mars apr maj juni juli aug sep okt nov dec",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "tr": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
}


@pytest.mark.parametrize("language", MONTHS)
def test_the_short_names_of_all_months(language):
    numbers = [month_number(name) for name in MONTHS[language].split()]
    assert numbers == list(range(1, 13))


@pytest.mark.parametrize(
    "markup",
    [
        "<form>{h1}<p class=date>2 March 2026</p>{text}</form>",
        (
            "<article>{h1}<aside class=meta><time class=x datetime=2026-03-02>2 Mar</time></aside>"
            "{text}</article>"
        ),
        (
            "<h1>Lerby Courier</h1><p class=date>9 March 2026</p><h2>Bridge of Lerby opens</h2>"
            "<p class=info>2 March 2026</p>{text}"
        ),
        "{h1}<p class=author>Von Ana Roth | 02.03.26</p>{text}",
        "{h1}{text}<p>Pressemitteilung vom 2. März 2026 | Lerby – {long}</p>",
        "{h1}{text}<div><p>Stand: <b>02.03.2026</b></p></div>",
        (
            "{h1}<span class=headline-date>02. März 2026</span>{text}"
            "<ul><li class=date>16.02.2027<li class=date>15.02.2027</ul>"
        ),
        "{h1}<p>2. März 2026 – {long}</p>{text}",
        "<div>{h1}<small>by</small><br>Ana Roth, 2. März 2026<br>{long}<p>{text}</div>",
        "<div>{h1}<small>March 2, 2026 at 08:45 AM</small> | in bridges, {long}</div>{text}",
        "{h1}{text}<p><span class=itemPostDate>am 2. März 2026</span></p>",
        (
            "{h1}<p class=subline>2. Mär 2026</p>{text}{lines}{lines}{lines}{lines}{lines}"
            "<time datetime=2025-01-03>3</time>"
        ),
        "<h4>Bridge of Lerby opens</h4><div class=info><span>2. Mär. 2026</span></div>{text}",
        (
            "<ul><li><time class=published datetime=2025-01-01>1</time></ul>{lines}{h1}"
            "<time class=published datetime=2026-03-02>2</time>{text}{lines}"
            "<time class=published datetime=2025-01-03>3</time>"
        ),
    ],
)
def test_the_day_near_the_headline_counts(markup):
    text = "<p>" + "The bridge is long and the river is wide, say those who walk. " * 12 + "</p>"
    lines = "".join(f"<p>A line of its own, number {number}</p>" for number in range(20))
    body = markup.format(h1=H1, text=text, lines=lines, long="the council says so. " * 20)
    head = '<html lang=de><meta property="og:title" content="Bridge of Lerby opens">'
    assert day_of(f"{head}<body>{body}") == DAY


@pytest.mark.parametrize(
    "title", ["02.03.2026 | Bridge of Lerby opens", "Lerby | Bridge | 2. März 2026"]
)
def test_the_day_that_is_a_part_of_the_title(title):
    assert day_of(page(head=f'<meta property="og:title" content="{title}">')) == DAY


@pytest.mark.parametrize(
    "line",
    ["Version 1.02.03", "Aktuelles Datum: 02.03.26", "02.03.75", "192.02.03.26", "12.10.26 %"],
)
def test_other_numbers_between_points_are_no_day(line):
    assert day_of(page(above=f"{H1}<p>{line}</p>")) is None
