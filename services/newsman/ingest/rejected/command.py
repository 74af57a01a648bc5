"""`newsman rejected`, with the reading of pushes that came over HTTP."""

import argparse

from newsman.ingest.rejected.reading import read_again
from newsman.ingest.sources.sources_file import Source, Sources
from newsman.kafka.commands import rejected
from newsman.kafka.commands.parked import Parked
from newsman.kafka.commands.settling import NotReplayable, ReadAgain
from newsman.runtime.settings_error import SettingsError
from newsman.settings import SourcesFileSettings, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Does it; 1 when there is no such message, it cannot be sent again, or Kafka is away."""
    return rejected.run(arguments, _read_push)


def _read_push(parked: Parked, mended: bytes | None) -> ReadAgain:
    source = _source(parked)
    return read_again(parked, mended, source)


def _source(parked: Parked) -> Source:
    """The source that pushed it, as the sources file has it now; raises NotReplayable."""
    name = parked.key.decode("utf-8", "replace")
    try:
        found = {
            source.id: source for source in Sources(read_settings(SourcesFileSettings).sources_file)
        }
    except SettingsError as error:
        raise _unknown(parked, str(error)) from error
    if name not in found:
        raise _unknown(parked, f"its source {name} is not in the sources file")
    return found[name]


def _unknown(parked: Parked, reason: str) -> NotReplayable:
    return NotReplayable(
        f"{parked.offset} was pushed over HTTP and is no event, and {reason}: "
        "push it to ingest again (newsman rejected show "
        f"{parked.offset} --raw prints it)"
    )
