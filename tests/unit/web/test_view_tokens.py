"""Tokens hold for one article, for some minutes, under the secrets that are known."""

import pytest

from newsman.web.view_tokens import FRESH_SLOTS, LEAVING_SLOTS, SLOT_SECONDS, ViewTokens

ARTICLE, OTHER = "a" * 16, "b" * 16
NOW = 1_772_366_400.0
TOKENS = ViewTokens((b"a secret of some length",))


def verdict(token, article=ARTICLE, *, later=0.0, tokens=TOKENS, slots=FRESH_SLOTS) -> str:
    return tokens.judge(token, article, now_seconds=NOW + later, slots=slots)


TOKEN = TOKENS.issue(ARTICLE, "https://news.example/a", now_seconds=NOW)


def test_a_token_holds_for_its_article_for_half_an_hour():
    assert verdict(TOKEN) == verdict(TOKEN, later=1_799) == "valid"
    assert verdict(TOKEN, later=FRESH_SLOTS * SLOT_SECONDS) == "expired"


def test_it_tells_for_a_day_how_a_page_was_read():
    assert verdict(TOKEN, later=86_000, slots=LEAVING_SLOTS) == "valid"
    assert verdict(TOKEN, later=90_000, slots=LEAVING_SLOTS) == "expired"


def test_a_clock_may_be_some_minutes_ahead_and_no_more():
    assert verdict(TOKEN, later=-SLOT_SECONDS) == "valid"
    assert verdict(TOKEN, later=-3 * SLOT_SECONDS) == "expired"


def test_it_is_the_same_for_all_who_have_the_page_in_the_same_minutes():
    again = TOKENS.issue(ARTICLE, "https://news.example/a", now_seconds=NOW + 200)
    elsewhere = TOKENS.issue(ARTICLE, "https://other.example/a", now_seconds=NOW)
    assert again == TOKEN != elsewhere
    assert verdict(elsewhere) == "valid"


def test_of_another_article_it_is_wrong():
    assert verdict(TOKEN, OTHER) == "wrong"


@pytest.mark.parametrize("token", ["", None])
def test_none_is_missing(token):
    assert verdict(token) == "missing"


SLOT, PAGE, MAC = TOKEN.split(".")


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "..",
        f"{SLOT}.{PAGE}",
        f"{SLOT}.{PAGE}.",
        f"{SLOT}.{PAGE}.{MAC[:-1]}",
        f"{SLOT}.other.{MAC}",
        f"{int(SLOT, 16) + 1:x}.{PAGE}.{MAC}",
        f"zz.{PAGE}.{MAC}",
        f"{SLOT}.{PAGE}.{MAC}é",
        f"{SLOT}.{PAGE}.{MAC}.{MAC}",
        "f" * 5_000 + f".{PAGE}.{MAC}",
    ],
)
def test_whatever_else_was_made_up_is_wrong(token):
    assert verdict(token) == "wrong"


def test_a_token_under_the_secret_before_holds_and_one_under_none_does_not():
    renewed = ViewTokens((b"the secret after a flush", *TOKENS.secrets))
    stranger = ViewTokens((b"the secret of somebody else",))
    assert verdict(TOKEN, tokens=renewed) == "valid"
    assert verdict(TOKEN, tokens=stranger) == "wrong"
    assert verdict(renewed.issue(ARTICLE, "", now_seconds=NOW)) == "wrong"
