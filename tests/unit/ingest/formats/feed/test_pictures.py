"""Pictures and words about films and sounds in feeds: Media RSS, iTunes, enclosures."""

import pytest

CHANNEL = (
    '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>F</title>'
    "<item><title>Ferry</title><guid>urn:f</guid>%s</item></channel></rss>"
)
TEXT = "<description>Text.</description>"


@pytest.fixture
def item(article):
    """The article of an RSS item with these elements."""
    return lambda parts: article(CHANNEL % parts, "application/rss+xml")


@pytest.mark.parametrize(
    "parts",
    [
        (
            '<media:thumbnail url="https://i.example/s.jpg" width="60"/>'
            '<media:thumbnail url="https://i.example/l.jpg" width="600"/>'
        ),
        (
            '<media:content url="https://i.example/l.jpg?width=140&amp;s=1" width="140"/>'
            '<media:content url="https://i.example/l.jpg?width=600&amp;s=2" width="600"/>'
        ),
        (
            '<media:content url="https://i.example/l-60x40.jpg" width="60" height="40"/>'
            '<media:content url="https://i.example/l-600x400.jpg" width="600" height="400"/>'
        ),
        (
            '<media:content url="https://i.example/60/l.jpg" width="60"/>'
            '<media:content url="https://i.example/600/l.jpg" width="600"/>'
        ),
        (
            '<media:group><media:content url="https://i.example/s.jpg" width="60"/>'
            '<media:content url="https://i.example/l.jpg" width="600"/></media:group>'
        ),
        (
            '<media:group><media:content url="https://v.example/v.mp4" type="video/mp4">'
            '<media:thumbnail url="https://i.example/l.jpg" width="600"/></media:content>'
            '<media:thumbnail url="https://i.example/s.jpg" width="60"/></media:group>'
        ),
        (
            '<media:content url="https://v.example/v.mp4" medium="video">'
            '<media:thumbnail url="https://i.example/l.jpg" width="600px"/></media:content>'
        ),
    ],
)
def test_of_several_sizes_the_largest_is_taken(item, parts):
    (picture,) = item(TEXT + parts).images
    assert "/l" in picture.href
    assert picture.width == 600


def test_pictures_of_their_own_are_all_kept_and_a_thumbnail_does_not_lead(item):
    pictures = item(
        TEXT + '<media:content url="https://i.example/icon.jpg" width="60"/>'
        '<media:content url="https://i.example/photo1.jpg" width="600"/>'
        '<media:content url="https://i.example/photo2.jpg" width="500"/>'
    ).images
    assert [picture.href[18:] for picture in pictures] == ["photo1.jpg", "icon.jpg", "photo2.jpg"]


def test_all_that_is_said_of_a_picture_is_kept(item):
    (picture,) = item(
        TEXT + '<media:content url="https://i.example/f.jpg" type="image/jpeg" width="800" '
        'height="600"><media:description>&lt;b&gt;The&lt;/b&gt; ferry</media:description>'
        "<media:credit>Ann Ek</media:credit></media:content>"
        '<enclosure url="https://i.example/f.jpg" type="image/jpeg" length="1"/>'
    ).images
    assert picture.model_dump(exclude_defaults=True) == {
        "href": "https://i.example/f.jpg",
        "caption": "The ferry",
        "credit": "Ann Ek",
        "mimetype": "image/jpeg",
        "width": 800,
        "height": 600,
    }


@pytest.mark.parametrize(
    "parts",
    [
        '<enclosure url="https://i.example/f.jpg" type="image/jpeg" length="1"/>',
        '<itunes:image href="https://i.example/f.jpg"/>',
        "<image><url>https://i.example/f.jpg</url></image>",
        (
            '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="enclosure" '
            'type="image/jpeg" href="https://i.example/f.jpg"/>'
        ),
    ],
)
def test_a_picture_may_be_named_in_other_words(item, parts):
    (picture,) = item(TEXT + parts).images
    assert picture.href == "https://i.example/f.jpg"


def test_of_sizes_that_nobody_gives_the_feeds_own_choice_counts_and_words_about_any(item):
    (picture,) = item(
        '<media:group><media:content url="https://i.example/s.jpg" medium="image" fileSize="900">'
        "<media:credit>Eva Lund</media:credit></media:content>"
        '<media:content url="https://i.example/l.jpg" medium="image" isDefault="true"/>'
        '<media:content url="https://i.example/m.jpg" medium="image" fileSize="100">'
        "<media:text>The ferry</media:text></media:content></media:group>"
    ).images
    assert picture.href == "https://i.example/l.jpg"
    assert (picture.caption, picture.credit) == ("The ferry", "Eva Lund")


def test_a_group_says_what_a_film_is_about(item):
    film = item(
        "<media:group><media:title>Film</media:title>"
        '<media:content url="https://v.example/v" type="application/x-shockwave-flash"/>'
        '<media:thumbnail url="https://i.example/f.jpg" width="480" height="360"/>'
        "<media:description>How a lock works.</media:description></media:group>"
    )
    assert (film.summary, film.body_text) == ("How a lock works.", "How a lock works.")
    assert film.images[0].href == "https://i.example/f.jpg"


def test_an_episode_has_its_author_and_what_it_is_about(item):
    episode = item(
        "<itunes:summary>On locks.</itunes:summary><itunes:author>Ann Ek</itunes:author>"
        '<enclosure url="https://v.example/e.mp3" type="audio/mpeg" length="12"/>'
    )
    assert (episode.summary, episode.body_text, episode.byline) == (
        "On locks.",
        "On locks.",
        "Ann Ek",
    )
    assert episode.extra["enclosures"][0]["href"] == "https://v.example/e.mp3"


def test_the_words_under_a_picture_are_no_summary(item):
    parts = '<media:content url="https://i.example/f.jpg"/><media:description>A ferry'
    assert item(f"{TEXT}{parts}</media:description>").summary is None


def test_a_hundred_thousand_pictures_cost_little(item):
    one = '<media:content url="https://i.example/%d.jpg" width="%d"/>'
    parts = "".join(one % (number, number) for number in range(15_000))
    assert 0 < len(item(TEXT + parts).images) <= 100


@pytest.mark.parametrize(
    "parts",
    [
        "<image>https://i.example/l.jpg</image>",
        "<image><url>https://i.example/l.jpg</url><title>Words</title></image>",
        "<media:thumbnail> https://i.example/l.jpg </media:thumbnail>",
    ],
)
def test_the_address_of_a_picture_may_be_its_text(item, parts):
    assert [image.href for image in item(parts).images] == ["https://i.example/l.jpg"]
    assert item("<image>A ferry</image><image><title>x</title></image>").images == ()
