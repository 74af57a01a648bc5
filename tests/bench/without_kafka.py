"""ingest as it is, but for Kafka: what it was given is taken at once. Only to measure against."""

import argparse
from collections.abc import Sequence

from newsman.ingest import main as ingest
from newsman.kafka.records import Record


class TakesAtOnce:
    """Takes everything, keeps nothing."""

    async def send(self, topic: str, records: Sequence[Record]) -> None:
        """Returns at once."""

    async def close(self) -> None:
        """There is nothing to close."""

    def problem(self) -> str | None:
        """There is never one."""
        return None


if __name__ == "__main__":
    ingest.build_sender = lambda _: TakesAtOnce()
    raise SystemExit(ingest.run(argparse.Namespace(fd=None)))
