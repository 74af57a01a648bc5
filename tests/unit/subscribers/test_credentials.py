"""Tokens in headers: as bearer tokens, and as browsers and feed readers send passwords."""

from base64 import b64encode

import pytest

from newsman.subscribers.credentials import NoToken, any_token, bearer_token


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize("header", ["Bearer nmsub_x", "bearer  nmsub_x ", " BEARER nmsub_x"])
def test_a_bearer_token_is_read_whatever_its_spaces_and_case(header):
    assert bearer_token(header) == any_token(header) == "nmsub_x"


@pytest.mark.parametrize("pair", ["desk:nmsub_x", ":nmsub_x", "any name at all:nmsub_x"])
def test_a_password_is_a_token_where_passwords_are_taken(pair):
    assert any_token(basic(pair)) == "nmsub_x"
    with pytest.raises(NoToken):
        bearer_token(basic(pair))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Digest x",
        "nmsub_x",
        "Basic",
        "Basic ###",
        "Basic \xff\xe9",
        "Basic /zr/",
        basic("desk"),
        basic("d:"),
    ],
)
def test_a_header_without_a_token_is_told_from_one_with_it(header):
    with pytest.raises(NoToken):
        any_token(header)
