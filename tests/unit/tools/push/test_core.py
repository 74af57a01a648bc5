"""What an answer means for whoever pushes."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.tools.push.core import (
    Hopeless,
    HttpAnswer,
    PushAnswer,
    Rejection,
    Remark,
    TryLater,
    backoff_seconds,
    content_type,
    is_lines,
    judge,
    max_age_seconds,
    one_line,
    retry_after_seconds,
    shown,
)
from newsman.tools.push.remarks import RemarkCounts, totals_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def judged(status, document=None, **headers):
    body = b"" if document is None else json.dumps(document).encode()
    return judge(HttpAnswer(status, headers, body), NOW)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", "application/json"),
        ("a.JSONL", "application/x-ndjson"),
        ("a.b.xml", "text/xml"),
        ("a.nitf", "text/xml"),
        ("a.rss", "application/rss+xml"),
        ("a.html", "text/html"),
        ("a.txt", "text/plain"),
        ("story", "application/octet-stream"),
        (".json", "application/octet-stream"),
        ("a.pdf", "application/octet-stream"),
    ],
)
def test_the_type_follows_from_the_suffix(name, expected):
    assert content_type(name) == expected


def test_a_named_format_decides_over_the_suffix():
    assert is_lines("application/x-ndjson", None)
    assert is_lines("text/plain", "ndjson")
    assert not is_lines("application/x-ndjson", "json")


def test_one_article_taken():
    assert judged(202, {"id": "a", "status": "accepted"}) == PushAnswer(202, 1)


def test_a_batch_names_the_items_that_were_not_taken():
    errors = [{"pointer": "/1/headline", "detail": "Field required"}]
    rows = [
        {"index": 0, "status": "accepted"},
        {"index": 1, "status": "rejected", "errors": errors},
    ]
    expected = (Rejection(1, "/1/headline: Field required"),)
    assert judged(207, {"items": rows}) == PushAnswer(207, 1, expected)
    assert judged(400, {"detail": "none", "items": rows[1:]}) == PushAnswer(400, 0, expected)


def test_a_bad_document_is_a_rejection_with_the_problem_s_text():
    assert judged(415, {"title": "Unsupported", "detail": "no PDF"}) == PushAnswer(
        415, 0, (Rejection(None, "no PDF"),)
    )
    found = judged(422, {"title": "Wrong", "errors": [{"pointer": "", "detail": "empty"}]})
    assert found == PushAnswer(422, 0, (Rejection(None, "Wrong: the document: empty"),))
    assert judged(400) == PushAnswer(400, 0, (Rejection(None, "HTTP 400"),))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_waited_for(status):
    found = judged(status, {"detail": "later"}, **{"retry-after": "7"})
    assert found == TryLater(status, f"{status} later", 7.0)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 407, 200, 204, 301, 302, 307, 308])
def test_what_does_not_pass_by_itself_stops_everything(status):
    assert isinstance(judged(status), Hopeless)


@pytest.mark.parametrize("document", [None, {}, [], {"status": "queued"}, "accepted"])
def test_a_202_of_another_server_is_no_acceptance(document):
    assert isinstance(judged(202, document), Hopeless)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("9" * 40, 86_400.0),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_retry_after_as_seconds_and_as_a_date(value, expected):
    assert retry_after_seconds(value, NOW) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0.0),
        ({"cache-control": "public, max-age=600"}, 600.0),
        ({"cache-control": 'Max-Age="60"'}, 60.0),
        ({"cache-control": "max-age=600", "age": "200"}, 400.0),
        ({"cache-control": "max-age=600", "age": "700"}, 0.0),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "s-maxage=600"}, 0.0),
        ({"cache-control": "max-age=ages"}, 0.0),
        ({"cache-control": "max-age=" + "9" * 30}, 86_400.0),
    ],
)
def test_freshness(headers, expected):
    assert max_age_seconds(headers) == expected


def test_the_wait_doubles_up_to_a_limit_and_jitter_only_shortens_it():
    assert [backoff_seconds(n, 0.0) for n in (1, 2, 3, 100)] == [1, 2, 4, 30]
    assert backoff_seconds(3, 1.0) == 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://n.example/feed?page=2&sort=date#top", None),
        ("https://n.example/f?token=abc", "https://n.example/f?token=…"),
        ("https://n.example/f?a=1&apiKey=abc&b=2", "https://n.example/f?a=1&apiKey=…&b=2"),
        ("https://n.example/f?X-Amz-Signature=abc", "https://n.example/f?X-Amz-Signature=…"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, expected):
    assert shown(url) == (expected or url)


def test_no_text_of_others_reaches_a_terminal_raw():
    assert one_line("a\x1b[2Jb\nc\udcff") == "a\\x1b[2Jb\\nc\\udcff"
    assert len(one_line("x" * 10_000)) == 500


@pytest.mark.parametrize(
    ("control", "age", "seconds"),
    [
        ("max-age=60", None, 60),
        ("public, MAX-AGE = 60", None, 60),
        ('max-age="60"', None, 60),
        ("max-age=60", "20", 40),
        ("max-age=60", "100", 0),
        ("max-age=60", "²", 60),
        ("max-age=60", "soon", 60),
        ("max-age=99999999999999999999", None, 24 * 3600),
        ("max-age=²", None, 0),
        ("max-age=٣", None, 0),
        ("max-age=-5", None, 0),
        ("max-age=1.5", None, 0),
        ("max-age", None, 0),
        ("no-store, max-age=60", None, 0),
        ('no-cache="x", max-age=60', None, 0),
        ("s-maxage=60", None, 0),
        ("", None, 0),
    ],
)
def test_freshness_is_what_the_header_says_and_never_a_crash(control, age, seconds):
    headers = {"cache-control": control} | ({} if age is None else {"age": age})
    assert max_age_seconds(headers) == seconds


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_header_of_a_server_stops_the_poller(control, age):
    assert 0 <= max_age_seconds({"cache-control": f"max-age={control}", "age": age}) <= 86_400
    seconds = retry_after_seconds(control, NOW)
    assert seconds is None or 0 <= seconds <= 86_400


@given(
    st.integers(200, 599),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["items", "status", "errors", "index", "detail", "title"]), inner
            )
        ),
        max_leaves=15,
    ),
)
def test_any_answer_is_judged_and_every_item_is_taken_or_refused(status, document):
    verdict = judged(status, document)
    assert isinstance(verdict, PushAnswer | TryLater | Hopeless)
    rows = document.get("items") if isinstance(document, dict) else None
    if isinstance(verdict, PushAnswer) and isinstance(rows, list) and rows:
        assert verdict.accepted + len(verdict.rejected) == len(rows)
    if isinstance(verdict, PushAnswer) and verdict.accepted:
        assert status in (202, 207) or (isinstance(rows, list) and rows)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 100_000, b"null", b'"text"', b"{"])
def test_an_answer_that_is_no_problem_document_is_told_by_its_status(body):
    (rejection,) = judge(HttpAnswer(400, {}, body), NOW).rejected
    assert (rejection.index, rejection.reason) == (None, "HTTP 400")
    assert isinstance(judge(HttpAnswer(202, {}, body), NOW), Hopeless)


def test_warnings_are_counted_by_their_place_without_the_numbers_of_items():
    rows = [
        {
            "status": "accepted",
            "index": n,
            "warnings": [{"pointer": f"/{n}/date", "detail": f"d{n}"}],
        }
        for n in range(3)
    ]
    rows += [{"status": "accepted", "warnings": [7, {}]}, {"status": "rejected", "warnings": [{}]}]
    answer = judge(HttpAnswer(207, {}, json.dumps({"items": rows}).encode()), NOW)
    assert [remark.index for remark in answer.remarks] == [0, 1, 2, 3]
    assert totals_of(answer.remarks) == ["3 warnings: /date: d0", "1 warning: the document: "]


def test_kinds_of_warnings_are_kept_within_bounds():
    counts = RemarkCounts()
    told = [counts.add("x", Remark(0, f"/p{n}", "\x1b[2J")) for n in range(3_000)]
    assert sum(line is not None for line in told) <= 1_001
    assert not any("\x1b" in line for line in counts.totals())
