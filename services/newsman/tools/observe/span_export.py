"""Export of steps over OTLP, with OpenTelemetry's SDK, which is an optional part."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsman.terminal.endings import CommandFailed
from newsman.tools.observe.spans import TraceStep

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

NANOSECONDS = 1_000_000_000


def otlp_exporter(endpoint: str) -> "SpanExporter":
    """Sends spans to `<endpoint>/v1/traces`; raises CommandFailed without the optional part."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise CommandFailed("traces need OpenTelemetry: pip install 'newsman[otel]'") from error
    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")


def spans_of(steps: Sequence[TraceStep]) -> "list[ReadableSpan]":
    """The steps as spans of the SDK, each with its service as resource."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, TraceFlags

    def context(trace_id: str, span_id: str) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags)

    return [
        ReadableSpan(
            name=step.name,
            context=context(step.trace_id, step.span_id),
            parent=context(step.trace_id, step.parent_id),
            resource=Resource({"service.name": f"newsman-{step.service}"}),
            attributes=dict(step.attributes),
            start_time=int(step.began_at * NANOSECONDS),
            end_time=int(step.ended_at * NANOSECONDS),
        )
        for step in steps
    ]
