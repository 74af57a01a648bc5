"""Zones are those of IANA's database, the same on every machine."""

from datetime import UTC

import pytest

from newsman_schemas.names.zones import zone_named, zone_of


@pytest.mark.parametrize("name", ["Europe/Oslo", "Asia/Kathmandu", "Etc/GMT+5", "Pacific/Apia"])
def test_a_zone_is_found_by_its_name(name):
    assert str(zone_of(name)) == name
    assert zone_of("UTC") is UTC


@pytest.mark.parametrize(
    "name",
    [
        "", "Nowhere/City", "Asia", "../../etc/passwd", "/etc/localtime", "Europe/Oslo\0",
        "x" * 999, "localtime", "posixrules", "Factory", "posix/Europe/Oslo",
        "right/Europe/Oslo", "zone.tab",
    ],
)  # fmt: skip
def test_whatever_else_a_machine_has_is_no_zone(name):
    with pytest.raises(ValueError, match="is a time zone of IANA's database"):
        zone_named(name)
