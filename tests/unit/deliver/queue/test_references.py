"""References as queues keep them."""

from hypothesis import given
from hypothesis import strategies as st

from newsman.deliver.queue.references import Reference, dump, load

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
REFERENCES = st.builds(
    Reference,
    key=st.just("a" * 16),
    event=st.sampled_from(["article.published", "article.killed", "ranking.changed"]),
    event_id=TEXTS.filter(bool),
    revision=st.integers(0, 2**53),
    version=st.integers(-5, 2**53),
    at_ms=st.integers(0, 2**53),
    source=TEXTS,
    uri=TEXTS,
    reason=TEXTS,
    body=TEXTS,
)


@given(REFERENCES)
def test_a_reference_is_read_as_it_was_written(reference):
    assert load(reference.key, dump(reference).encode()) == reference


@given(REFERENCES)
def test_an_entry_begins_with_its_revision_where_the_scripts_read_it(reference):
    assert dump(reference).startswith(f"[{reference.revision},")


def test_the_id_of_a_delivery_depends_on_subscription_and_event_alone():
    reference = Reference("a" * 16, "article.published", "event-1", 1)
    again = Reference("a" * 16, "article.published", "event-1", 1, reason="moved")
    assert reference.delivery_id("s") == again.delivery_id("s")
    assert reference.delivery_id("s") != reference.delivery_id("t")
    other = Reference("a" * 16, "article.updated", "event-2", 2)
    assert reference.delivery_id("s") != other.delivery_id("s")


def test_what_takes_an_article_away_needs_no_text():
    needs = {
        event: Reference("a", event, "e", 1).needs_text
        for event in (
            "article.published",
            "article.corrected",
            "article.killed",
            "article.withdrawn",
            "ranking.changed",
        )
    }
    assert [event for event, is_needed in needs.items() if is_needed] == [
        "article.published",
        "article.corrected",
    ]
