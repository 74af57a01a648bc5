"""ingest as it is, but for Kafka: what it was given is taken at once. Only to measure against."""

from collections.abc import Sequence

from newsman.ingest.server.worker import serve
from newsman.ingest.sources.sources_file import Sources
from newsman.kafka.records import Record
from newsman.runtime.logs import configure_logging
from newsman.settings import IngestSettings, read_settings


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
    settings = read_settings(IngestSettings)
    configure_logging(settings.log_level)
    serve(settings, Sources(settings.sources_file), open_sender=lambda _: TakesAtOnce())
