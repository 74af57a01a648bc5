"""Events of one partition into the queues of those that they are for."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsman.deliver.intake.places import Behind, Places
from newsman.deliver.intake.recipients import (
    Telling,
    Told,
    copied_from,
    read_told,
    recipients,
    write_told,
)
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet, Mode, Put, PutResult, Row
from newsman.deliver.queue.references import URGENT_UP_TO, Reference
from newsman.matching.events import event_name, wants
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.events import unix_ms

DueAt = Callable[[str], datetime | None]
"""When a subscription, by its id, takes what comes now; None: at once."""


@dataclass(frozen=True, slots=True)
class Read:
    """An event and its offset."""

    offset: int
    event: ArticlePublished


@dataclass
class _Collected:
    """Rows by subscription, and what their articles' hashes say afterwards."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    forced: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


class Distributor:
    """Matches events and queues them; the places of subscriptions that refused are answered."""

    def __init__(self, inlet: Inlet, subscribed: Subscribed, due_at: DueAt) -> None:
        self._inlet = inlet
        self._subscribed = subscribed
        self._due_at = due_at

    def follow(
        self, partition: int, events: Sequence[Read], places: Places
    ) -> Mapping[str, PutResult]:
        """Queues for all that are live; kills go at once to those that are behind, too."""

        def target(telling: Telling, read: Read, into: _Collected) -> list[Row] | None:
            if telling.subscription_id in places.live:
                return into.rows[telling.subscription_id]
            if read.event.article is None and self._subscribed.is_active(telling.subscription_id):
                return into.forced[telling.subscription_id]
            return None

        told = self._told(events)
        self._inlet.forget_exchanges(_taken_away(events, told))
        collected = self._collect(events, told, target, {})
        puts = [
            Put(ident, rows, partition, Mode.LIVE) for ident, rows in collected.rows.items()
        ] + [Put(ident, rows) for ident, rows in collected.forced.items()]
        return self._put(puts, told)

    def catch_up(
        self, partition: int, events: Sequence[Read], group: Mapping[str, Behind]
    ) -> Mapping[str, PutResult]:
        """Queues for those of a group what they have not got yet."""

        def target(telling: Telling, read: Read, into: _Collected) -> list[Row] | None:
            place = group.get(telling.subscription_id)
            if place is None or read.offset < place.offset:
                return None
            return into.rows[telling.subscription_id]

        told = self._told(events)
        collected = self._collect(events, told, target, group)
        puts = [
            Put(ident, rows, partition, Mode.CATCH_UP, str(group[ident]))
            for ident, rows in collected.rows.items()
        ]
        return self._put(puts, told)

    def _told(self, events: Sequence[Read]) -> dict[str, dict[str, Told]]:
        ids = list(
            dict.fromkeys(
                one for read in events for one in (read.event.article_id, *copied_from(read.event))
            )
        )
        hashes = self._inlet.told(ids)
        return {
            article_id: {ident: read_told(text) for ident, text in row.items()}
            for article_id, row in zip(ids, hashes, strict=True)
        }

    def _collect(
        self,
        events: Sequence[Read],
        told: Mapping[str, Mapping[str, Told]],
        target: Callable[[Telling, Read, _Collected], list[Row] | None],
        group: Mapping[str, Behind],
    ) -> _Collected:
        collected = _Collected()
        newest = {article_id: dict(row) for article_id, row in told.items()}
        for read in events:
            event, last = read.event, newest[read.event.article_id]
            name = event_name(event)
            told_of_story = {
                ident
                for one in copied_from(event)
                for ident, of_it in newest[one].items()
                if not of_it.is_gone
            }
            # What was told of a copy itself is no reason against its update.
            matched = self._subscribed.match(event, told_of_story - last.keys())
            before = _again(last, read, group)
            made: dict[tuple[str, str, int], Row] = {}
            for telling in recipients(event, name, matched, before, self._wants):
                rows = target(telling, read, collected)
                if rows is None:
                    continue
                rows.append(self._row(read, telling, made))
                is_gone = write_told(0, telling.event).endswith("-")
                last[telling.subscription_id] = Told(event.revision, is_gone)
        return collected

    def _wants(self, subscription_id: str, name: str) -> bool:
        subscription = self._subscribed.by_id.get(subscription_id)
        return subscription is not None and wants(subscription, name)

    def _row(self, read: Read, telling: Telling, made: dict[tuple[str, str, int], Row]) -> Row:
        """The row of an event for a subscription, the same for all that are told alike."""
        is_gone = read.event.article is None or bool(telling.reason)
        due_at = None if is_gone else self._due_at(telling.subscription_id)
        due_ms = unix_ms(due_at) if due_at else 0
        alike = (telling.event, telling.reason, due_ms)
        row = made.get(alike)
        if row is None:
            row = made[alike] = _new_row(read, telling, due_ms, is_gone=is_gone)
        return row

    def _put(
        self, puts: Sequence[Put], told: Mapping[str, Mapping[str, Told]]
    ) -> dict[str, PutResult]:
        results = self._inlet.put(puts) if puts else []
        news: dict[str, dict[str, str]] = defaultdict(dict)
        for put, result in zip(puts, results, strict=True):
            for row in put.rows if result.moved_to is None else ():
                reference = row.reference
                last = told[reference.key].get(put.subscription_id)
                is_in = result.full_at is None or row.is_urgent or row.offset < result.full_at
                if is_in and (last is None or last.revision <= reference.revision):
                    text = write_told(reference.revision, reference.event)
                    news[reference.key][put.subscription_id] = text
        if news:
            self._inlet.note_told(news)
        return {put.subscription_id: result for put, result in zip(puts, results, strict=True)}


def _new_row(read: Read, telling: Telling, due_ms: int, *, is_gone: bool) -> Row:
    event, article = read.event, read.event.article
    is_urgent = is_gone or bool(article and (article.urgency or 9) <= URGENT_UP_TO)
    reference = Reference(
        event.article_id,
        telling.event,
        event.event_id,
        event.revision,
        event.version,
        unix_ms(event.occurred_at),
        event.source if is_gone else "",
        event.uri if is_gone else "",
        telling.reason,
    )
    return Row(reference, read.offset, is_urgent, due_ms)


def _taken_away(
    events: Sequence[Read], told: Mapping[str, Mapping[str, Told]]
) -> dict[str, list[str]]:
    """Articles that readers may not see any more, by the subscriptions that were told of them."""
    by_subscription: dict[str, list[str]] = defaultdict(list)
    for article_id in {read.event.article_id for read in events if read.event.article is None}:
        for ident in told[article_id]:
            by_subscription[ident].append(article_id)
    return by_subscription


def _again(last: Mapping[str, Told], read: Read, group: Mapping[str, Behind]) -> Mapping[str, Told]:
    """Who was told, as if those to whom this is told again had not been of this revision."""
    repeated = [ident for ident, place in group.items() if read.offset < place.replay_to]
    if not repeated:
        return last
    revision = read.event.revision - 1
    lowered = {
        ident: Told(min(last[ident].revision, revision), is_gone=False)
        for ident in repeated
        if ident in last
    }
    return {**last, **lowered}
