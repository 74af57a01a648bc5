"""Records that a reader asked for and does not get, and what it makes of that."""

import logging
from collections.abc import Callable

from kafka import TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from newsman.kafka.progress.reckoning import partition_name

log = logging.getLogger(__name__)

Gone = Callable[[TopicPartition, int, int], None]
"""Receives a partition of which the records between two offsets are no longer in the log."""


class TopicMissing(KafkaError):  # type: ignore[misc]
    """A topic that is to be read is not on the broker."""


class ReadStalled(KafkaTimeoutError):  # type: ignore[misc]
    """Nothing came for too long although records are missing; the text names them."""


class RecordsGone(KafkaError):  # type: ignore[misc]
    """The log begins later than the offset that was asked for."""


def refuse_gone(part: TopicPartition, asked: int, begins: int) -> None:
    """Raises RecordsGone: for readers to whom a part of what they asked for is of no use."""
    raise RecordsGone(
        f"{partition_name(part)} begins at {begins}: {begins - asked} records from {asked} on "
        "are no longer in the log"
    )


def warn_gone(part: TopicPartition, asked: int, begins: int) -> None:
    """Logs an error and lets the reader go on with what the log still holds."""
    log.error("%s begins at %s: what lay behind %s is gone", partition_name(part), begins, asked)
