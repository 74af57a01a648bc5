"""The ledger: every answer that a sender was given, in memory and as lines of JSON in a file.

A line is written once the answer is there, so the file of a simulation that was killed still says
what was acknowledged.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from newsman.tools.simulate.stories import SimulatedPush, StoryTold

SECONDS_BEFORE = 60
"""Clocks of two machines may differ by so much: the log is read from so long before the ledger."""


class SimulationLedger:
    """Answers of ingest: what was acknowledged, what was refused, what nobody knows of."""

    def __init__(self, file: Path | None = None) -> None:
        self.began_at = datetime.now(UTC)
        self.acknowledged: list[StoryTold] = []
        self.unknown: set[str] = set()
        """Stories of which a push was given up without an answer: it may have been taken or not."""
        self.views: Counter[str] = Counter()
        self.uncertain_views: set[str] = set()
        """Articles, views of which were sent and not answered."""
        self.refused: Counter[int] = Counter()
        self.surprises: list[str] = []
        """Answers that no newsroom should get."""
        self._lock = threading.Lock()
        self._ids: list[str] = []
        if file is not None and file.exists():
            self._read(file)
        self._file: TextIO | None = file.open("a") if file else None
        self._write("began", at=self.began_at.isoformat())

    def close(self) -> None:
        """Closes the file."""
        if self._file:
            self._file.close()

    def note_push(self, push: SimulatedPush, status: int, said: Any) -> None:
        """An answer of ingest; 0 is none at all."""
        if status == 0:
            self._note("unknown", uris=[told.uri for told in push.tells])
        elif 200 <= status < 300 and push.tells:
            self._note("acknowledged", tells=[asdict(told) for told in _taken(push, said)])
            self._keep_ids(push, said)
        elif 400 <= status < 500 and not push.tells:
            self._note("refused", status=status)
        else:
            self._note("surprise", text=f"{push.path} answered {status}: {str(said)[:300]}")

    def note_views(self, articles: Iterable[str], status: int) -> None:
        """An answer to views, each by a reader of its own."""
        kind = "views" if 200 <= status < 300 else "uncertain"
        self._note(kind, articles=list(articles))

    def readable(self) -> list[str]:
        """Ids of articles that readers may see and that are never taken back."""
        with self._lock:
            return self._ids[:]

    def _keep_ids(self, push: SimulatedPush, said: Any) -> None:
        if push.is_read and isinstance(said, dict) and "id" in said:
            with self._lock:
                self._ids.append(said["id"])

    def _note(self, kind: str, **fields: Any) -> None:
        with self._lock:
            self._take(kind, fields)
            self._write(kind, **fields)

    def _take(self, kind: str, fields: dict[str, Any]) -> None:
        match kind:
            case "acknowledged":
                self.acknowledged += [StoryTold(**each) for each in fields["tells"]]
            case "unknown":
                self.unknown.update(fields["uris"])
            case "views":
                self.views.update(fields["articles"])
            case "uncertain":
                self.uncertain_views.update(fields["articles"])
            case "refused":
                self.refused[fields["status"]] += 1
            case "surprise":
                self.surprises.append(fields["text"])
            case "began":
                self.began_at = min(self.began_at, datetime.fromisoformat(fields["at"]))

    def _write(self, kind: str, **fields: Any) -> None:
        if self._file:
            self._file.write(json.dumps({"kind": kind, **fields}) + "\n")
            self._file.flush()

    def _read(self, file: Path) -> None:
        for line in file.read_text().splitlines():
            try:
                fields = json.loads(line)
            except ValueError:
                continue  # The last line of one that was killed.
            self._take(fields.pop("kind"), fields)


def _taken(push: SimulatedPush, said: Any) -> Iterable[StoryTold]:
    """The versions that an answer acknowledges; of a batch some may be refused."""
    rows = said.get("items") if isinstance(said, dict) else None
    if not rows:
        return push.tells
    pairs = zip(push.tells, rows, strict=True)
    return [told for told, item in pairs if item["status"] == "accepted"]
