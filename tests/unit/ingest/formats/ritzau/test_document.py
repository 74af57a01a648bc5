"""Ritzau's XML: Danish moments, kills, and what is missing or bad."""

from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument

KIND = "application/x-ritzau+xml"


def news(*, number: int = 1, **said: str) -> str:
    values = {"NewsID": f"id-{number}", "headline": "Havnen er åben", "content": "Tekst.", **said}
    return "<RBNews>" + "".join(f"<{n}>{v}</{n}>" for n, v in values.items()) + "</RBNews>"


def test_moments_are_of_copenhagen_in_summer_and_winter(article):
    said = {"2026-07-02T18:44:52": 16, "2026-01-02T18:44:52": 17, "2026-01-02T18:44:52Z": 18}
    for moment, hour in said.items():
        taken = article(news(PublishDate=moment).encode(), KIND)
        assert taken.version_created.astimezone(UTC).hour == hour


def test_what_is_annulled_is_killed_and_kills_what_it_replaces(read):
    body = news(Annuleret="true", replacedID="id-0", headline="Annulleret").encode()
    taken = [item.article for item in read(body, KIND).items]
    assert {(each.uri, each.pubstatus) for each in taken} == {
        ("id-1", "canceled"),
        ("id-0", "canceled"),
    }


def test_a_date_that_is_none_leaves_the_item_undated_and_says_so(read):
    (item,) = read(news(PublishDate="i morgen").encode(), KIND).items
    assert not item.is_bad
    assert [warning.pointer for warning in item.warnings] == ["/PublishDate"]
    assert item.article.version_created == datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_queue_brings_each_of_its_news(read):
    whole = "".join(news(number=number) for number in range(3))
    body = f"<XMLNewsQueuedResponse><a><b>{whole}</b></a></XMLNewsQueuedResponse>"
    assert [i.article.uri for i in read(body.encode(), KIND).items] == ["id-0", "id-1", "id-2"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<XMLNewsQueuedResponse/>", "without RBNews"),
        ("<news/>", "its root is 'news'"),
        (f"<XMLNewsQueuedResponse>{news() * 1_001}</XMLNewsQueuedResponse>", "more than 1000"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(read, body, reason):
    with pytest.raises(BadDocument, match=reason):
        read(body.encode(), KIND)
