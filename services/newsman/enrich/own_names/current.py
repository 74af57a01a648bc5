"""The own names as the log and the file have them now, ready to be found in texts."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from newsman.enrich.entities.mentions import Field
from newsman.enrich.own_names.index import FoundNames, NameIndex, Spelled, spellings_of
from newsman.kafka.compacted_logs.newest_events import NewestEvents
from newsman.own_names.names_file import Names
from newsman.own_names.names_log import NamesLog, names_in
from newsman.runtime.files.watched_file import WatchedFile
from newsman_schemas.editing import OwnName

FRESH_SECONDS = 0.5
LONG_CHARACTERS = 20_000
CLIENT_ID = "newsman-enrich-names"


class CurrentNames:
    """The index of the names, looked at anew twice a second at most.

    What the log says of a name goes before what the file says.
    """

    def __init__(
        self,
        open_log: Callable[[], NamesLog],
        file: WatchedFile[Names],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = NewestEvents(open_log, what="own names")
        self.problem = self._events.problem
        self._file = file
        self._clock = clock
        self._asking = asyncio.Lock()
        self._index: NameIndex | None = None
        self._asked_at = 0.0
        self._seen: tuple[int, int] | None = None
        self._compiled: dict[str, tuple[OwnName, Sequence[tuple[str, Spelled]]]] = {}

    async def find(self, texts: Mapping[Field, str]) -> FoundNames:
        """The names in the texts of an article; long ones are looked through beside the loop."""
        index = await self.index()
        if sum(map(len, texts.values())) > LONG_CHARACTERS:
            return await asyncio.to_thread(index.find, texts)
        return index.find(texts)

    async def index(self) -> NameIndex:
        """The index of all names that were there half a second ago; waits for a Kafka that is
        away, since an editor's word is at stake."""
        async with self._asking:
            if self._index is None or self._clock() - self._asked_at >= FRESH_SECONDS:
                asked_at = self._clock()
                self._index = await self._events.ask_patiently(self._taken)
                self._asked_at = asked_at
            return self._index

    def _taken(self, log: NamesLog) -> NameIndex:
        seen = (log.taken, self._file.changes)
        if self._index is not None and seen == self._seen:
            return self._index
        index = self._built({**self._file.content, **names_in(log)})
        self._seen = seen
        return index

    def _built(self, names: Mapping[str, OwnName]) -> NameIndex:
        """The index; names that are as they were are not taken apart again."""
        compiled = {}
        for key, name in names.items():
            known = self._compiled.get(key)
            is_known = known is not None and (known[0] is name or known[0] == name)
            compiled[key] = known if known and is_known else (name, spellings_of(name))
        self._compiled = compiled
        return NameIndex(spellings for _, spellings in compiled.values())
