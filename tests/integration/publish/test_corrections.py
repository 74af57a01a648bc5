"""History and corrections, as pages and feeds, from what the gate has kept."""

import feedparser
import httpx
import pytest

from newsman.feeds.cache.answer_cache import AnswerCache
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import AnswerStore
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.corrections import corrections
from newsman.feeds.corrections.routes import CorrectionPages
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.feeds.listings.tombstones import TombstoneReader
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.listings import ListingRoutes
from newsman.feeds.pages.pictures import Pictures
from newsman.feeds.pages.render import Pages
from newsman.feeds.web import build_web
from newsman.outputs import FORMATS
from newsman.outputs.listing import Site
from newsman.rankings.ranking import Rankings
from newsman_schemas.articles import PubStatus, article_id

from .conftest import MINUTE, NOON, killed, pushed

NAUGHTY = "</del><script>alert(1)</script>"


@pytest.fixture
def catalogue():
    made = Catalogue()
    yield made
    made.close()


@pytest.fixture
def get(desk, catalogue):
    site = Site("https://news.example", "The Example")
    pages = Pages(site, None, Pictures(site))
    listings = Listings(
        desk.reader,
        Rankings(desk.client, desk.namespace, 4),
        TombstoneReader(desk.client, desk.namespace),
    )
    finder = CatalogueListings(catalogue, desk.reader)
    watch = StoreWatch(desk.reader.changes_if_whole, fresh_seconds=0)
    cache = AnswerCache(
        AnswerStore(), watch, lambda: finder.generation, lambda: desk.now.timestamp()
    )
    front = PageRoutes(listings, finder, pages, site, {}, cache)
    corrected = CorrectionPages(desk.reader, pages, site, front, lambda: desk.now)
    listed = ListingRoutes(front, listings, finder, pages)
    app = build_web(front, listed, corrected.routes())

    def get(path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://feeds") as client:
                return await client.get(path)

        return desk.wait(ask())

    return get


def history_of(uri: str) -> str:
    return f"/articles/{article_id('desk', uri)}/history"


ADMITTED = "Corrects the cost: 15 euros, not 14."


def bridge(version: int, body: str, **fields):
    return pushed("urn:a", version, headline="Bridge opens", body_text=body, **fields)


@pytest.fixture
def corrected(desk):
    """A story whose number was wrong at first, in three versions; the second came last."""
    desk.push(
        bridge(1, "It cost 14 euros.\nAll came."),
        bridge(3, "It cost 15 euros.\nAll came.\nIt rained."),
        bridge(2, "It cost 15 euros.\nAll came.", editorial_note=ADMITTED),
        pushed("urn:b", 1, body_text="One."),
        pushed("urn:b", 2, headline="urn:b, take 1", body_text="One.\nTwo."),
    )
    return desk


def test_the_history_tells_each_version_whatever_the_order_of_arrival(corrected, get):
    page = get(history_of("urn:a"))
    assert page.status_code == 200
    assert "<del>14</del> <ins>15</ins>" in page.text
    assert page.text.index("1 paragraph added") < page.text.index("14 → 15")
    assert page.text.index("14 → 15") < page.text.index("First published")


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_history_and_corrections_are_feeds_in_every_format(corrected, get, extension):
    for path, entries in ((history_of("urn:a"), 3), ("/corrections", 1)):
        answer = get(f"{path}.{extension}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == FORMATS[extension].media_type
        if extension == "json":
            found = answer.json()["items"]
            links = [item["url"] for item in found]
        else:
            parsed = feedparser.parse(answer.content)
            assert not parsed.bozo
            found, links = parsed.entries, [entry.link for entry in parsed.entries]
        assert len(found) == entries
        assert len(set(links)) == entries
        assert all(
            link.startswith(f"https://news.example{history_of('urn:a')}#v") for link in links
        )


@pytest.mark.parametrize(
    ("extension", "said", "articles"),
    [("ninjs", b'"ednote"', b'"uri": "urn:a"'), ("newsml", b"<edNote>", b"<newsItem "),
     ("txt", b"14 ", b"\nBridge opens\n"), ("nitf", b"<hl2>", b"<hl2>")],
)  # fmt: skip
def test_formats_of_articles_show_the_corrected_version_with_a_note(
    corrected, get, extension, said, articles
):
    answer = get(f"/corrections.{extension}")
    assert answer.headers["content-type"] == FORMATS[extension].media_type
    assert said in answer.content
    assert answer.content.count(articles) == 1
    assert b"It rained" not in answer.content, "the version of the correction, not the last one"
    whole = get(f"{history_of('urn:a')}.{extension}").content
    assert whole.count(articles) == 3
    for version in ("1.6", "2.2", "3.1") if extension == "ninjs" else ():
        assert "urn:a" in get(f"/corrections.ninjs?version={version}").text
    if extension != "nitf":
        assert "numbers: 14 → 15".encode() in answer.content


def correct(desk, number: int, **fields) -> None:
    """Story N, in which a number was corrected in its own minute."""
    for version in (1, 2):
        desk.push(
            pushed(
                f"urn:{number}", version, minute=10 * number + version,
                headline=f"Story {number}", body_text=f"It was {version} of them.",
                **{"extra": {"correction": f"It was {version}."}, **fields},
            )
        )  # fmt: skip


def test_pages_of_corrections_leave_out_nothing_while_new_ones_come(desk, get, monkeypatch):
    monkeypatch.setattr(corrections, "AT_ONCE", 2)
    for number in range(5):
        correct(desk, number, section="City")
    correct(desk, 2, section="City", editorial_note="A note that changes nothing.")
    told = get("/corrections.json?section=city&limit=2").json()
    titles, pages = [item["title"] for item in told["items"]], 1
    correct(desk, 5, section="City")
    page = get("/corrections?limit=2")
    assert 'rel="next" href="https://news.example/corrections?before=' in page.text
    while "next_url" in told:
        assert told["next_url"].startswith("https://news.example/corrections.json?section=city&")
        told = get(told["next_url"].removeprefix("https://news.example") + "&limit=2").json()
        titles, pages = titles + [item["title"] for item in told["items"]], pages + 1
    assert titles == [f"Story {number}" for number in (4, 3, 2, 1, 0)]
    assert pages == 3
    assert get("/corrections?before=nonsense").status_code == 400


def test_corrections_of_one_article_in_one_moment_stay_on_one_page(desk, get):
    for version in (1, 2, 3):
        told = {"body_text": f"It was {version} of them.", "extra": {"correction": f"{version}"}}
        desk.push(pushed("urn:a", version, minute=7, **told))
    correct(desk, 0)
    told = get("/corrections.json?limit=1").json()
    assert len(told["items"]) == 2
    told = get(told["next_url"].removeprefix("https://news.example") + "&limit=1").json()
    assert [item["title"] for item in told["items"]] == ["Story 0"]
    assert "next_url" not in told


def test_corrections_of_a_section_are_found_behind_those_of_others(desk, get, monkeypatch):
    monkeypatch.setattr(corrections, "AT_ONCE", 2)
    for number in range(5):
        correct(desk, number, section="Sport" if number == 0 else "City")
    titles = [item["title"] for item in get("/corrections.json?limit=3").json()["items"]]
    assert titles == ["Story 4", "Story 3", "Story 2"]
    told = get("/corrections.json?section=sport&lang=").json()
    assert [item["title"] for item in told["items"]] == ["Story 0"]
    assert told["feed_url"] == "https://news.example/corrections.json?section=sport"
    assert "Story 0" in get("/corrections?section=sport").text
    assert "Story 4" not in get("/corrections?section=sport").text
    assert get("/corrections.json?section=sport&tag=none").json()["items"] == []


def test_what_the_newsroom_admits_is_a_correction_and_any_other_change_an_update(corrected, get):
    page = get("/corrections")
    assert "14 → 15" in page.text
    assert f"<strong>Correction:</strong> {ADMITTED}" in page.text
    assert "urn:b" not in page.text
    assert "take 1" in get("/updates").text
    assert len(get("/corrections.json").json()["items"]) == 1
    updates = [item["title"] for item in get("/updates.json").json()["items"]]
    assert sorted(updates) == ["Bridge opens", "urn:b, take 1"]


def test_a_correction_stands_at_the_top_of_the_article_with_its_note(corrected, get):
    text = get(f"/articles/{article_id('desk', 'urn:a')}").text
    top, body = text.index(f": {ADMITTED}"), text.index('<div class="body"')
    assert top < body
    assert text.count(ADMITTED) == 1
    assert "<strong>Correction</strong>" not in get(f"/articles/{article_id('desk', 'urn:b')}").text


def test_a_kill_takes_history_and_corrections_away_at_once(corrected, get):
    assert "Bridge" in get("/corrections").text
    corrected.push(killed("urn:a", 4))
    assert get(history_of("urn:a")).status_code == 410
    assert get(history_of("urn:a") + ".rss").status_code == 410
    assert "Bridge" not in get("/corrections").text
    assert "Bridge" not in get("/corrections.json").text


def test_killed_versions_stay_away_when_the_article_lives_again(corrected, get):
    corrected.push(killed("urn:a", 4), pushed("urn:a", 5, body_text="It cost 15 euros."))
    page = get(history_of("urn:a"))
    assert "First published" in page.text
    assert "14" not in page.text


def test_versions_that_readers_may_not_see_are_in_no_history(desk, get):
    later = NOON + 90 * MINUTE
    desk.push(
        pushed("urn:a", 1, body_text="Secret one.", pubstatus=PubStatus.WITHHELD),
        pushed("urn:a", 2, body_text="Secret two.", embargoed_until=later),
        pushed("urn:a", 3, body_text="Open."),
    )
    assert "Secret" not in get(history_of("urn:a")).text
    desk.pass_time(later + MINUTE)
    assert "two" in get(history_of("urn:a")).text
    assert "one" not in get(history_of("urn:a")).text


def test_no_words_of_an_article_become_markup(desk, get):
    desk.push(
        pushed("urn:a", 1, headline=NAUGHTY, body_text=f"x {NAUGHTY}"),
        pushed("urn:a", 2, headline=NAUGHTY * 2, body_text=NAUGHTY, editorial_note=NAUGHTY),
    )
    for path in (history_of("urn:a"), "/corrections"):
        assert "<script>alert" not in get(path).text
    for entry in get("/corrections.json").json()["items"]:
        assert "<script>" not in entry["content_html"]


def test_what_is_not_there_is_not_found(desk, get):
    assert get("/articles/aaaaaaaaaaaaaaaa/history").status_code == 404
    desk.push(pushed("urn:a"))
    assert get(history_of("urn:a") + ".exe").status_code == 404
    assert get("/corrections").status_code == 200


def test_while_there_is_no_whole_store_nothing_is_served(corrected, get):
    assert get("/corrections").status_code == 200
    corrected.wait(corrected.client.delete(corrected.keys.marker))
    assert get("/corrections").status_code == 503
    assert get(history_of("urn:a")).status_code == 503
