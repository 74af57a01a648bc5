"""Logging of every service: one line per event on standard error."""

import logging

LOUD_LIBRARIES = ("kafka", "aiokafka", "faust", "mode", "httpx", "uvicorn.access")
ORDINARY = {
    # A slow import or a busy machine; harmless by itself.
    "kafka.net.selector": ("ran for",),
    # The client retries at once, or is being closed with a heartbeat under way; other messages
    # report a broker that stays away.
    "kafka.coordinator": ("Marking the coordinator dead", "[Cancelled]"),
    # A group leader may learn of a topic before its partitions; it fetches them and starts over.
    "kafka.coordinator.assignors.range": ("No partition metadata for topic",),
    # Members join and leave.
    "aiokafka.consumer.group_coordinator": ("because it is rebalancing",),
}
"""What libraries warn of although nobody need act on it: parts of messages, by logger."""


def configure_logging(level: str) -> None:
    """Newsman's own messages from `level` on, its libraries' from WARNING on."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for name in LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_for_operators)


def is_for_operators(record: logging.LogRecord) -> bool:
    """False for what a library warns of in the ordinary course of events."""
    ordinary = ORDINARY.get(record.name, ())
    return not any(part in record.getMessage() for part in ordinary)
