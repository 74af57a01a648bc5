"""The start of ingest: one process that serves, or one that keeps several serving."""

import argparse
import threading

from newsman.ingest.ops import ingest_needs
from newsman.ingest.server.supervisor import keep_workers, read_place
from newsman.ingest.server.worker import serve
from newsman.ingest.sources.sources_file import Sources
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import say_what_is_missing
from newsman.settings import IngestSettings, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Serves until a signal ends it; pushes under way are answered first."""
    settings = read_settings(IngestSettings)
    configure_logging(
        settings.log_level, settings.log_format, service="ingest", access=settings.access_log
    )
    sources = Sources(settings.sources_file)
    place = read_place(arguments.worker) if arguments.worker else None
    if place is None:
        say_what_is_missing(ingest_needs(settings), threading.Event())
    if place is None and settings.ingest_workers > 1:
        return keep_workers(settings)
    serve(settings, sources, place=place)
    return 0
