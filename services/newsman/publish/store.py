"""The article store in Redis: compare-and-set of one article, then its places in the indexes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis.asyncio

from newsman.publish.core import SERVICE, Kill, Outcome, State, Status, due_at, shown_from
from newsman.publish.terms import NamedTerm, index_terms
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Stage

# KEYS: article, history, pending. ARGV: expected token, JSON of fields to set, JSON of fields to
# delete, pending event or "", then the stages. Answers 0 when somebody else wrote meanwhile.
_WRITE = """
if tonumber(redis.call('HGET', KEYS[1], 'token') or 0) ~= tonumber(ARGV[1]) then return 0 end
local fields = cjson.decode(ARGV[2])
for i = 1, #fields, 2 do redis.call('HSET', KEYS[1], fields[i], fields[i + 1]) end
for _, field in ipairs(cjson.decode(ARGV[3])) do redis.call('HDEL', KEYS[1], field) end
if ARGV[4] ~= '' then redis.call('RPUSH', KEYS[3], ARGV[4]) end
for i = 5, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[i]) end
return 1
"""

# KEYS: history. ARGV: service, then pairs of version and stage. A stage is appended unless the
# service has said something of that version before: a version pushed once more is no news.
_RECORD = """
local known = {}
for _, entry in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local stage = cjson.decode(entry)
  if stage.service == ARGV[1] then known[tostring(stage.version)] = true end
end
for i = 2, #ARGV, 2 do
  if not known[ARGV[i]] then redis.call('RPUSH', KEYS[1], ARGV[i + 1]) end
end
return 1
"""

_FIELDS = (
    "token",
    "head",
    "head_event",
    "kill",
    "status",
    "doc",
    "revision",
    "last_action",
    "gone_at",
    "as_of",
    "terms",
    "stale_terms",
)


GONE_KEPT = 1_000
"""How many articles that were taken away are remembered under each term."""


class StoreLost(Exception):
    """The store was flushed or is to be rebuilt: start again and rebuild it from the log."""


@dataclass(frozen=True)
class Loaded:
    """One article as stored, with its index terms and the events that were never confirmed."""

    state: State
    terms: tuple[str, ...]
    stale_terms: tuple[str, ...]
    pending: tuple[ArticlePublished, ...]


class ArticleStore:
    """The write side of the store; only publish has one."""

    def __init__(
        self, client: "redis.asyncio.Redis", namespace: str, *, marker: str = STORE_LAYOUT
    ) -> None:
        self._redis = client
        self._marker = marker.encode()
        self._keys = ArticleKeys(namespace)
        self._write = client.register_script(_WRITE)
        self._record = client.register_script(_RECORD)

    async def load(self, article_id: str) -> Loaded:
        """The article; raises StoreLost when the store is not whole."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._keys.marker)
            pipe.hmget(self._keys.article(article_id), *_FIELDS)
            pipe.lrange(self._keys.pending(article_id), 0, -1)
            marker, values, pending = await pipe.execute()
        self._check(marker)
        return _loaded(dict(zip(_FIELDS, values, strict=True)), pending)

    def _check(self, marker: bytes | None) -> None:
        if marker != self._marker:
            raise StoreLost("the article store is not whole; it is rebuilt at the next start")

    async def record(self, article_id: str, stages: Iterable[Stage]) -> None:
        """Appends stages to the article's history, unless their version is known there."""
        pairs = [part for s in stages for part in (str(s.version), s.model_dump_json())]
        if pairs:
            await self._record(keys=[self._keys.history(article_id)], args=[SERVICE, *pairs])

    async def write(self, article_id: str, before: Loaded, outcome: Outcome) -> Loaded | None:
        """Writes the outcome if nobody wrote since `before` was loaded; else answers None."""
        state = outcome.state
        assert state is not None, "an outcome without a state is recorded, not written"
        terms = tuple(named.term for named in index_terms(state.shown)) if state.shown else ()
        stale = tuple(sorted({*before.terms, *before.stale_terms} - set(terms)))
        fields, absent = _fields(state, terms, stale)
        event = outcome.event
        written = await self._write(
            keys=[
                self._keys.article(article_id),
                self._keys.history(article_id),
                self._keys.pending(article_id),
            ],
            args=[
                before.state.token,
                json.dumps(fields),
                json.dumps(absent),
                event.model_dump_json() if event else "",
                *(stage.model_dump_json() for stage in outcome.stages),
            ],
        )
        if not written:
            return None
        return Loaded(state, terms, stale, (*before.pending, *((event,) if event else ())))

    async def index(self, article_id: str, loaded: Loaded, *, now: datetime) -> None:
        """Puts the article where it belongs in the indexes and nowhere else; safe to repeat."""
        shown = loaded.state.shown
        async with self._redis.pipeline(transaction=False) as pipe:
            for term in loaded.stale_terms:
                pipe.zrem(self._keys.index(term), article_id)
                self._tell_gone(pipe, term, loaded.state, article_id)
            if shown:
                score = int(shown_from(shown).timestamp() * 1000)
                for named in index_terms(shown):
                    pipe.zadd(self._keys.index(named.term), {article_id: score})
                    pipe.zrem(self._keys.gone(named.term), article_id)
                    pipe.hset(self._keys.names, named.term, _name(named))
            due = due_at(loaded.state, now)
            if due:
                pipe.zadd(self._keys.due, {article_id: due.timestamp()})
            pipe.incr(self._keys.changes)
            await pipe.execute()

    def _tell_gone(self, pipe: Any, term: str, state: State, article_id: str) -> None:
        gone = self._keys.gone(term)
        if state.gone_at is None:
            pipe.zrem(gone, article_id)
            return
        pipe.zadd(gone, {article_id: int(state.gone_at.timestamp() * 1000)})
        pipe.zremrangebyrank(gone, 0, -GONE_KEPT - 1)

    async def confirm(self, event: ArticlePublished) -> None:
        """The event is on the topic: it waits no longer."""
        await self._redis.lrem(self._keys.pending(event.article_id), 1, event.model_dump_json())

    async def due(self, now: datetime, *, limit: int = 100) -> list[str]:
        """Articles that time alone may have changed by now; raises StoreLost like `load`."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.get(self._keys.marker)
            pipe.zrangebyscore(self._keys.due, "-inf", now.timestamp(), start=0, num=limit)
            marker, found = await pipe.execute()
        self._check(marker)
        return [member.decode() for member in found]

    async def settled(self, article_id: str, now: datetime) -> None:
        """The article was looked at for everything that was due by `now`."""
        await self._redis.eval(
            "local due = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
            "if due and tonumber(due) <= tonumber(ARGV[2]) then "
            "redis.call('ZREM', KEYS[1], ARGV[1]) end return 1",
            1,
            self._keys.due,
            article_id,
            now.timestamp(),
        )


def _fields(
    state: State, terms: tuple[str, ...], stale: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    shown_ms = str(int(shown_from(state.shown).timestamp() * 1000)) if state.shown else None
    kill = state.kill
    values: dict[str, str | None] = {
        "token": str(state.token),
        "head": state.head.model_dump_json() if state.head else None,
        "head_event": state.head_event or None,
        "kill": json.dumps([kill.version, kill.version_created.isoformat()]) if kill else None,
        "status": state.status.value if state.status else None,
        "doc": state.shown.model_dump_json() if state.shown else None,
        "at_ms": shown_ms,
        "revision": str(state.revision),
        "last_action": state.last_action,
        "gone_at": state.gone_at.isoformat() if state.gone_at else None,
        "gone": _gone(state),
        "as_of": state.as_of.isoformat() if state.as_of else None,
        "terms": json.dumps(terms),
        "stale_terms": json.dumps(stale),
    }
    present = [
        part for name, value in values.items() if value is not None for part in (name, value)
    ]
    return present, [name for name, value in values.items() if value is None]


def _loaded(values: dict[str, bytes | None], pending: list[bytes]) -> Loaded:
    head, doc, kill = values["head"], values["doc"], values["kill"]
    status, action = values["status"], values["last_action"]
    gone_at, as_of = values["gone_at"], values["as_of"]
    state = State(
        token=int(values["token"] or 0),
        head=EnrichedArticle.model_validate_json(head) if head else None,
        head_event=(values["head_event"] or b"").decode(),
        kill=_kill(kill) if kill else None,
        status=Status(status.decode()) if status else None,
        shown=EnrichedArticle.model_validate_json(doc) if doc else None,
        revision=int(values["revision"] or 0),
        last_action=action.decode() if action else None,  # type: ignore[arg-type]
        gone_at=datetime.fromisoformat(gone_at.decode()) if gone_at else None,
        as_of=datetime.fromisoformat(as_of.decode()) if as_of else None,
    )
    return Loaded(
        state,
        tuple(json.loads(values["terms"] or "[]")),
        tuple(json.loads(values["stale_terms"] or "[]")),
        tuple(ArticlePublished.model_validate_json(raw) for raw in pending),
    )


def _gone(state: State) -> str | None:
    named = state.head
    if state.gone_at is None or named is None:
        return None
    return Withdrawn(
        article_id=named.id,
        source=named.source,
        uri=named.uri,
        original_id=named.original_id or named.uri,
        version=named.version,
        revision=state.revision,
        action="killed" if state.last_action == "killed" else "withdrawn",
        at=state.gone_at,
    ).model_dump_json()


def _kill(raw: bytes) -> Kill:
    version, created = json.loads(raw)
    return Kill(version, datetime.fromisoformat(created))


def _name(named: NamedTerm) -> str:
    return json.dumps({"name": named.name, "type": named.type})
