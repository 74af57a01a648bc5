"""The target of a push, from its options and the environment."""

import argparse

import pytest

from newsman.runtime.settings_error import SettingsError
from newsman.tools.push.options import NO_KEY, URL, add_ingest_options, read_target


@pytest.fixture
def options(monkeypatch):
    """Parses options in an environment that holds nothing but the keywords."""
    for name in ("URL", "KEY", "SECRET"):
        monkeypatch.delenv(f"NEWSMAN_PUSH_{name}", raising=False)

    def options(*arguments: str, **environment: str) -> argparse.Namespace:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        parser = argparse.ArgumentParser()
        add_ingest_options(parser)
        return parser.parse_args(arguments)

    return options


def test_without_an_address_the_own_machine_is_pushed_to(options):
    assert read_target(options("--key", "k")).url == URL


def test_options_go_before_the_environment(options):
    arguments = options(
        "--key", "mine", "--url", "https://a.example", NEWSMAN_PUSH_KEY="theirs",
        NEWSMAN_PUSH_URL="https://b.example", NEWSMAN_PUSH_SECRET="quiet",
    )  # fmt: skip
    target = read_target(arguments)
    assert (target.key, target.url, target.secret) == ("mine", "https://a.example", None)


def test_the_environment_names_key_and_address(options):
    target = read_target(options(NEWSMAN_PUSH_KEY=" theirs\n", NEWSMAN_PUSH_URL="http://b.example"))
    assert (target.key, target.url) == ("theirs", "http://b.example")


def test_a_secret_alone_signs_and_needs_no_key(options):
    target = read_target(options(NEWSMAN_PUSH_SECRET="quiet"))
    assert (target.key, target.secret) == (NO_KEY, "quiet")


def test_neither_key_nor_secret_is_told_with_the_fix(options):
    with pytest.raises(SettingsError, match="NEWSMAN_PUSH_KEY is not set; set it to the key"):
        read_target(options())
    assert read_target(options(), needs_key=False).key == NO_KEY


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\tb"])
def test_a_key_that_fits_into_no_header_is_refused(options, key):
    with pytest.raises(SettingsError, match="spaces or signs outside ASCII"):
        read_target(options("--key", key))


@pytest.mark.parametrize("url", ["ftp://a.example", "a.example", "http://", "http://a.example:0"])
def test_an_address_that_is_none_of_the_web_is_refused(options, url):
    with pytest.raises(SettingsError, match="no http or https address"):
        read_target(options("--key", "k", "--url", url))
