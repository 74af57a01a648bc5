"""Tokens in the Authorization headers of requests. Pure."""

from base64 import b64decode


class NoToken(ValueError):
    """A header holds no token."""


def bearer_token(authorization: str) -> str:
    """The token of a header of RFC 6750; raises NoToken."""
    scheme, _, sent = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not sent.strip():
        raise NoToken("there is no token: Authorization: Bearer …")
    return sent.strip()


def any_token(authorization: str) -> str:
    """The token of a header of RFC 6750, or the password of one of RFC 7617, whatever the name;
    raises NoToken."""
    scheme, _, sent = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return bearer_token(authorization)
    try:
        _, _, token = b64decode(sent.strip(), validate=True).decode().partition(":")
    except ValueError as error:  # no Base64, no ASCII, or no UTF-8 in it
        raise NoToken("the name and the token can't be read") from error
    if not token:
        raise NoToken("there is no token: it is the password")
    return token
