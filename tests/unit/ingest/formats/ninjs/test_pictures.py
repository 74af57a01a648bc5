"""Pictures of ninjs items: the rendition that is shown, and what is said of it."""

import json

import pytest

HREF = "https://i.example/%s.jpg"
NINJS = "application/vnd.iptc.ninjs+json"


@pytest.fixture
def pictures(article):
    """The pictures of an item that has these associations."""

    def pictures(associations: object, **fields):
        item = {"uri": "urn:f", "headline": "Ferry", "associations": associations, **fields}
        return article(json.dumps(item), NINJS).images

    return pictures


def rendition(name: str, width: int, **fields) -> dict:
    return {"href": HREF % name, "width": width, "height": 10, "mimetype": "image/jpeg", **fields}


def test_of_renditions_that_are_named_freely_the_largest_for_screens_is_taken(pictures):
    renditions = {
        "small": rendition("s", 100),
        "large": rendition("l", 1_600),
        "print": rendition("p", 6_000),
    }
    (picture,) = pictures({"main": {"type": "picture", "uri": "urn:p", "renditions": renditions}})
    assert (picture.href, picture.width, picture.mimetype) == (HREF % "l", 1_600, "image/jpeg")


def test_superdesks_rendition_for_pages_comes_first(pictures):
    renditions = {"original": rendition("o", 2_000), "viewImage": rendition("v", 640)}
    (picture,) = pictures({"main": {"type": "picture", "uri": "urn:p", "renditions": renditions}})
    assert picture.href == HREF % "v"


@pytest.mark.parametrize(
    ("said", "caption", "credit"),
    [
        ({"description_text": "A ferry", "byline": "Ida Holm"}, "A ferry", "Ida Holm"),
        ({"description_html": "<p>A <b>ferry</b></p>", "copyrightholder": "X"}, "A ferry", "X"),
        ({"headline": "Ferry"}, "Ferry", None),
    ],
)
def test_caption_and_credit_are_found_under_their_names(pictures, said, caption, credit):
    entry = {"type": "picture", "uri": "urn:p", "renditions": {"a": rendition("a", 9)}, **said}
    (picture,) = pictures({"main": entry})
    assert (picture.caption, picture.credit) == (caption, credit)


def test_an_item_that_does_not_say_what_it_is_may_show_a_picture(pictures):
    entry = {
        "uri": "urn:p",
        "renditions": {"a": rendition("a", 9), "b": {"href": "https://x.example/b.pdf"}},
    }
    (picture,) = pictures({"main": entry})
    assert picture.href == HREF % "a"
    assert pictures({"main": {**entry, "type": "video"}}) == ()
