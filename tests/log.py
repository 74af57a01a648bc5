"""What Kafka's log holds."""

from typing import Any

from newsman.kafka.log import open_log


def records_on(bootstrap: str, *topics: str) -> list[Any]:
    """Every record of some topics up to where they end now, those of a partition in order."""
    with open_log(bootstrap, client_id="test") as log:
        return list(log.read_all(*topics))
