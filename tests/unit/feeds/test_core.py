"""Entity tags, and what clients take."""

import pytest

from newsman.feeds.core import matches, packed_etag, strong_etag, takes_gzip


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"x", "a"', "*", '"a-gz"'])
def test_an_entity_is_named_by_its_tag_packed_or_weak_or_any(header):
    assert matches(header, '"a"')


@pytest.mark.parametrize("header", ['"b"', "a", "", '"a'])
def test_an_entity_is_not_named_by_another_tag(header):
    assert not matches(header, '"a"')


def test_entity_tags_differ_with_the_bytes_and_their_packing():
    tags = {strong_etag(b"a"), strong_etag(b"b"), packed_etag(strong_etag(b"a"))}
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP ; q=1.0", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_taken_by_whoever_says_so(header, takes):
    assert takes_gzip(header) is takes
