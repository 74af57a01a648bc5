"""One trace from a push to its deliveries, as spans of OpenTelemetry that are made from the log.

The log has it all: `traceparent` of the push in the headers of every record that came of it, the
trail of stages in the event, and the ledger's entry for each delivery. So services do nothing
for it, and nothing is lost while a collector is away.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newsman_schemas.events import digest

MOST_REMEMBERED = 50_000
"""Revisions whose deliveries are still to come."""


@dataclass(frozen=True)
class TraceStep:
    """One span: who did what from when to when (Unix seconds), in which trace, under which span.

    Ids are those of W3C Trace Context, in hexadecimal digits.
    """

    service: str
    name: str
    began_at: float
    ended_at: float
    trace_id: str
    span_id: str
    parent_id: str
    attributes: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    trace_id: str
    span_id: str
    published_at: float


class TraceMaker:
    """Makes steps of events of `article-published` and `delivery-noted`."""

    def __init__(self) -> None:
        self._published: OrderedDict[tuple[str, int], _Place] = OrderedDict()

    def published(
        self, event: Mapping[str, Any], traceparent: str | None, logged_at: float
    ) -> list[TraceStep]:
        """The steps from the receipt of a push to the record; none without a traceparent."""
        if traceparent is None:
            return []
        _, trace_id, parent_id, _ = traceparent.split("-")
        article, revision = str(event["article_id"]), int(event["revision"])
        named: dict[str, str | int] = {
            "newsman.article": article,
            "newsman.revision": revision,
            "newsman.version": int(event["version"]),
        }
        span_id = parent_id
        steps = []
        began = None
        for stage in _own_stages(event["trail"]):
            at = datetime.fromisoformat(stage["at"]).timestamp()
            parent_id, span_id = span_id, _span_id(article, revision, stage["stage"])
            since = at if began is None else min(began, at)
            steps.append(
                TraceStep(
                    stage["service"],
                    stage["stage"],
                    since,
                    max(at, since),
                    trace_id,
                    span_id,
                    parent_id,
                    named,
                )
            )
            began = at
        self._published[article, revision] = _Place(trace_id, span_id, logged_at)
        if len(self._published) > MOST_REMEMBERED:
            self._published.popitem(last=False)
        return steps

    def delivered(self, event: Mapping[str, Any], logged_at: float) -> list[TraceStep]:
        """The step of a delivery, from publication to its outcome; none of an unknown trace."""
        article, revision = str(event["article_id"]), int(event["revision"])
        place = self._published.get((article, revision))
        if place is None:
            return []
        delivery = str(event["delivery_id"])
        attributes: dict[str, str | int] = {
            "newsman.article": article,
            "newsman.revision": revision,
            "newsman.subscriber": str(event["subscriber"]),
            "newsman.channel": str(event["channel"]),
            "newsman.outcome": str(event["outcome"]),
            "newsman.attempts": int(event.get("attempts") or 1),
        }
        began = min(place.published_at, logged_at)
        span_id = _span_id(article, revision, delivery)
        name = f"{event['channel']} {event['outcome']}"
        return [
            TraceStep(
                "deliver",
                name,
                began,
                logged_at,
                place.trace_id,
                span_id,
                place.span_id,
                attributes,
            )
        ]


def _own_stages(trail: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The stages of the newest version, from its receipt on."""
    stages = list(trail)
    receipts = [number for number, stage in enumerate(stages) if stage["stage"] == "received"]
    return stages[receipts[-1] :] if receipts else stages


def _span_id(article: str, revision: int, name: str) -> str:
    # The same for a record that is read again, so that no step is shown twice.
    return digest(article, str(revision), name, characters=13).encode().hex()[:16]
