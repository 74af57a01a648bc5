"""A trace from push to webhook, as OpenTelemetry's own exporter shows it."""

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from newsman.tools.observe.span_export import spans_of
from newsman.tools.observe.spans import MOST_REMEMBERED, TraceMaker

TRACE, NEWSROOM = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{NEWSROOM}-01"
ARTICLE = "aaaaaaaaaaaaaaaa"


def stage(name: str, service: str, second: int) -> dict:
    return {"stage": name, "service": service, "at": f"2026-03-02T10:00:0{second}Z", "version": 1}


PUBLISHED = {
    "article_id": ARTICLE,
    "revision": 1,
    "version": 1,
    "trail": [
        stage("received", "ingest", 0),
        stage("enriched", "enrich", 1),
        stage("published", "publish", 2),
    ],
}
NOTED = {
    "article_id": ARTICLE,
    "revision": 1,
    "delivery_id": "msg_1",
    "subscriber": "harbour",
    "channel": "webhook",
    "outcome": "acknowledged",
    "attempts": 2,
}


def test_each_step_is_a_span_under_the_one_before():
    traces, exporter = TraceMaker(), InMemorySpanExporter()
    steps = traces.published(PUBLISHED, PARENT, 1_772_445_602.5)
    steps += traces.delivered(NOTED, 1_772_445_604.0)
    exporter.export(spans_of(steps))
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        "received", "enriched", "published", "webhook acknowledged",
    ]  # fmt: skip
    assert [span.resource.attributes["service.name"] for span in spans] == [
        "newsman-ingest", "newsman-enrich", "newsman-publish", "newsman-deliver",
    ]  # fmt: skip
    assert {f"{span.context.trace_id:032x}" for span in spans} == {TRACE}
    parents = [f"{span.parent.span_id:016x}" for span in spans]
    own = [f"{span.context.span_id:016x}" for span in spans]
    assert parents == [NEWSROOM, *own[:-1]]
    assert len(set(own)) == 4
    assert [(s.end_time - s.start_time) / 1e9 for s in spans] == [0, 1, 1, 1.5]
    assert spans[-1].attributes["newsman.subscriber"] == "harbour"


def test_a_record_that_is_read_again_is_the_same_span():
    one, other = (TraceMaker().published(PUBLISHED, PARENT, 0.0) for _ in range(2))
    assert one == other


def test_without_a_traceparent_there_is_no_trace():
    traces = TraceMaker()
    assert traces.published(PUBLISHED, None, 0.0) == []
    assert traces.delivered(NOTED, 1.0) == []


def test_what_is_remembered_is_bounded():
    traces = TraceMaker()
    for revision in range(MOST_REMEMBERED + 1):
        traces.published({**PUBLISHED, "revision": revision, "trail": []}, PARENT, 0.0)
    assert traces.delivered({**NOTED, "revision": 0}, 1.0) == []
    assert traces.delivered({**NOTED, "revision": 1}, 1.0)
