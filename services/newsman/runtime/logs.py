"""Logging of every service: one line per event on standard error."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from newsman.runtime.instance import own_name

TEXT, JSON = "text", "json"
ACCESS = "newsman.access"
"""The logger of requests."""
TOLD = ("event", "article", "trace_id")
"""The subjects that a message may have: given as `extra` where it is logged."""
Subject = dict[str, str | None]
LOUD_LIBRARIES = ("kafka", "aiokafka", "faust", "mode", "httpx", "uvicorn.access")
ORDINARY = {
    # A slow import or a busy machine; harmless by itself.
    "kafka.net.selector": ("ran for",),
    # A commit took longer than the time between two, on a busy machine; the next comes after it.
    "mode.timers": ("is overlapping",),
    # The client retries at once, or is being closed with a heartbeat under way; other messages
    # report a broker that stays away.
    "kafka.coordinator": ("Marking the coordinator dead", "[Cancelled]"),
    "kafka.cluster": ("failed Cancelled",),
    # A group leader may learn of a topic before its partitions; it fetches them and starts over.
    "kafka.coordinator.assignors.range": ("No partition metadata for topic",),
    # Members join and leave.
    "aiokafka.consumer.group_coordinator": ("because it is rebalancing",),
}
"""What libraries warn of although nobody need act on it: parts of messages, by logger."""


def about(article: str, *, event: str | None = None, traceparent: str | None = None) -> Subject:
    """The subject of a message, for `extra`: an article's id, the type of an event about it, and
    the `traceparent` (Trace Context level 1, section 3.2) that came with it."""
    of_trace = (traceparent or "").split("-")
    return {"article": article, "event": event, "trace_id": of_trace[1] if of_trace[1:] else None}


def configure_logging(
    level: str, log_format: str = TEXT, *, service: str = "newsman", access: bool = False
) -> None:
    """Newsman's own messages from `level` on, its libraries' from WARNING on; `text` or `json`.

    With `access` requests are logged too, whatever the level.
    """
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    if log_format == JSON:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines(service))
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger(ACCESS).setLevel(logging.INFO if access else logging.CRITICAL)
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_for_operators)


class JsonLines(logging.Formatter):
    """Each message as one line of JSON, with the service, its instance and what it is about."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._always = {"service": service, "instance": own_name()}

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        document: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            **self._always,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: record.__dict__[name] for name in TOLD if record.__dict__.get(name)},
        }
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        if record.stack_info:
            document["stack"] = record.stack_info
        return json.dumps(document, ensure_ascii=False, default=str)


def is_for_operators(record: logging.LogRecord) -> bool:
    """False for what a library warns of in the ordinary course of events."""
    ordinary = ORDINARY.get(record.name, ())
    return not any(part in record.getMessage() for part in ordinary)
