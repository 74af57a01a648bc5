"""All spellings of a URI are one identity, and only they are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman_schemas.articles import article_id, former_ids
from newsman_schemas.events import digest
from newsman_schemas.names.identity import canonical_uri, is_uri

STORY = "https://news.example/2026/lock-opens"
SPELLINGS = [
    "http://news.example/2026/lock-opens",
    "HTTPS://News.Example/2026/lock-opens/",
    "https://news.example:443/2026/lock-opens",
    "http://news.example:80/2026/lock-opens?",
    "https://news.example/2026/lock-opens?utm_source=rss&UTM_Medium=feed",
    "https://news.example/2026/lock-opens/?fbclid=a&gclid=b&mc_cid=c#",
    "https://news.example/2026/lock-opens?mbid=a&wt_zmc=b&WT.tsrc=c&ga_source=d&__cft__[0]=e&trk_msg=f",
    "https://news.example/2026/./extra/../lock-opens",
    "https://news.example/2026/%6Cock%2Dopens",
    "https:\\\\news.example\\2026\\lock-opens",
    " https://news.example/2026/lock-opens\n",
    "https://news.example/2026/lock-opens#:~:text=Lock",
    "https://news.example/2026/lock-opens#xtor=RSS-16",
]
OTHERS = [
    "https://news.example/2026/lock-opens-2",
    "https://www.news.example/2026/lock-opens",
    "https://news.example:8443/2026/lock-opens",
    "https://news.example/2026/lock-opens?page=2",
    "https://news.example/2026/lock-opens#item54",
    "https://news.example/2026/Lock-Opens",
    "https://news.example/2026%2Flock-opens",
    "urn:news.example:2026:lock-opens",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_an_address_are_one(spelling):
    assert canonical_uri(spelling) == STORY
    assert article_id("desk", spelling) == article_id("desk", STORY)


def test_other_addresses_are_others():
    assert len({canonical_uri(uri) for uri in [STORY, *OTHERS]}) == 1 + len(OTHERS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://münchen.example/straße", "http://xn--mnchen-3ya.example/stra%c3%9Fe"),
        ("https://MÜNCHEN.example/", "https://münchen.example"),
        ("https://a.example/?b=1&utm_id=2&a=3", "https://a.example?b=1&a=3"),
        ("https://[2001:DB8::1]:443/a", "http://[2001:db8::1]/a"),
        ("URN:NewsML:agency.example:1", "urn:newsml:agency.example:1"),
    ],
)
def test_hosts_queries_and_namespaces_have_one_spelling(one, other):
    assert canonical_uri(one) == canonical_uri(other)


@pytest.mark.parametrize("text", ["54", "N/A", "tag:a.example,2026:b", "Post 54: a", "/2026/a/"])
def test_what_is_no_address_stays_as_it_is(text):
    assert canonical_uri(text) == text


@given(st.text(max_size=40).map(lambda rest: "http://a.example/" + rest))
def test_a_canonical_uri_is_its_own_canonical_uri(uri):
    assert canonical_uri(canonical_uri(uri)) == canonical_uri(uri)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("54", False),
        ("example.com/a", False),
        ("Post: 54", False),
        ("tag:a.example,2026:b", True),
        ("https://a.example/", True),
        ("0e984725-c51c-4bf4-9960-e1c80e27aba0", True),
    ],
)
def test_a_uri_has_a_scheme_or_is_unique_by_itself(text, expected):
    assert is_uri(text) is expected


def test_what_is_no_uri_counts_within_its_feed():
    feeds = ["https://a.example/one.rss", "https://a.example/two.rss", None]
    assert len({article_id("desk", "54", feed=feed) for feed in feeds}) == 3
    assert article_id("desk", "54", feed="http://a.example/one.rss?utm_source=x") == article_id(
        "desk", "54", feed=feeds[0]
    )
    assert article_id("desk", STORY, feed=feeds[0]) == article_id("desk", STORY)


def test_former_ids_are_those_of_the_letters():
    sent = "http://news.example/2026/lock-opens/"
    ids = former_ids("desk", sent)
    assert ids[0] == digest("desk", sent, characters=16)
    assert digest("desk", sent.replace("http:", "https:"), characters=16) in ids
    assert former_ids("desk", "urn:lock") == ()
    assert former_ids("desk", "54", feed="f") == (digest("desk", "54", characters=16),)


@pytest.mark.parametrize(
    "rest", ["%41", "../", "utm_a&", "%C3&", "/", "?", "#", "ü", "&", "a.", ":", "\\", "%2e%2E/"]
)
def test_an_address_that_is_made_to_cost_does_not(rest):
    address = ("http://a/" + rest * 2_000)[:2_000]
    began = time.process_time()
    for number in range(20):
        canonical_uri(f"{address[:-3]}{number}")
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/n?id=3&amp;utm_source=rss", "https://a.example/n?id=3"),
        ("https://a.example/n?id=3&amp;page=2", "https://a.example/n?id=3&page=2"),
        (
            "urn:UUID:0E1D5B7C-11AA-4C2B-9F00-ABCDEF012345",
            "urn:uuid:0e1d5b7c-11aa-4c2b-9f00-abcdef012345",
        ),
        ("0E1D5B7C-11AA-4C2B-9F00-ABCDEF012345", "0e1d5b7c-11aa-4c2b-9f00-abcdef012345"),
    ],
)
def test_what_is_escaped_twice_and_a_uuid_in_capitals_are_no_other_names(one, other):
    assert canonical_uri(one) == canonical_uri(other) == other
    assert digest("desk", one, characters=16) in former_ids("desk", one)
