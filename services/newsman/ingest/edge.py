"""What the routes of ingest work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from newsman.assets.store import AssetStore
from newsman.ingest.beside import Prepare, prepare_here
from newsman.ingest.idempotency import IdempotencyKeys
from newsman.ingest.parking import Parking
from newsman.ingest.producer import Sender
from newsman.ingest.rates import PushRates
from newsman.ingest.readers import ReaderHasher
from newsman.ingest.sources import Sources
from newsman.ingest.view_filter import ViewFilter
from newsman.settings import IngestSettings


@dataclass(frozen=True)
class Edge:
    """What the routes work with."""

    settings: IngestSettings
    sources: Sources
    sender: Sender
    hasher: ReaderHasher
    parking: Parking
    clock: Callable[[], datetime]
    answers: IdempotencyKeys
    assets: AssetStore
    views: ViewFilter
    rates: PushRates = field(default_factory=PushRates)
    prepare: Prepare = prepare_here
