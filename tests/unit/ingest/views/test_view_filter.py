"""Views that are no reader's although their user agent says nothing."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest

from newsman.ingest.views.address_ranges import Ranges, read_ranges
from newsman.ingest.views.view_filter import Charges, Sighting, ViewBounds, ViewFilter
from newsman.ingest.views.windowed_counts import Members, WindowedCounts
from newsman.runtime.settings_error import SettingsError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "203.0.113.7"
SEEN = Sighting("a" * 16, "reader", ADDRESS, "203.0.113.0/24", NOW, NOW)
WIDE = ViewBounds(reader_minute=1_000, address_minute=0, address_agents=0, network_readers=0)


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


def judged(views: ViewFilter, *seen: Sighting) -> list[str | None]:
    return [views.of_public(one, Charges()) for one in seen]


def of(reader: str, times: int, now: datetime = NOW, **fields) -> list[Sighting]:
    return [SEEN._replace(reader=reader, now=now, at=now, **fields)] * times


def test_a_rush_ends_with_its_minute_and_is_its_readers_own():
    views = ViewFilter(Ranges(()), replace(WIDE, reader_minute=2))
    assert judged(views, *of("a", 4)) == [None, None, "rate", "rate"]
    assert judged(views, *of("b", 1)) == [None]
    assert judged(views, *of("a", 1, now=NOW + timedelta(minutes=1))) == [None]


def test_the_rules_may_be_switched_off():
    none = ViewBounds(reader_minute=0, address_minute=0, address_agents=0, network_readers=0)
    assert set(judged(ViewFilter(Ranges(()), none), *of("a", 2_000))) == {None}


def test_what_a_source_dates_is_a_rush_of_the_minute_that_it_names():
    views = ViewFilter(Ranges(()), replace(WIDE, reader_minute=2))
    hour = [SEEN._replace(at=NOW - timedelta(minutes=n)) for n in range(60)]
    assert {views.of_source(one, Charges()) for one in hour} == {None}
    assert [views.of_source(one, Charges()) for one in [hour[7]] * 2] == [None, "rate"]


def test_an_address_counts_up_to_its_bound_across_articles_and_agents():
    views = ViewFilter(Ranges(()), replace(WIDE, address_minute=10))
    seen = [SEEN._replace(article=f"{n}", reader=f"r{n}") for n in range(20)]
    assert judged(views, *seen) == [None] * 10 + ["address"] * 10
    assert judged(views, SEEN._replace(address="203.0.113.8")) == [None]
    later = NOW + timedelta(minutes=1)
    assert judged(views, SEEN._replace(now=later, at=later)) == [None]


def test_rotating_agents_count_up_to_their_bound_and_readers_who_were_there_go_on():
    views = ViewFilter(Ranges(()), replace(WIDE, address_agents=200))
    crowd = [SEEN._replace(reader=f"r{n}") for n in range(200)]
    assert set(judged(views, *crowd)) == {None}
    assert judged(views, SEEN._replace(reader="one more")) == ["agents"]
    assert judged(views, SEEN._replace(reader="one more")) == ["agents"]
    assert set(judged(views, *crowd)) == {None}
    assert judged(views, SEEN._replace(reader="one more", article="b" * 16)) == [None]


def test_two_hundred_people_behind_one_address_all_count_by_default():
    views, rng = ViewFilter(Ranges(()), ViewBounds()), random.Random(1)
    people = [SEEN._replace(reader=f"r{n}", article=str(a)) for n in range(200) for a in range(3)]
    rng.shuffle(people)
    assert set(judged(views, *people)) == {None}


def test_a_network_counts_as_much_as_all_others_together():
    views = ViewFilter(Ranges(()), replace(WIDE, network_readers=5))
    own = [SEEN._replace(reader=f"r{n}", address=f"203.0.113.{n}") for n in range(50)]
    others = [SEEN._replace(reader=f"o{n}", address=f"{n}", network=f"{n}") for n in range(20)]
    assert judged(views, *own[:10]) == [None] * 5 + ["network"] * 5
    assert set(judged(views, *others)) == {None}
    assert judged(views, *own[10:]) == [None] * 15 + ["network"] * 25


def test_what_was_not_stored_counts_towards_no_bound():
    views, charges = ViewFilter(Ranges(()), replace(WIDE, address_minute=3)), Charges()
    for _ in range(3):
        views.of_public(SEEN._replace(resend_id="id"), charges)
        views.take_back(charges)
        charges = Charges()
    assert judged(views, *of("a", 4)) == [None, None, None, "address"]


def test_a_resend_shares_the_first_ones_verdict_and_counts_towards_no_bound():
    views = ViewFilter(Ranges(()), replace(WIDE, address_minute=2))
    assert judged(views, *[SEEN._replace(resend_id="one")] * 9) == [None] * 9
    assert judged(views, SEEN, SEEN._replace(resend_id="two")) == [None, "address"]
    assert judged(views, SEEN._replace(resend_id="two")) == ["address"]


def test_one_who_leaves_takes_nobodys_place():
    views = ViewFilter(Ranges(()), replace(WIDE, address_minute=2))
    leaving = SEEN._replace(is_leaving=True)
    assert judged(views, leaving, leaving, leaving, SEEN, SEEN) == [
        None,
        None,
        "address",
        None,
        None,
    ]


def test_the_memory_of_counts_is_bounded_and_the_least_recent_go_first():
    tallies = WindowedCounts(window_seconds=60, most_keys=100)
    tallies.move_to(NOW)
    for number in range(1_000):
        tallies.add("kept")
        tallies.add(str(number))
    assert len(tallies) == 100
    assert tallies.of("kept") == 1_000
    tallies.move_to(NOW + timedelta(minutes=1))
    assert len(tallies) == 0


def test_the_memory_of_members_is_bounded_all_keys_together():
    members = Members(window_seconds=60, most_members=100)
    members.move_to(NOW)
    for number in range(1_000):
        members.add(str(number // 7), number)
    assert len(members) <= 100
    assert members.count("142") == 6
    assert members.count("0") == 0


def test_what_others_have_counted_is_added_in_the_window_it_was_counted_in():
    tallies = WindowedCounts(window_seconds=60, most_keys=100)
    tallies.move_to(NOW)
    tallies.add("a")
    tallies.learn(tallies.window, {"a": 9})
    tallies.learn(tallies.window - 1, {"a": 90})
    assert tallies.add("a") == 11
