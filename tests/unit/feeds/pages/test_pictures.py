"""Which pictures reader pages load."""

import pytest
from lxml import html

from newsman.feeds.pages.pictures import Pictures, pictures_of
from newsman.feeds.pages.render import Pages
from newsman.ingest.formats.markup.sanitise import sanitise
from newsman_schemas.articles import Image

OWN = "https://news.example/assets/" + "a" * 26


@pytest.fixture
def pictures(site) -> Pictures:
    return pictures_of(site, "img.desk.example, CDN.example:8443")


def test_own_assets_and_named_hosts_are_loaded_and_nothing_else(pictures):
    assert pictures.loads(OWN)
    assert pictures.loads("https://img.desk.example/1.jpg?w=600")
    assert pictures.loads("https://cdn.example:8443/1.jpg")
    for other in (
        "https://cdn.example/1.jpg",
        "https://x.img.desk.example/1.jpg",
        "https://img.desk.example@evil.example/1.jpg",
        "https://evil.example/https://news.example/assets/1",
        "https://news.example.evil.example/assets/1",
        "https://news.example/v1/articles",
        "javascript:alert(1)",
        "//img.desk.example/1.jpg",
        "https://[",
        "",
    ):
        assert not pictures.loads(other), other
    assert pictures.sources == (
        "'self' https://news.example data: img.desk.example cdn.example:8443"
    )


def test_a_link_stands_in_the_place_of_any_other_picture(pictures):
    markup = sanitise(
        f'<p>A <img src="{OWN}" alt="own"> and <img alt=\'"Ships" & quays\' '
        'src="https://far.example/1.jpg?a=1&b=2" width=9></p>'
        '<a href="https://x.example/">see <img src="https://far.example/2.jpg"></a>'
        '<figure><img src="https://far.example/3.jpg"><figcaption>Cap</figcaption></figure>'
    )
    page = html.fromstring(f"<div>{pictures.shown(markup)}</div>")
    assert [found.get("src") for found in page.iter("img")] == [OWN]
    links = {found.get("href"): found.text_content() for found in page.iter("a")}
    assert links == {
        "https://far.example/1.jpg?a=1&b=2": '"Ships" & quays',
        "https://x.example/": "see Picture",
        "https://far.example/3.jpg": "Picture",
    }
    assert "Cap" in page.text_content()


def test_a_picture_in_the_text_has_its_sizes_and_is_loaded_when_it_is_scrolled_to(page_of):
    sizes = [{"href": f"{OWN}?w=300", "width": 300}]
    known = Image(href=OWN, alt='A "ferry"', width=900, height=600, renditions=sizes)
    unknown = OWN.replace("a" * 26, "b" * 26)
    body = sanitise(f'<p><img src="{OWN}"></p><p><img src="{unknown}" alt="Own" width="9"></p>')
    first, second = page_of(images=(known,), body_html=body).iter("img")
    assert dict(first.attrib) == {
        "src": OWN, "alt": 'A "ferry"', "width": "900", "height": "600", "decoding": "async",
        "srcset": f"{OWN}?w=300 300w, {OWN} 900w", "sizes": "(min-width: 42rem) 42rem, 100vw",
    }  # fmt: skip
    assert (second.get("loading"), second.get("alt"), second.get("width")) == ("lazy", "Own", "9")
    lead = Image(href="https://img.desk.example/lead.jpg")
    loaded = page_of(images=(lead, known), body_html=body).iter("img")
    assert [picture.get("loading") for picture in loaded] == [None, "lazy", "lazy"]


def test_markup_without_pictures_stays_as_it_is(pictures, naughty_strings):
    for text in ("<p>Plain.</p>", *map(sanitise, naughty_strings)):
        if "<img" not in text:
            assert pictures.shown(text) == text


def test_no_naughty_string_gets_out_of_the_place_of_its_picture(pictures, naughty_strings):
    for text in naughty_strings:
        picture = html.Element("img", src="https://far.example/x")
        picture.set("alt", "".join(letter for letter in text if letter.isprintable()))
        markup = sanitise(html.tostring(picture, encoding="unicode"))
        page = html.fromstring(f"<div>{pictures.shown(markup)}</div>")
        assert [child.tag for child in page.iter()] == ["div", "a"], text


FAR = "https://far.example/1.jpg?a=1&b=2"
CAPTIONED = Image(href=FAR, caption="The <ferry>", credit="Ida & Co")


@pytest.fixture
def page_of(site, stored, pictures):
    """The page of an article with these fields, as a tree."""
    pages = Pages(site, None, pictures)
    return lambda **fields: html.fromstring(pages.article(stored(**fields), ()))


def links_to(page, href: str) -> list[str]:
    return [
        link.getparent().text_content().strip()
        for link in page.iter("a")
        if link.get("href") == href
    ]


def test_a_picture_that_is_not_loaded_leaves_a_link_with_caption_and_credit(page_of):
    page = page_of(images=(CAPTIONED,), body_html="<p>Text.</p>")
    assert links_to(page, FAR) == ["The <ferry> Ida & Co"]
    assert not list(page.iter("img"))


def test_pictures_that_are_not_loaded_leave_links_beside_one_that_is(page_of):
    page = page_of(images=(Image(href=OWN), CAPTIONED, Image(href="https://far.example/2.jpg")))
    assert [picture.get("src") for picture in page.iter("img")] == [OWN]
    assert links_to(page, FAR) == ["The <ferry> Ida & Co"]
    assert links_to(page, "https://far.example/2.jpg") == ["Picture"]


def test_in_the_text_too_the_link_has_what_is_known_of_the_picture(page_of):
    body = f'<p><img src="{FAR.replace("&", "&amp;")}"></p>'
    assert links_to(page_of(images=(CAPTIONED,), body_html=body), FAR) == ["The <ferry> Ida & Co"]


def test_sound_and_film_are_links_with_their_titles(page_of):
    files = [
        {"href": "https://far.example/1.mp3?a=1&b=2", "type": "audio/mpeg", "title": "<Episode> 1"},
        {"href": "https://far.example/clip.mp4"},
        {"href": "javascript:alert(1)", "title": "no"},
    ]
    page = page_of(extra={"enclosures": files})
    assert links_to(page, files[0]["href"]) == ["<Episode> 1 audio/mpeg"]
    assert links_to(page, files[1]["href"]) == ["clip.mp4 video/mp4"]
    assert not page.xpath("//audio | //video | //a[starts-with(@href, 'javascript')]")
