"""Files that a Superdesk item names, and events as EventGate's clients send them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from newsman.ingest.formats.eventgate import MAX_ECHOED, MAX_EVENTS, read_events
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.formats.renditions import MAX_RENDITIONS, look_at_item, with_addresses

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def body(value):
    return json.dumps(value).encode()


def superdesk(media=(), **more):
    renditions = {f"r{n}": {"media": name, "href": "old"} for n, name in enumerate(media)}
    return {"guid": "urn:1", "type": "text", "renditions": renditions, **more}


def test_files_are_found_in_the_item_and_in_all_that_it_is_associated_with():
    inner = superdesk(["c"], associations={"d": superdesk(["d"])})
    item = superdesk(["a", "b", "a"], associations={"featuremedia": inner, "gone": None})
    assert look_at_item(body(item)).media == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "renditions",
    [None, 5, "text", [], {"r": None}, {"r": 5}, {"r": {"media": None}}, {"r": {"media": 5}},
     {"r": {"href": "x"}}],
)  # fmt: skip
def test_renditions_of_any_other_shape_name_no_file(renditions):
    look = look_at_item(body({"guid": "urn:1", "type": "text", "renditions": renditions}))
    assert (look.missing, look.media) == (None, frozenset())


@pytest.mark.parametrize(
    ("item", "missing"),
    [
        ({"guid": "urn:1", "type": "text"}, None),
        ({"_id": "urn:1", "type": "picture"}, None),
        ({"type": "text"}, "guid"),
        ({"guid": "", "_id": None, "type": "text"}, "guid"),
        ({"guid": "urn:1"}, "type"),
        ({"guid": "urn:1", "type": "poem"}, "type"),
        ({"guid": "urn:1", "type": ["text"]}, "type"),
        ({}, "guid"),
    ],
)
def test_what_newsroom_would_miss_is_named(item, missing):
    assert look_at_item(body(item)).missing == missing


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"item"', b"5", b"{", b"", b"\xff"])
def test_what_is_no_item_is_refused(raw):
    with pytest.raises(BadDocument):
        look_at_item(raw)


def test_renditions_lead_to_where_their_files_are_served_and_nothing_else_changes():
    item = superdesk(["a", "b"], associations={"m": superdesk(["a"])}, headline="Café")
    led = json.loads(with_addresses(body(item), {"a": "https://e.org/assets/a"}))
    assert led["renditions"]["r0"]["href"] == "https://e.org/assets/a"
    assert led["renditions"]["r1"]["href"] == "old"
    assert led["associations"]["m"]["renditions"]["r0"]["href"] == "https://e.org/assets/a"
    led["renditions"]["r0"]["href"] = led["associations"]["m"]["renditions"]["r0"]["href"] = "old"
    assert led == item


def test_only_so_many_files_of_an_item_are_looked_for():
    many = superdesk([f"file-{n}" for n in range(MAX_RENDITIONS + 50)])
    assert len(look_at_item(body(many)).media) == MAX_RENDITIONS


def event(stream="newsman.article", schema=None, **fields):
    schema = schema or f"/{stream.replace('.', '/')}/1.0.0"
    return {"$schema": schema, "meta": {"stream": stream, "id": "event-1"}, **fields}


def view(**meta):
    made = event("newsman.view", article="abcdefghijklmnop")
    return {**made, "meta": {**made["meta"], **meta}}


def test_articles_and_views_are_parted_and_keep_their_places():
    read = read_events(body([event(headline="A"), view(), event(headline="B")]), NOW)
    assert read.articles == (0, 2)
    assert json.loads(read.articles_body) == [{"headline": "A"}, {"headline": "B"}]
    assert [index for index, _ in read.views] == [1]
    assert read.failures == ()


def test_a_view_has_the_events_id_and_time_where_it_has_no_others():
    (found,) = (v for _, v in read_events(body(view(dt="2026-03-02T11:00:00Z")), NOW).views)
    assert (found.id, found.at) == ("event-1", NOW - timedelta(hours=1))
    own = {**view(dt="2026-03-02T11:00:00Z"), "id": "own", "at": "2026-03-02T10:00:00Z"}
    (found,) = (v for _, v in read_events(body(own), NOW).views)
    assert (found.id, found.at) == ("own", NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        (5, ""),
        ([], ""),
        ({}, "/meta/stream"),
        ({"meta": None}, "/meta/stream"),
        ({"meta": {"stream": 5}}, "/meta/stream"),
        ({"meta": {"stream": ["newsman.view"]}}, "/meta/stream"),
        (event("other.stream"), "/meta/stream"),
        ({**event(), "$schema": None}, "/$schema"),
        (event(schema="/newsman/article/2.0.0"), "/$schema"),
        (event(schema="/newsman/view/1.0.0"), "/$schema"),
        ({**view(), "article": "no id"}, "/article"),
        ({**view(), "more": 1}, "/more"),
        (view(dt="2026-03-02T13:00:00Z"), "/at"),
        (view(dt=5), "/at"),
        ({**view(dt=5), "at": "2026-03-02T10:00:00Z"}, "/meta/dt"),
        ({**view(id=""), "id": "own"}, "/meta/id"),
    ],
)
def test_a_bad_event_costs_no_other_and_is_told_where_it_is_wrong(bad, pointer):
    read = read_events(body([event(headline="A"), bad]), NOW)
    assert read.articles == (0,)
    (failure,) = read.failures
    assert (failure.status, failure.index) == ("invalid", 1)
    assert failure.context["errors"][0]["dataPath"] == pointer
    row = read.row(failure)
    assert row["event"] == bad


@pytest.mark.parametrize("raw", [b"", b" \n", b"[]"])
def test_a_push_without_events_is_refused(raw):
    with pytest.raises(BadDocument, match="no events"):
        read_events(raw, NOW)


def test_too_many_events_are_refused_and_the_most_are_read():
    assert len(read_events(body([0] * MAX_EVENTS), NOW).failures) == MAX_EVENTS
    with pytest.raises(BadDocument, match="more than"):
        read_events(body([0] * (MAX_EVENTS + 1)), NOW)


def test_of_many_events_only_the_first_are_repeated_in_the_answer():
    bad = {"meta": {"id": "x" * 1_000, "stream": "?"}}
    read = read_events(body([bad] * (MAX_ECHOED + 1)), NOW)
    last = read.row(read.failures[-1])
    assert last["event"] is None
    assert len(last["id"]) == 500
    assert set(last["context"]) == {"message"}
    assert read.row(read.failures[0])["event"] == bad


def test_files_are_found_in_lists_as_in_objects_by_name():
    inner = {**superdesk(), "renditions": [{"name": "r", "media": "b"}, None, "x"]}
    item = superdesk(["a"], associations=[inner, None, {"associations": [superdesk(["c"])]}])
    assert look_at_item(body(item)).media == {"a", "b", "c"}
