"""A catalogue that is filled in bulk is the one that is filled event by event."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsman.feeds.catalogue import first_build
from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.search import search
from newsman_schemas.articles import Entity

from .test_index import event, ids, tag

TABLES = {
    "articles": "*",
    "replaced": "*",
    "terms": "*",
    "sizes": "*",
    "names": "*",
    "aliases": "*",
    "assets": "*",
    "positions": "*",
    "words": "rowid, headline, summary, text, terms",
}
NAMES = "abcde"
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "revision": st.integers(1, 6),
            "section": st.sampled_from(["Sport", "Arts", None]),
            "tagged": st.sampled_from(["cup", "ice"]),
            "known_as": st.sampled_from([(), ("The Cup",), ("Ice", "The Cup")]),
            "follows": st.sampled_from([None, None, *NAMES]),
            "asset": st.sampled_from(["", "a" * 26, "b" * 26]),
        }
    ),
    max_size=25,
)


def told(step: dict) -> LoggedEvent:
    """An event; without a section the article was killed."""
    entity = Entity(name="Cup", slug="cup", type="event", mentions=1, confidence=1, method="t",
                    known_as=step["known_as"])  # fmt: skip
    made = event(
        step["name"],
        step["revision"],
        action="published" if step["section"] else "killed",
        section=step["section"],
        tags=(tag(step["tagged"]),),
        entities=(entity,),
        evolved_from=step["follows"],
        body_html=f"/assets/{step['asset']}" if step["asset"] else "",
    )
    return LoggedEvent(0, step["at"], made, bool(step["asset"]))


def placed(steps: list[dict]) -> list[LoggedEvent]:
    return [told({**step, "at": at}) for at, step in enumerate(steps)]


def rows(catalogue: Catalogue) -> dict[str, list]:
    return {
        table: sorted(catalogue.rows(f"SELECT {columns} FROM {table}"), key=repr)
        for table, columns in TABLES.items()
    }


def incrementally(events: list[LoggedEvent]) -> dict[str, list]:
    catalogue = Catalogue()
    for logged in events:
        catalogue.write([logged], {0: logged.offset + 1})
    made = rows(catalogue)
    catalogue.close()
    # Triggers leave terms that nothing stands under any more.
    made["sizes"] = [size for size in made["sizes"] if size[2]]
    return made


@given(steps=STEPS, built=st.integers(0, 25), committed=st.sampled_from([1, 3, 10_000]))
@settings(max_examples=150, deadline=None)
def test_it_holds_the_same_and_goes_on_event_by_event(steps, built, committed):
    events, catalogue = placed(steps), Catalogue()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_build, "COMMITTED_ARTICLES", committed)
        catalogue.begin()
        for start in range(0, min(built, len(events)), 4):
            some = events[start : min(start + 4, built)]
            catalogue.write(some, {0: some[-1].offset + 1})
        catalogue.finish()
    for logged in events[built:]:
        catalogue.write([logged], {0: logged.offset + 1})
    made = rows(catalogue)
    made["sizes"] = [size for size in made["sizes"] if size[2]]
    assert made == incrementally(events)
    catalogue.close()


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "catalogue.sqlite"


def begun(file: Path, events: list[LoggedEvent]) -> Catalogue:
    catalogue = Catalogue(str(file))
    catalogue.begin()
    for logged in events:
        catalogue.write([logged], {0: logged.offset + 1})
    return catalogue


STORY = {"revision": 1, "section": "Sport", "tagged": "cup", "known_as": (), "follows": None}
STORY |= {"asset": ""}


@pytest.mark.parametrize("committed", [1, 2, 10_000])
def test_a_process_that_died_meanwhile_leaves_what_the_next_one_completes(
    file, monkeypatch, committed
):
    monkeypatch.setattr(first_build, "COMMITTED_ARTICLES", committed)
    events = placed([{**STORY, "name": name, "revision": n} for n, name in enumerate("abca", 1)])
    begun(file, events[:3]).close()  # what was not committed is lost, as by kill -9
    again = Catalogue(str(file))
    read = again.positions().get(0, 0)
    assert read == 3 // committed * committed
    again.begin()
    for logged in events[read:]:
        again.write([logged], {0: logged.offset + 1})
    assert search(again, "news", (), 9) == [] or again.rows("SELECT 1 FROM building")
    again.finish()
    assert rows(again) == incrementally(events)
    again.close()


def test_an_error_at_the_end_leaves_what_can_be_completed(file, monkeypatch):
    events = placed([{**STORY, "name": name} for name in "abc"])
    catalogue = begun(file, events)
    broken = (*first_build.FINISHING[:-1], "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(first_build, "FINISHING", broken)
        with pytest.raises(Exception, match="nowhere"):
            catalogue.finish()
    catalogue.close()
    again = Catalogue(str(file))
    assert again.positions() == {0: 3}
    again.finish()
    assert rows(again) == incrementally(events)
    again.close()


def test_what_is_filled_may_be_forgotten_and_begun_anew(file):
    catalogue = begun(file, placed([{**STORY, "name": "a"}]))
    catalogue.clear()
    assert all(not found for found in rows(catalogue).values())
    catalogue.begin()
    catalogue.write(placed([{**STORY, "name": "b"}]), {0: 1})
    catalogue.finish()
    assert search(catalogue, "news", (), 9) == ids("b")
    assert catalogue.rows("SELECT count(*) FROM terms WHERE id = ?", *ids("a")) == [(0,)]
    catalogue.close()


def test_one_that_holds_something_is_not_begun(catalogue, tell):
    tell(event("a"))
    catalogue.begin()
    tell(event("b"))
    assert len(search(catalogue, "news", (), 9)) == 2
