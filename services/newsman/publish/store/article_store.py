"""The article store in Redis: compare-and-set of one article, then all that follows from it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

import redis.asyncio

from newsman.publish.chains import Chain
from newsman.publish.state import GateOutcome, Version
from newsman.publish.store.indexes import NOT_DUE, IndexCommands, due_key
from newsman.publish.store.records import (
    FIELDS,
    StoredState,
    child_flags,
    loaded,
    packed,
    stage_json,
)
from newsman.publish.store.stating import SignRevision
from newsman.publish.store.writing import writing
from newsman.redis.command_batcher import CommandBatcher, call, script
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import SWITCH, Marker, read_marker
from newsman.redis.servers.waves import THEN, Command
from newsman.redis.versions import HOLD_FIELDS, holds_of
from newsman_schemas.articles import ArticlePublished, Stage, StatementIssued
from newsman_schemas.copies import Holds

SERVICE = "publish"
_FOLDER = files("newsman.publish.store")
_SETTLED = """
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) <= tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1
"""


class StoreLost(Exception):
    """The store was flushed: start again and rebuild it from the log."""


class StoreMoved(Exception):
    """Another generation takes over: what was under way is to be done again, there."""


class ArticleStore:
    """The write side of one generation of the store; only publish has one."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        namespace: str,
        *,
        building: str | None = None,
        sign: SignRevision | None = None,
    ) -> None:
        """With `building`, of a generation that does not serve yet, whatever the marker says;
        events have statements where `sign` makes them."""
        self._sign = sign
        self._namespace = namespace
        self._building = building
        self._generation = building or ""
        self._keys = ArticleKeys(namespace, self._generation)
        of_files = tuple(
            script((_FOLDER / f"{name}.lua").read_text())
            for name in ("load", "write", "seen", "note", "name", "state")
        )
        self._load, self._write, self._seen, self._note, self._name, self._state = of_files
        self._settled = script(_SETTLED)
        self._redis = CommandBatcher(client, (*of_files, self._settled, NOT_DUE))

    async def load(self, article_id: str) -> StoredState:
        """The article; raises StoreLost when the store is not whole, StoreMoved while it moves."""
        return (await self.load_all([article_id]))[article_id]

    async def load_all(self, article_ids: Sequence[str]) -> dict[str, StoredState]:
        """Several articles in one round trip; raises like `load`."""
        marker, *answers = await self._redis.run(
            ("GET", self._keys.marker), *(self._loading(ident) for ident in article_ids)
        )
        self._check(marker)
        return {ident: loaded(answer) for ident, answer in zip(article_ids, answers, strict=True)}

    async def ask(self, commands: Callable[[ArticleKeys], list[Command]]) -> list[Any]:
        """The answers to commands on the keys of this generation; raises like `load`."""
        marker, *answers = await self._redis.run(("GET", self._keys.marker), *commands(self._keys))
        self._check(marker)
        return answers

    async def note(
        self, article_id: str, stages: Iterable[Stage], older: tuple[Version, ...]
    ) -> None:
        """Keeps late versions, and their stages unless their number is known in the history."""
        _, history, _, versions, *_ = self._keys_of(article_id)
        older_parts = [part for version in older for part in packed(version)]
        stage_parts = [part for s in stages for part in (str(s.version), stage_json(s))]
        await self._redis.run(
            call(self._note, [history, versions], SERVICE, len(older), *older_parts, *stage_parts)
        )

    async def write(
        self, article_id: str, before: StoredState, outcome: GateOutcome
    ) -> StoredState | None:
        """Writes the outcome if nobody wrote since `before` was loaded; else answers None."""
        return (await self.write_all({article_id: (before, outcome)})).get(article_id)

    async def write_all(
        self, looks: Mapping[str, tuple[StoredState, GateOutcome]]
    ) -> dict[str, StoredState]:
        """Writes the outcomes of one look at each of several articles, in one round trip; those
        of which nobody wrote since they were loaded."""
        if not looks:
            return {}
        writings = {one: writing(*look, sign=self._sign) for one, look in looks.items()}
        names = IndexCommands(self._keys, self._name)
        for one in writings.values():
            for article in one.between:
                names.name(article)
        answers = await self._redis.run(
            *(
                call(self._write, self._written_keys(one), *change.arguments)
                for one, change in writings.items()
            ),
            *names.commands(),
        )
        pairs = zip(writings.items(), answers[: len(writings)], strict=True)
        return {one: change.after for (one, change), written in pairs if written}

    async def place(self, article_id: str, seen: StoredState) -> bool:
        """Puts the article where it belongs in the indexes; False when it is not any more as it
        was seen, so that this must be done again."""
        return not await self.place_all({article_id: seen})

    async def place_all(self, seen: Mapping[str, StoredState]) -> list[str]:
        """Places several articles in one round trip; answers those that are no longer as they
        were seen."""
        if not seen:
            return []
        places = IndexCommands(self._keys, self._name)
        for article_id, one in seen.items():
            places.put(article_id, one)
        commands = places.commands()
        _, marker, *answers = (
            await self._redis.run(
                *commands,
                THEN,
                ("INCR", self._keys.changes),
                ("GET", self._keys.marker),
                *(self._looking(one) for one in seen),
            )
        )[len(commands) :]
        self._check(marker)
        pairs = zip(seen.items(), answers, strict=True)
        return [article_id for (article_id, one), now in pairs if not _is_as_seen(one, now)]

    async def chain_of(self, article_id: str) -> Chain | None:
        """The chain above the article; None when no version of it is known."""
        article = self._keys.article(article_id)
        ((head_event, ancestors, original),) = await self._redis.run(
            ("HMGET", article, "head_event", "ancestors", "original")
        )
        if head_event is None:
            return None
        return Chain(tuple(json.loads(ancestors or "[]")), original.decode() if original else None)

    async def set_chain(self, article_id: str, chain: Chain) -> None:
        """Writes what the article descends from."""
        article = self._keys.article(article_id)
        values = {
            "ancestors": json.dumps(chain.ancestors) if chain.ancestors else None,
            "original": chain.original_id,
        }
        commands: list[Command] = [
            ("HSET", article, name, value) if value is not None else ("HDEL", article, name)
            for name, value in values.items()
        ]
        await self._redis.run(*commands, THEN, ("INCR", self._keys.changes))

    async def set_parent(
        self, article_id: str, parent: str | None, others: Iterable[str], *, takes_place: bool
    ) -> None:
        """Registers the article with the one it evolved from, and with no other any more."""
        commands: list[Command] = []
        if parent:
            flag = "1" if takes_place else "0"
            commands.append(("SADD", self._keys.parents(article_id), parent))
            commands.append(("HSET", self._keys.children(parent), article_id, flag))
        commands += [("HDEL", self._keys.children(other), article_id) for other in others]
        await self._redis.run(*commands)

    async def add_copier(self, article_id: str, copied: Iterable[str]) -> None:
        """Registers the article with those that it has copies of."""
        await self._redis.run(*(("SADD", self._keys.copiers(one), article_id) for one in copied))

    async def holds_on(self, article_ids: Iterable[str]) -> Holds:
        """The holds on copies of some articles."""
        asked = tuple(article_ids)
        rows = await self._redis.run(
            *(("HMGET", self._keys.article(one), *HOLD_FIELDS) for one in asked)
        )
        return holds_of(asked, rows)

    async def copiers_of(self, article_ids: Sequence[str]) -> list[str]:
        """The articles that have copies of some others."""
        sets = await self._redis.run(
            *(("SMEMBERS", self._keys.copiers(one)) for one in article_ids)
        )
        return sorted({member.decode() for members in sets for member in members})

    async def confirm(self, events: Iterable[ArticlePublished]) -> None:
        """The events are on the topic: they wait no longer."""
        await self._redis.run(
            *(("HDEL", self._keys.pending(event.article_id), event.revision) for event in events)
        )

    async def due(self, partition: int, now: datetime, *, limit: int = 100) -> list[str]:
        """Articles of a partition that time alone may have changed by now; raises like `load`."""
        marker, members = await self._redis.run(
            ("GET", self._keys.marker),
            (
                "ZRANGEBYSCORE",
                self._keys.due(partition),
                "-inf",
                now.timestamp(),
                "LIMIT",
                0,
                limit,
            ),
        )
        self._check(marker)
        return [member.decode() for member in members]

    async def look_again(self, article_id: str, at: datetime) -> None:
        """Has the gate look at the article at a moment, for what it may still have to send."""
        key = due_key(article_id, self._keys)
        await self._redis.run(("ZADD", key, at.timestamp(), article_id))

    async def raise_revision(self, article_id: str, revision: int) -> None:
        """Lets the article's next revision be above this one."""
        seen = await self.load(article_id)
        if seen.state.head is not None and seen.state.revision < revision:
            await self.write(article_id, seen, GateOutcome(replace(seen.state, revision=revision)))

    async def restore_statements(self, events: Iterable[StatementIssued]) -> None:
        """Keeps statements that the log has, in whichever order they stand there."""
        await self._redis.run(
            *(
                call(
                    self._state,
                    [self._keys.article(one.article_id), self._keys.statements(one.article_id)],
                    one.revision,
                    one.statement,
                )
                for one in events
            )
        )

    async def settled(self, article_id: str, now: datetime) -> None:
        """The article was looked at for everything that was due by `now`."""
        await self._redis.run(
            call(self._settled, [due_key(article_id, self._keys)], article_id, str(now.timestamp()))
        )

    async def stay_if_given_up(self) -> None:
        """Lets the serving generation stay where the process that built another has died."""
        raw, holder = await self._redis.run(("GET", self._keys.marker), ("GET", self._keys.lock))
        marker = read_marker(raw)
        if marker and marker.taking_over is not None and holder is None:
            stays = str(Marker(marker.serving))
            await self._redis.run(("EVAL", SWITCH, 1, self._keys.marker, raw, stays))

    def _check(self, raw: bytes | None) -> None:
        if self._building is not None:
            return
        marker = read_marker(raw)
        if marker is None:
            raise StoreLost("the article store is not whole; it is rebuilt at the next start")
        if marker.taking_over is not None:
            raise StoreMoved(f"generation {marker.taking_over} takes over")
        if marker.serving != self._generation:
            self._generation = marker.serving
            self._keys = ArticleKeys(self._namespace, marker.serving)
            raise StoreMoved(f"generation {marker.serving} has taken over")

    def _loading(self, article_id: str) -> Command:
        article, _, pending, versions, children, parents = self._keys_of(article_id)
        return call(self._load, [article, pending, children, versions, parents], *FIELDS)

    def _looking(self, article_id: str) -> Command:
        article, _, _, versions, children, _ = self._keys_of(article_id)
        return call(self._seen, [article, children, versions])

    def _written_keys(self, article_id: str) -> list[str]:
        return [*self._keys_of(article_id)[:4], self._keys.statements(article_id)]

    def _keys_of(self, article_id: str) -> tuple[str, str, str, str, str, str]:
        keys = self._keys
        return (
            keys.article(article_id),
            keys.history(article_id),
            keys.pending(article_id),
            keys.versions(article_id),
            keys.children(article_id),
            keys.parents(article_id),
        )


def _is_as_seen(seen: StoredState, now: Sequence[Any]) -> bool:
    token, flags, older = now
    return (int(token or 0), child_flags(flags), older) == (
        seen.state.token,
        seen.children or {},
        seen.older,
    )
