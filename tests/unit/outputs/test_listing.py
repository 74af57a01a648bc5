"""The pure parts: slugs with extensions, summaries, entity tags."""

from newsman.outputs.listing import summary


def test_a_long_text_is_cut_between_words(stored):
    short = summary(stored(body_text="word " * 200))
    assert len(short) <= 282
    assert short.endswith("word …")


def test_the_newsrooms_own_summary_is_preferred(stored):
    assert summary(stored(body_text="Text.", summary="Own\n words.")) == "Own words."
