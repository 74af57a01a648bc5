"""Values of a source's entry for documents that are silent."""

from datetime import datetime

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.model import Defaults
from newsman.ingest.sources.sources_file import Source

MAX_ADDRESS = 2_000


def defaults_of(source: Source, now: datetime, location: str | None) -> Defaults:
    """The defaults of a push that came at a moment, from a Content-Location if it named one."""
    return Defaults(
        source=source.id,
        language=source.language,
        timezone=source.timezone,
        section=source.section,
        now=now,
        canonical_at_source=source.canonical_at_source,
        keeps_earlier=source.embargo_keeps_earlier,
        document_url=_web_address(location),
    )


def _web_address(text: str | None) -> str | None:
    return text if text and is_web_address(text) and len(text) <= MAX_ADDRESS else None
