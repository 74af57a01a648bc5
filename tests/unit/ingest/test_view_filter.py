"""Views that are no reader's although their user agent says nothing."""

import random
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest

from newsman.ingest.view_filter import MINUTES_KEPT, Ranges, ViewFilter, read_ranges
from newsman.settings import SettingsError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_address_is_in_a_range_exactly_if_one_of_the_networks_has_it():
    rng = random.Random(3)
    networks = [
        ip_network((rng.randrange(2**24) << 8, rng.randrange(8, 30)), strict=False)
        for _ in range(300)
    ]
    ranges = Ranges([*networks, ip_network("2001:db8::/33")])
    addresses = [ip_address(rng.randrange(2**32)) for _ in range(500)]
    addresses += [n[0] for n in networks] + [n[-1] for n in networks]
    for address in addresses:
        assert (str(address) in ranges) == any(address in n for n in networks)
    assert "2001:db8:7fff::1" in ranges
    assert "2001:db8:8000::1" not in ranges


@pytest.mark.parametrize("address", ["", "testclient", "1.2.3", "::zz"])
def test_what_is_no_address_is_in_no_range(address):
    assert address not in Ranges([ip_network("0.0.0.0/0"), ip_network("::/0")])


def test_a_file_of_ranges_may_have_remarks(tmp_path):
    path = tmp_path / "ranges"
    path.write_text("# a host\n198.51.100.0/24  # rented\n\n2001:db8::/32\n")
    assert "198.51.100.7" in read_ranges(path)
    assert "203.0.113.1" not in read_ranges(path)
    assert "198.51.100.7" not in read_ranges(None)


def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path):
    path = tmp_path / "ranges"
    path.write_text("198.51.100.0/24\nnonsense\n")
    with pytest.raises(SettingsError, match=r"NEWSMAN_DATACENTRE_RANGES_FILE.*line 2"):
        read_ranges(path)
    with pytest.raises(SettingsError, match="can't be read"):
        read_ranges(tmp_path / "absent")


def reasons(views: ViewFilter, reader: str, at: datetime, times: int) -> list[str | None]:
    return [views.reason(address="", reader=reader, at=at) for _ in range(times)]


def test_a_rush_ends_with_its_minute_and_is_its_readers_own():
    views = ViewFilter(Ranges(()), most_per_minute=2)
    assert reasons(views, "a", NOW, 4) == [None, None, "rate", "rate"]
    assert reasons(views, "b", NOW, 1) == [None]
    assert reasons(views, "a", NOW + timedelta(minutes=1), 1) == [None]
    assert reasons(views, "a", NOW, 1) == ["rate"]


def test_the_memory_of_rushes_is_bounded():
    views = ViewFilter(Ranges(()), most_per_minute=1)
    for minute in range(3 * MINUTES_KEPT):
        views.reason(address="", reader="a", at=NOW + timedelta(minutes=minute))
    assert len(views._minutes) == MINUTES_KEPT


def test_the_rule_of_rushes_may_be_switched_off():
    assert set(reasons(ViewFilter(Ranges(()), most_per_minute=0), "a", NOW, 99)) == {None}
