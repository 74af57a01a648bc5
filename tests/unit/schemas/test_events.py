"""Ids of events and articles: base32 digests, written as RFC 4648 writes them."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman_schemas.events import digest


def spelled_out(*parts: str) -> str:
    hashed = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(hashed).decode().lower()


@given(st.lists(st.text(st.characters(exclude_categories=()))), st.integers(1, 50))
def test_a_digest_is_the_beginning_of_the_hash_in_base32(parts, characters):
    assert digest(*parts, characters=characters) == spelled_out(*parts)[:characters]


@pytest.mark.parametrize(("source", "uri"), [("desk", "urn:story:1"), ("désk", "\udc80")])
def test_a_digest_is_26_characters_unless_it_is_told_otherwise(source, uri):
    assert len(digest(source, uri)) == 26
