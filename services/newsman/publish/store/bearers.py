"""The articles that have a name which is no URI, and what was pushed under that name alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from newsman.publish.identity.bare_names import (
    NEVER,
    BareName,
    Bearer,
    bare_name,
    bearer_of,
    has_text,
    logged_at,
)
from newsman.publish.store.article_store import ArticleStore
from newsman_schemas.articles import ArticleEnriched

HOLDS_KEPT = 20
"""Kills and holds under one name; the earliest go."""
MOST_BEARERS = 200
"""Articles that are noted under one name; with so many it is ambiguous in any case."""
LARGEST_HOLD_BYTES = 64 * 1024
"""Of a kill or hold that waits; the text of a larger one, which nobody is to see, is left out."""
AT_ONCE = 500
_HOLD = "hold:"

Field = tuple[str, str, str]
"""A name, and a field of its hash with its value."""
BareNames = dict[str, BareName]
"""The id that each name alone gives -> what is known of the name."""


class BearerTable:
    """The names in one generation of the store."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store

    async def note(self, incoming: Sequence[ArticleEnriched]) -> BareNames:
        """Notes who bears a name, and what was pushed under names, and answers all that is known
        of these names; raises like `ArticleStore.load`.

        It is read after it was written: of two processes that note something of one name at the
        same time, one sees both.
        """
        asked = sorted({name for event in incoming if (name := bare_name(event.article))})
        known = await self.read(asked)
        new = [field for event in incoming if (field := _noted(event, known))]
        if not new:
            return known
        await self._write(new)
        known |= await self.read(sorted({name for name, _, _ in new}))
        await self._forget_early_holds(known)
        return known

    async def add(self, bearers: Mapping[str, Iterable[Bearer]]) -> None:
        """Notes bearers of names."""
        fields = [
            (name, bearer.article_id, _bearer_json(bearer))
            for name, each in bearers.items()
            for bearer in sorted(each, key=lambda one: one.since)[:MOST_BEARERS]
        ]
        for start in range(0, len(fields), AT_ONCE):
            await self._write(fields[start : start + AT_ONCE])

    async def read(self, names: Sequence[str]) -> BareNames:
        """All that is known of some names."""
        if not names:
            return {}
        rows = await self._store.ask(
            lambda keys: [("HGETALL", keys.bearers(name)) for name in names]
        )
        return {name: _read(name, row) for name, row in zip(names, rows, strict=True)}

    async def _write(self, fields: Sequence[Field]) -> None:
        if fields:
            await self._store.ask(
                lambda keys: [("HSET", keys.bearers(name), *field) for name, *field in fields]
            )

    async def _forget_early_holds(self, known: BareNames) -> None:
        early = {
            name: [_HOLD + hold.event_id for hold in bare.holds[:-HOLDS_KEPT]]
            for name, bare in known.items()
            if len(bare.holds) > HOLDS_KEPT
        }
        if early:
            await self._store.ask(
                lambda keys: [("HDEL", keys.bearers(name), *each) for name, each in early.items()]
            )


def _noted(event: ArticleEnriched, known: BareNames) -> Field | None:
    """News of a version's name that was not known."""
    name = bare_name(event.article)
    if name is None:
        return None
    if event.article.id != name:
        bearer = bearer_of(event)
        since = known[name].since(bearer.article_id)
        is_full = since == NEVER and len(known[name].bearers) >= MOST_BEARERS
        return (
            None
            if is_full or since <= bearer.since
            else (name, bearer.article_id, _bearer_json(bearer))
        )
    if has_text(event.article):
        return None
    is_known = any(hold.event_id == event.event_id for hold in known[name].holds)
    return None if is_known else (name, _HOLD + event.event_id, _hold_json(event))


def _hold_json(event: ArticleEnriched) -> str:
    whole = event.model_dump_json()
    if len(whole) <= LARGEST_HOLD_BYTES:
        return whole
    bare = event.article.model_copy(update=dict.fromkeys(("body_html", "body_text"), ""))
    bare = bare.model_copy(update={"summary": None, "associations": {}, "extra": {}})
    return event.model_copy(update={"article": bare}).model_dump_json()


def _bearer_json(bearer: Bearer) -> str:
    return json.dumps([bearer.since.isoformat(), bearer.link])


def _read(name: str, fields: Mapping[bytes, bytes]) -> BareName:
    holds, bearers = list[ArticleEnriched](), list[Bearer]()
    for field, value in fields.items():
        if field.startswith(_HOLD.encode()):
            holds.append(ArticleEnriched.model_validate_json(value))
        else:
            since, link = json.loads(value)
            bearers.append(Bearer(field.decode(), datetime.fromisoformat(since), link))
    bearers.sort(key=lambda one: (one.since, one.article_id))
    holds.sort(key=lambda one: (logged_at(one), one.event_id))
    return BareName(name, tuple(bearers), tuple(holds))
