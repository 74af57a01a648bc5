"""Dependencies that every ingest route receives."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsman.assets.store import AssetStore
from newsman.ingest.console.front_desk import FrontDesk
from newsman.ingest.idempotency import IdempotencyKeys
from newsman.ingest.log.parking import Parking
from newsman.ingest.log.producer import RecordSender
from newsman.ingest.reading.pool import BodyReader, ReadingHere
from newsman.ingest.routes.bodies import BodyLimits, BodyRoom
from newsman.ingest.sources.rate_limit import PushRates
from newsman.ingest.sources.sources_file import Sources
from newsman.ingest.views.events import ViewJudges
from newsman.kafka.compacted_logs.newest_events import NewestEvents
from newsman.runtime.background import BackgroundTasks
from newsman.settings import IngestSettings
from newsman_schemas.editing import NameDefined

STRANGER_BODY_BYTES = 96 * 1024 * 1024
"""Memory of bodies whose senders are not known yet, of all connections together."""


@dataclass(frozen=True)
class IngestContext:
    """Dependencies that every ingest route receives."""

    settings: IngestSettings
    sources: Sources
    sender: RecordSender
    parking: Parking
    background: BackgroundTasks
    clock: Callable[[], datetime]
    answers: IdempotencyKeys
    assets: AssetStore
    views: ViewJudges
    names: NewestEvents[NameDefined]
    """The log of own names, for those who ask what is in it."""
    front: FrontDesk
    rates: PushRates = field(default_factory=PushRates)
    reading: BodyReader = field(default_factory=ReadingHere)
    stranger_bodies: BodyRoom = field(
        default_factory=lambda: BodyRoom(
            total_bytes=STRANGER_BODY_BYTES, address_bytes=STRANGER_BODY_BYTES // 2
        )
    )

    def body_limits(self, own_bytes: int | None = None) -> BodyLimits:
        """Bounds of a body whose sender is known; `own_bytes` is a source's own limit."""
        largest = self.settings.max_body_bytes
        return BodyLimits(
            body_bytes=min(largest, own_bytes or largest),
            patience_seconds=self.settings.client_timeout_seconds,
        )

    def body_limits_of_strangers(self) -> BodyLimits:
        """Bounds of a body that is read before its sender is known."""
        return replace(self.body_limits(), room=self.stranger_bodies)
