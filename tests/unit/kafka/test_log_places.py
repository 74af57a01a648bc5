"""A message's place in the log: where it stands, unless it was parked and sent again."""

from datetime import UTC, datetime

from newsman.kafka.log_places import HEADER, NO_LOG, parked_place, place_headers, place_of
from newsman_schemas.article_order import is_later
from newsman_schemas.articles import LogPlace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOON_MS = NOON.timestamp() * 1000


def headers(**told: object) -> list[tuple[str, bytes]]:
    return [(f"newsman-{n.replace('_', '-')}", str(v).encode()) for n, v in told.items()]


def test_a_message_stands_where_it_was_read():
    assert place_of(2, 17, NOON_MS, []) == LogPlace(partition=2, offset=17, logged_at=NOON)


def test_what_was_parked_and_is_sent_again_keeps_its_first_place():
    parked = headers(partition=1, offset=5, first_at=NOON.isoformat())
    sent = parked_place(parked, 99)
    first = LogPlace(partition=1, offset=5, logged_at=NOON)
    assert place_of(1, 400, NOON_MS + 9e6, sent) == first
    assert place_of(1, 400, NOON_MS, dict(sent)) == first
    again = [*headers(partition=1, offset=400, first_at="2026-03-03T12:00:00Z"), *sent]
    assert place_of(1, 900, NOON_MS, parked_place(again, 100)) == first
    assert place_headers(again) == sent


def test_what_http_refused_is_placed_by_when_it_came():
    sent = parked_place(headers(first_at=NOON.isoformat()), 7)
    place = place_of(3, 900, NOON_MS + 9e6, sent)
    assert (place.partition, place.logged_at) == (NO_LOG, NOON)
    assert is_later(place_of(3, 20, NOON_MS + 1, []), place)
    assert is_later(place, place_of(3, 19, NOON_MS - 1, []))
    after = place_of(3, 901, NOON_MS, parked_place(headers(first_at=NOON.isoformat()), 8))
    assert is_later(after, place)


def test_a_header_that_makes_no_sense_is_passed_over():
    for text in ("", "1 2", "x 1 2026-03-02T12:00:00Z", "1 2 then", "1 2 2026-03-02T12:00:00"):
        found = place_of(0, 3, NOON_MS, [(HEADER, text.encode())])
        assert found == LogPlace(partition=0, offset=3, logged_at=NOON)
