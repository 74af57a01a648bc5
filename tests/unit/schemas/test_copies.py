"""Copies inside of an article: found wherever they stand, and cut out with all that is theirs."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from newsman_schemas.article_rules import Status
from newsman_schemas.articles import Article, article_id
from newsman_schemas.copies import (
    MOST_COPIED,
    Hold,
    copied_ids,
    copies_change_at,
    hold_of,
    without_held,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KILLED = Hold(Status.KILLED)


def article(**fields: object) -> Article:
    known = {
        "id": article_id("desk", "urn:main"),
        "source": "desk",
        "uri": "urn:main",
        "version_created": NOON,
        "headline": "Harbour",
        "slug": "harbour",
    }
    return Article.model_validate(known | fields)


def named(uri: str) -> str:
    return article_id("desk", uri)


def copy(uri: str = "urn:x", **fields: object) -> dict[str, object]:
    return {"uri": uri, "type": "text", "headline": f"Text of {uri}", **fields}


def shown(main: Article, *held: str, hold: Hold = KILLED, at: datetime = NOON) -> Article:
    holds = {named(uri): hold for uri in held}
    return main.model_copy(update=without_held(main, holds, at))


@pytest.mark.parametrize("name", ["uri", "guid", "_id"])
@pytest.mark.parametrize("status", [Status.KILLED, Status.WITHHELD, Status.SCHEDULED, "expired"])
def test_a_copy_goes_with_the_article_that_it_names(name, status):
    entry = {name: "urn:x", "headline": "Secret"}
    main = article(associations={"a": entry, "b": copy("urn:y")})
    left = shown(main, "urn:x", hold=Hold(Status(status)))
    assert left.associations == {"b": copy("urn:y")}
    assert shown(main, "urn:z") == main
    assert shown(main) == main


def test_a_copy_goes_wherever_it_stands():
    deep = {"a": copy("urn:y", associations={"b": copy("urn:x"), "c": copy("urn:z")})}
    main = article(
        associations=deep,
        extra={"package": {"items": [copy("urn:x"), "word"]}, "related": copy("urn:x")},
    )
    left = shown(main, "urn:x")
    assert "urn:x" not in left.model_dump_json()
    assert left.associations["a"]["associations"] == {"c": copy("urn:z")}
    assert left.extra == {"package": {"items": ["word"]}}


def test_concepts_and_the_article_itself_are_no_copies():
    extra = {"subject": [{"uri": "urn:x", "name": "Rain"}], "sent": copy("urn:main")}
    main = article(extra=extra, associations={"empty": None, "text": "urn:x"})
    assert copied_ids(main) == ()
    assert shown(main, "urn:x", "urn:main") == main


def test_pictures_of_a_copy_go_from_every_place():
    href = "https://img.example/1.jpg?a=1&b=2"
    picture = copy(type="picture", renditions={"original": {"href": href}})
    other = {"href": "https://img.example/2.jpg"}
    body = (
        '<p>Before.</p><figure><img src="https://img.example/1.jpg?a=1&amp;b=2" alt="a > b">'
        "<figcaption>A &amp; B shake hands</figcaption></figure>"
        '<figure><img src="https://img.example/2.jpg"><figcaption>Kept</figcaption></figure>'
        '<p>In <img alt="x > y" src="https://img.example/1.jpg?a=1&amp;b=2">between'
        '<a href="https://img.example/1.jpg?a=1&amp;b=2">large</a>.</p>'
    )
    main = article(
        associations={"a": picture},
        images=[{"href": href, "caption": "A & B"}, other],
        extra={"images": [{"href": href, "note": "A & B"}, other]},
        body_html=body,
        body_text="Before.\nA & B shake hands\nKept\nIn between large.",
    )
    left = shown(main, "urn:x")
    assert left.body_html == (
        '<p>Before.</p><figure><img src="https://img.example/2.jpg"><figcaption>Kept</figcaption>'
        "</figure><p>In between<a>large</a>.</p>"
    )
    assert left.body_text == "Before.\nKept\nIn between large."
    assert [image.href for image in left.images] == [other["href"]]
    assert left.extra == {"images": [other]}


def test_a_picture_that_another_copy_has_too_stays():
    renditions = {"original": {"href": "https://img.example/1.jpg"}}
    entries = {"a": copy(renditions=renditions), "b": copy("urn:y", renditions=renditions)}
    main = article(associations=entries, images=[{"href": "https://img.example/1.jpg"}])
    assert len(shown(main, "urn:x").images) == 1


@pytest.mark.parametrize(
    ("said", "is_held"),
    [
        ({"pubstatus": "canceled"}, True),
        ({"pubStatus": "stat:withheld"}, True),
        ({"state": "killed"}, True),
        ({"state": "published", "pubstatus": "usable"}, False),
        ({"embargoed": (NOON + HOUR).isoformat()}, True),
        ({"embargoedUntil": "2026-03-02T13:00:00Z"}, True),
        ({"embargoed": "2026-03-02T13:00:00+0000"}, True),
        ({"embargoed": "2026-03-02T13:00:00"}, True),
        ({"embargoed": "until the bell"}, True),
        ({"embargoed": (NOON - HOUR).isoformat()}, False),
        ({"embargoed": None, "pubstatus": None}, False),
        ({"expires": (NOON - HOUR).isoformat()}, True),
        ({"expires": (NOON + HOUR).isoformat()}, False),
    ],
)
def test_a_copy_may_say_by_itself_that_it_is_on_hold(said, is_held):
    main = article(associations={"a": copy(**said)})
    assert (shown(main).associations == {}) == is_held


def test_time_alone_releases_a_copy_and_ends_it():
    times = {
        "embargoed": (NOON + HOUR).isoformat(),
        "expires": (NOON + 2 * HOUR).isoformat(),
    }
    main = article(associations={"a": copy(**times)})
    assert copies_change_at(main, NOON) == NOON + HOUR
    assert copies_change_at(main, NOON + HOUR) == NOON + 2 * HOUR
    assert copies_change_at(main, NOON + 2 * HOUR) is None
    held = [not shown(main, at=NOON + n * HOUR).associations for n in range(3)]
    assert held == [True, False, True]


@pytest.mark.parametrize("said", [{}, {"version": 1}, {"versioncreated": NOON.isoformat()}])
def test_of_an_article_that_lives_again_every_copy_is_shown(said):
    assert hold_of(Status.PUBLISHED) is None
    main = article(associations={"a": copy(**said)})
    assert shown(main).associations == main.associations
    marked = article(associations={"a": copy(**said, pubstatus="canceled")})
    assert shown(marked).associations == {}


def test_copies_of_more_articles_than_are_looked_after_are_not_shown():
    many = {str(n): copy(f"urn:{n}") for n in range(MOST_COPIED + 5)}
    main = article(associations=many)
    assert len(copied_ids(main)) == MOST_COPIED
    assert len(shown(main).associations) == MOST_COPIED


def test_what_costs_most_costs_no_more_than_its_size():
    picture = {"original": {"href": "https://i.example/1.jpg"}}
    many = {str(n): copy(f"urn:{n}", renditions=picture) for n in range(5_000)}
    body = '<figure><img src="https://i.example/1.jpg">' * 10_000 + "<img" * 50_000
    main = article(associations=many, body_html=body)
    began = time.process_time()
    shown(main, *(f"urn:{n}" for n in range(500)))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "name", ["summary", "subheadline", "abstract", "text", "body", "content_html", "images"]
)
def test_any_name_of_a_text_makes_an_object_a_copy(name):
    inner = {"uri": "urn:x", name: "Secret."}
    main = article(associations={"a": inner}, extra={"related": [inner]})
    assert "Secret" not in shown(main, "urn:x").model_dump_json()


def test_the_title_of_a_link_in_newsml_g2_goes_with_what_it_leads_to():
    link = {"@rel": "irel:seeAlso", "@residref": "urn:x", "title": ["Secret."]}
    bare = {"@rel": "irel:seeAlso", "@residref": "urn:x"}
    found = shown(article(extra={"link": [link, bare]}), "urn:x")
    assert found.extra == {"link": [bare]}


@pytest.mark.parametrize("name", ["embargo", "embargoUntil", "embargo_until", "embargoed"])
def test_a_copy_is_held_until_the_moment_it_names_under_any_name(name):
    main = article(associations={"a": copy(**{name: (NOON + HOUR).isoformat()})})
    assert shown(main).associations == {}
    assert copies_change_at(main, NOON) == NOON + HOUR
    assert shown(main, at=NOON + 2 * HOUR).associations
