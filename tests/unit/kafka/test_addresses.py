"""Addresses of brokers as NEWSMAN_KAFKA_BOOTSTRAP takes them."""

import pytest

from newsman.kafka.access.addresses import require_addresses


@pytest.mark.parametrize(
    "brokers", ["a:9092", "a", "a:1,b:65535", " a:9092 , b:9092 ", "[::1]:9092", "10.0.0.1:9092,"]
)
def test_addresses(brokers):
    require_addresses(brokers)


@pytest.mark.parametrize(
    "brokers",
    [
        "",
        ",",
        " ",
        "a:port",
        "a:99999",
        "a:0",
        ":9092",
        "a:9092;b:9092",
        "kafka://a:9092",
        "u@a:9092",
    ]
    + ["[::1", "a:9092/x", "a b:9092", "a:9092,b:port", "a:-1"],
)
def test_what_is_none_is_named(brokers):
    with pytest.raises(ValueError, match=r"no broker is named|is not written host:port"):
        require_addresses(brokers)
