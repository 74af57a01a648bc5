"""What a feed takes back: tombstones (RFC 6721, Newsman's JSON Feed) and drafts (RFC 5023)."""

import json
from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import PubStatus

FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="http://purl.org/atompub/tombstones/1.0" '
    'xmlns:app="http://www.w3.org/2007/app"><id>urn:f</id><title>t</title>{}</feed>'
)
ENTRY = "<entry><id>{}</id><title>Lock opens</title></entry>"
GONE = '<x:deleted-entry ref="{}" when="2026-03-01T09:00:00Z">{}</x:deleted-entry>'


@pytest.fixture
def articles(read):
    """The articles of a feed with these parts, by their uri."""

    def articles(*parts: str) -> dict:
        items = read(FEED.format("".join(parts)), "application/atom+xml").items
        assert [item.problems for item in items if item.problems] == []
        return {item.article.uri: item.article for item in items}

    return articles


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ("", PubStatus.WITHHELD),
        ("<x:comment>No longer right</x:comment>", PubStatus.WITHHELD),
        ("<x:comment>withdrawn</x:comment>", PubStatus.WITHHELD),
        ("<x:comment>killed</x:comment>", PubStatus.CANCELED),
        ("<x:by><name>Ida</name></x:by><x:comment>Deleted</x:comment>", PubStatus.CANCELED),
    ],
)
@pytest.mark.parametrize("uri", ["urn:2", "54"])
def test_a_tombstone_takes_its_entry_away(articles, uri, comment, status):
    there = articles(ENTRY.format(uri))[uri]
    gone = articles(ENTRY.format("urn:1"), GONE.format(uri, comment))[uri]
    assert (gone.id, gone.pubstatus) == (there.id, status)
    assert gone.version_created == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert articles(GONE.format(uri, comment))[uri] == gone


def test_what_stands_elsewhere_or_beside_its_tombstone_is_there(articles):
    moved = GONE.format("urn:2", "<x:comment>moved</x:comment>")
    assert articles(ENTRY.format("urn:1"), moved).keys() == {"urn:1"}
    beside = articles(ENTRY.format("urn:1"), GONE.format("urn:1", ""))
    assert beside["urn:1"].pubstatus is PubStatus.USABLE


@pytest.mark.parametrize(("said", "status"), [("yes", "withheld"), ("no", "usable")])
def test_a_draft_is_held(articles, said, status):
    control = f"<app:control><app:draft>{said}</app:draft></app:control>"
    entry = ENTRY.format("urn:1").replace("<title>", f"{control}<title>")
    assert articles(entry)["urn:1"].pubstatus == status


@pytest.mark.parametrize(
    ("reason", "status"),
    [("killed", "canceled"), ("withdrawn", "withheld"), (None, "withheld"), (5, "withheld")],
)
@pytest.mark.parametrize("items", [[], [{"id": "urn:1", "title": "Lock opens"}]])
@pytest.mark.parametrize("uri", ["urn:2", "54"])
def test_a_tombstone_of_a_json_feed_takes_its_item_away(read, uri, items, reason, status):
    def articles(items, *gone):
        version = "https://jsonfeed.org/version/1.1"
        feed = {"version": version, "title": "t", "items": items, "_tombstones": gone}
        return {item.article.uri: item.article for item in read(json.dumps(feed)).items}

    there = articles([{"id": uri, "title": "Lock shut"}])[uri]
    tombstone = {"id": uri, "date_deleted": "2026-03-01T09:00:00Z", "reason": reason}
    gone = articles(
        items, tombstone, {"id": 7}, "x", {**tombstone, "id": "urn:m", "reason": "moved"}
    )
    assert gone.keys() == {uri, *(item["id"] for item in items)}
    assert (gone[uri].id, gone[uri].pubstatus) == (there.id, status)
    assert gone[uri].version_created == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert articles([{"id": uri, "title": "Lock shut"}], tombstone)[uri].pubstatus == "usable"
