"""The table of output formats: a format is in it by being there."""

from types import ModuleType

import pytest

from newsman.outputs import FORMATS, formats_of, split_extension
from newsman.outputs.feed_format import FeedFormat


def module(name: str, **names) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(names)
    return made


def csv(name: str) -> ModuleType:
    return module(name, FORMAT=FeedFormat("csv", "text/csv", lambda *_: b""))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("oslo.rss", ("oslo", "rss")),
        ("oslo.atom", ("oslo", "atom")),
        ("oslo.json", ("oslo", "json")),
        ("oslo", ("oslo", None)),
        ("oslo.exe", ("oslo.exe", None)),
        (".rss", ("", "rss")),
    ],
)
def test_only_known_extensions_are_split_off(name, parts):
    assert split_extension(name) == parts


def test_every_format_that_was_ever_served_is_there():
    assert {"rss", "atom", "json", "ninjs", "newsml", "nitf", "txt"} <= set(FORMATS)
    assert all(extension == found.extension for extension, found in FORMATS.items())


def test_a_module_without_a_format_has_no_part_in_the_table():
    assert list(formats_of([module("xml_text"), csv("csv"), module("odd", FORMAT="csv")])) == [
        "csv"
    ]


def test_two_formats_of_one_extension_are_a_mistake():
    with pytest.raises(ValueError, match="csv"):
        formats_of([csv("one"), csv("other")])
