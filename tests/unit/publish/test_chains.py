"""What follows from the links of update chains, one article at a time."""

from datetime import timedelta

import pytest

from newsman.publish.chains import Chain, descended, first_of, takes_place
from newsman_schemas.articles import PubStatus

from .test_core import HOUR, NOON, after, kill, version


def follow_up(**fields: object):
    return version(1, **{"evolved_from": "urn:parent", **fields}).article


def test_a_known_parent_hands_its_chain_down():
    above = Chain(("urn:first",), "urn:first")
    assert descended(follow_up(), above) == Chain(("urn:first", "urn:parent"), "urn:first")
    assert descended(follow_up(), Chain()) == Chain(("urn:parent",), "urn:parent")


def test_while_the_parent_is_unknown_the_newsrooms_word_counts():
    assert descended(follow_up(), None) == Chain(("urn:parent",), "urn:parent")
    told = follow_up(ancestors=("urn:0", "urn:parent"), original_id="urn:0")
    assert descended(told, None) == Chain(("urn:0", "urn:parent"), "urn:0")
    # Superdesk Newsroom fills in the item's own guid.
    assert descended(follow_up(original_id="urn:story"), None).original_id == "urn:parent"


def test_an_article_that_follows_none_has_no_chain():
    assert descended(version(1, original_id="urn:story").article, None) == Chain()


def test_a_very_long_chain_keeps_its_first_and_its_nearest():
    above = Chain(tuple(f"urn:{n}" for n in range(500)), "urn:0")
    found = descended(follow_up(), above)
    assert (found.original_id, len(found.ancestors)) == ("urn:0", 500)
    assert found.ancestors[-1] == "urn:parent"


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        ((), NOON, False),
        ((version(1),), NOON, True),
        ((version(1, pubstatus=PubStatus.WITHHELD),), NOON, False),
        ((version(1, embargoed_until=NOON + HOUR),), NOON, False),
        ((version(1, embargoed_until=NOON + HOUR),), NOON + HOUR, True),
        ((version(1, expires_at=NOON + HOUR),), NOON + 2 * HOUR, True),
        ((version(1), kill(2)), NOON, True),
        ((kill(2),), NOON, False),
        ((version(1, embargoed_until=NOON + HOUR), kill(2)), NOON + 2 * HOUR, False),
        (
            (version(1, embargoed_until=NOON + HOUR), kill(2, created=NOON + HOUR)),
            NOON + 2 * HOUR,
            True,
        ),
        ((version(1, pubstatus=PubStatus.WITHHELD), kill(2)), NOON, False),
    ],
    ids=[
        "unknown", "published", "withheld", "under embargo", "released", "expired", "killed",
        "only a kill", "killed under embargo", "killed after release", "withheld and killed",
    ],
)  # fmt: skip
def test_when_readers_have_an_article_in_its_parents_place(events, now, expected):
    assert takes_place(after(*events, now=now)) is expected


def test_a_circle_begins_at_the_same_member_wherever_it_is_entered():
    assert first_of(("c", "a", "b")) == first_of(("b", "c", "a")) == "a"


def test_the_releases_moment_itself_is_over():
    just = after(version(1, embargoed_until=NOON + HOUR), now=NOON + HOUR - timedelta(seconds=1))
    assert not takes_place(just)
