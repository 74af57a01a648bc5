"""Traces of what is published from now on, handed to an exporter of OpenTelemetry."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newsman.kafka.records import header
from newsman.tools.observe.span_export import spans_of
from newsman.tools.observe.spans import TraceMaker, TraceStep
from newsman.tools.operate.installation import Installation
from newsman.tools.operate.tail import event_of
from newsman_schemas.topics import ARTICLE_PUBLISHED, DELIVERY_NOTED, Topic

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

log = logging.getLogger(__name__)


class TraceWatch:
    """Reads on in the log with each look; what an exporter does not take is lost, and logged."""

    def __init__(self, there: Installation, exporter: "SpanExporter") -> None:
        self._there = there
        self._exporter = exporter
        self._traces = TraceMaker()
        self._next: dict[Any, int] = {}
        for topic in (ARTICLE_PUBLISHED, DELIVERY_NOTED):
            self._next |= there.log.ends(self._parts(topic))

    def look(self) -> None:
        """Exports what is new; raises KafkaError."""
        steps: list[TraceStep] = []
        for record in self._new(ARTICLE_PUBLISHED):
            if event := event_of(record):
                parent = header(record.headers, "traceparent")
                steps += self._traces.published(event, parent, record.timestamp / 1_000)
        for record in self._new(DELIVERY_NOTED):
            if event := event_of(record):
                steps += self._traces.delivered(event, record.timestamp / 1_000)
        if steps and self._exporter.export(spans_of(steps)).name != "SUCCESS":
            log.warning("%s spans were not taken", len(steps))

    def _parts(self, topic: Topic) -> list[Any]:
        return self._there.log.partitions(topic.full_name(self._there.namespace))

    def _new(self, topic: Topic) -> Iterator[Any]:
        parts = self._parts(topic)
        ends = self._there.log.ends(parts)
        yield from self._there.log.read({part: self._next[part] for part in parts}, ends)
        self._next |= ends
