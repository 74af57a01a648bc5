"""Pictures that scripts load have an address, players become links; in whatever format."""

import json
import time

import pytest

from newsman.ingest.formats.markup.sanitise import sanitise
from newsman.ingest.formats.markup.shown_media import with_shown_media

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
REAL = '<img src="https://i.example/ferry.jpg" alt="Ferry">'


def shown(markup: str) -> str:
    return sanitise(with_shown_media(markup))


@pytest.mark.parametrize(
    "attributes",
    [
        f'src="{PIXEL}" data-src="https://i.example/ferry.jpg"',
        'data-lazy-src="https://i.example/ferry.jpg"',
        'src="https://cdn.example/spacer.gif" data-original="//i.example/ferry.jpg"',
        'srcset="https://i.example/s.jpg 320w, https://i.example/ferry.jpg 1280w"',
        f'src="{PIXEL}" data-srcset="https://i.example/ferry.jpg 2x,https://i.example/a.jpg 1x"',
        'src="https://i.example/ferry.jpg?blur" data-src=https://i.example/ferry.jpg',
        f"src='{PIXEL}' width='1' height='1' data-src='https://i.example/ferry.jpg'",
        'src="https://i.example/ferry.jpg" srcset="https://i.example/huge.jpg 4000w"',
        'data-flickity-lazyload="https://i.example/ferry.jpg"',
        f'src="{PIXEL}" data-runner-src="https://i.example/ferry.jpg" data-id="7.jpg"',
        'srcset="https://i.example/ferry.jpg 2x" data-thumb-src="https://i.example/small.jpg"',
        'src="https://i.example/ferry.jpg" data-error-src="https://i.example/broken.png"',
        'src="https://cdn.example/blank.png" data-full="https://i.example/ferry.jpg"',
        'src="https://cdn.example/blank.png" data-delayed-url="https://i.example/ferry.jpg"',
        'data-src-medium="https://i.example/ferry.jpg" data-caption="ferry"',
        'data-first="https://cdn.example/blank.png" data-orig-file="https://i.example/ferry.jpg"',
    ],
)
def test_a_picture_has_the_address_that_a_script_would_give_it(attributes):
    assert shown(f'<p>a</p><img {attributes} alt="Ferry"/>') == f"<p>a</p>{REAL}"


@pytest.mark.parametrize(
    "markup",
    [
        (
            f'<picture><source srcset="https://i.example/s.webp 1x,https://i.example/ferry.jpg 2x">'
            f'<img src="{PIXEL}" alt="Ferry"></picture>'
        ),
        '<picture><source data-srcset="https://i.example/ferry.jpg"/><img alt="Ferry"/></picture>',
        f'<img class="lazy" src="{PIXEL}"><noscript>{REAL}</noscript>',
        f'<img data-src="https://i.example/ferry.jpg" alt="Ferry"> <noscript>{REAL}</noscript>',
        f'<noscript>{REAL}</noscript><img src="{PIXEL}" data-src="https://i.example/small.jpg">',
        '<amp-img src="https://i.example/ferry.jpg" alt="Ferry"></amp-img>',
        f'<img data-x-src="https://i.example/ferry.jpg" alt="Ferry"><noscript>{REAL}</noscript>',
        f'{REAL}<img src="https://count.example/p" width="1" height="1"><img src="{PIXEL}">',
        f"{REAL}<noscript>Please switch scripts on.</noscript>",
    ],
)
def test_a_picture_is_there_once_whatever_stands_around_it(markup):
    assert shown(markup).strip() == REAL


@pytest.mark.parametrize("name", ["lazy.jpg", "pixel-9.png", "pixel.jpg", "clear-sky.png"])
def test_a_picture_may_be_called_as_placeholders_are(name):
    address = f"https://i.example/{name}"
    assert shown(f'<img src="{address}">') == f'<img src="{address}">'
    assert shown(f'<img src="{PIXEL}" data-src="{address}">') == f'<img src="{address}">'


def test_addresses_of_a_set_may_have_commas_within():
    markup = (
        '<img srcset="https://i.example/w_1,h_2/a.jpg 100w,https://i.example/w_9,h_9/a.jpg 900w">'
    )
    assert shown(markup) == '<img src="https://i.example/w_9,h_9/a.jpg">'


@pytest.mark.parametrize(
    ("markup", "href", "words"),
    [
        (
            (
                '<iframe src="https://www.youtube.com/embed/x1?a=1&amp;b=2" title="How locks work">'
                "</iframe>"
            ),
            "https://www.youtube.com/embed/x1?a=1&amp;b=2",
            "How locks work",
        ),
        (
            '<iframe data-src="//player.example/7" src="about:blank"/>',
            "https://player.example/7",
            "player.example",
        ),
        (
            '<video controls><source src="https://v.example/lock.mp4">No films here.</video>',
            "https://v.example/lock.mp4",
            "lock.mp4",
        ),
        (
            '<audio src="https://v.example/a" aria-label="Interview"></audio>',
            "https://v.example/a",
            "Interview",
        ),
        ('<embed src="https://v.example/e" title="Map">', "https://v.example/e", "Map"),
        (
            (
                '<object title="Film"><param name="movie" value="https://v.example/f">'
                '<embed src="https://v.example/g"></object>'
            ),
            "https://v.example/f",
            "Film",
        ),
    ],
)
def test_a_player_becomes_a_link_with_its_title(markup, href, words):
    link = f'<a href="{href}" rel="noopener nofollow">{words}</a>'
    assert shown(f"<p>Before.</p>{markup}<p>After.</p>").replace(" <", "<").replace("> ", ">") == (
        f"<p>Before.</p>{link}<p>After.</p>"
    )


def test_a_poster_stands_before_the_link():
    assert shown('<video poster="https://v.example/p.jpg" src="https://v.example/v.mp4">') == (
        '<img src="https://v.example/p.jpg"> '
        '<a href="https://v.example/v.mp4" rel="noopener nofollow">v.mp4</a>'
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="https://count.example/" width="0" height="0"></iframe>',
        '<iframe src="javascript:alert(1)" title="x"></iframe>',
        '<img data-src="javascript:alert(1)">',
        "<iframe></iframe>",
        '<img data-src="{{ picture }}">',
    ],
)
def test_what_nobody_can_see_goes(markup):
    assert shown(f"<p>Text.</p>{markup}") == "<p>Text.</p>"


def test_a_frame_that_nobody_closes_takes_no_text_with_it():
    assert "Rest." in shown('<iframe src="https://v.example/1" title="Film"><p>Rest.</p>')


def test_a_tag_in_an_attribute_is_no_picture():
    markup = '<a href="https://n.example/" title="<img data-src=https://i.example/x>">x</a>'
    assert "<img" not in shown(markup)


BODY = f'<p>Text.</p><img src="{PIXEL}" data-src="https://i.example/ferry.jpg" alt="Ferry">'
EXPECTED = f"<p>Text.</p>{REAL}"


def escaped(markup: str) -> str:
    return markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"headline": "Ferry", "body_html": BODY}), "application/json"),
        (
            json.dumps({"uri": "urn:f", "headline": "Ferry", "type": "text", "body_html": BODY}),
            "application/vnd.iptc.ninjs+json",
        ),
        (
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "F",
                    "items": [{"id": "1", "title": "Ferry", "content_html": BODY}],
                }
            ),
            "application/feed+json",
        ),
        (
            (
                f"<item><title>Ferry</title><guid>f</guid><description>{escaped(BODY)}</description>"
                "</item>"
            ),
            "application/rss+xml",
        ),
        (
            (
                '<entry xmlns="http://www.w3.org/2005/Atom"><title>Ferry</title><id>urn:f</id>'
                f'<content type="html">{escaped(BODY)}</content></entry>'
            ),
            "application/atom+xml",
        ),
        (
            (
                "<nitf><head><title>Ferry</title></head><body><body.content>"
                f"{BODY.replace('>', '/>', 3).replace('<p/>', '<p>').replace('</p/>', '</p>')}"
                "</body.content></body></nitf>"
            ),
            "application/nitf+xml",
        ),
    ],
)
def test_every_format_that_carries_html_has_them(article, body, content_type):
    assert article(body, content_type).body_html == EXPECTED


def test_a_relative_lazy_picture_is_made_whole(article):
    item = (
        "<item><title>Ferry</title><link>https://news.example/a/</link><description>"
        '&lt;p&gt;x&lt;/p&gt;&lt;img data-src="../ferry.jpg"&gt;</description></item>'
    )
    assert 'src="https://news.example/ferry.jpg"' in article(item, "application/rss+xml").body_html


@pytest.mark.parametrize(
    "unit",
    [
        "<iframe src=x>",
        "<noscript>",
        "<object data=https://x/1>",
        '<picture><source srcset="a 1x">',
        "<img data-src=https://x/a>",
        "<noscript><img src=https://x/a></noscript>",
        '<img srcset="' + "a 1x, " * 50 + '">',
        '<embed src="',
        "<video><source src=https://x/a></video>",
        "<noscript> <img>",
        '<a b="<">',
        "<img " + " a=b" * 100 + ">",
    ],
)
def test_a_megabyte_of_pictures_costs_little(unit):
    markup = unit * (1_000_000 // len(unit))
    began = time.process_time()
    with_shown_media(markup)
    assert time.process_time() - began < 0.5
