"""An article's hash in Redis, as what the gate works with and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from newsman.publish.chains import Chain
from newsman.publish.state import State, Version
from newsman.redis.versions import (
    StatedRevision,
    deflated,
    deflated_document,
    kill_json,
    read_document,
    read_kill,
    read_stated,
)
from newsman.redis.withdrawn import Withdrawn
from newsman_schemas.article_rules import Status, TermNames, listed_ms
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Stage
from newsman_schemas.copies import Hold, hold_of

FIELDS = (
    "token", "head", "head_event", "head_keeps_earlier", "earlier", "reached_at", "kill", "status",
    "doc", "revision", "last_action", "gone_at", "as_of", "left_terms", "terms", "stale_terms",
    "ancestors", "original", "aliases", "stated",
)  # fmt: skip
NO_CHAIN = Chain()
_VERSIONS = TypeAdapter(tuple[Version, ...])
MOMENT_DIGITS = 15
"""Of a Unix time in milliseconds, so that moments sort as text."""


@dataclass(frozen=True)
class OutboxEvent:
    """An event that was decided, and the bytes of it that go to the topic."""

    event: ArticlePublished
    raw: bytes


@dataclass(frozen=True)
class StoredState:
    """One article as it is stored.

    `children` says of each article that evolved from it whether readers have that in its place,
    `parents` are all that it ever named, `older` counts the versions beside the newest, `aliases`
    are other ids that lead to it.
    """

    state: State
    terms: tuple[str, ...] = ()
    stale_terms: tuple[str, ...] = ()
    pending: tuple[OutboxEvent, ...] = ()
    children: Mapping[str, bool] | None = None
    older: int = 0
    parents: frozenset[str] = frozenset()
    chain: Chain = NO_CHAIN
    aliases: tuple[str, ...] = ()
    stated: StatedRevision | None = None
    named: TermNames | None = None
    """What it stands under with the names, where that was worked out already."""

    @property
    def spoken(self) -> EnrichedArticle | None:
        """The version whose word on its chain counts: what readers see, else the newest."""
        return self.state.shown or self.state.head

    @property
    def hold(self) -> Hold | None:
        """The hold on copies of the article; None where they may be shown."""
        earlier = self.state.earlier
        public_version = earlier[-1].article.version if earlier else None
        return hold_of(self.state.status, public_version)

    @property
    def is_replaced(self) -> bool:
        """True if readers have another article in the place of this one."""
        return any((self.children or {}).values())


def waiting(event: ArticlePublished) -> OutboxEvent:
    """The event with its bytes."""
    return OutboxEvent(event, event.model_dump_json().encode())


def to_keep(
    event: ArticlePublished, shown: EnrichedArticle | None, doc: str | None
) -> tuple[bytes, OutboxEvent]:
    """The stored form of an event until it is sent, and the event with its bytes.

    `doc` is the JSON of what readers see. It is stored in any case, so that an event of the same
    text is kept without it.
    """
    if doc is None or event.article is not shown:
        outgoing = waiting(event)
        return outgoing.raw, outgoing
    short = event.model_dump_json(exclude={"article"}).encode()
    return short, OutboxEvent(event, _whole(short, doc.encode()))


def kept(raw: bytes, shown: EnrichedArticle | None, doc: bytes | None) -> OutboxEvent:
    """A kept event; its article is the one that readers see where it was kept without."""
    event = ArticlePublished.model_validate_json(raw)
    if event.article is not None or event.action not in ("published", "updated"):
        return OutboxEvent(event, raw)
    assert doc is not None, "an article of an event that waits is not written over"
    return OutboxEvent(event.model_copy(update={"article": shown}), _whole(raw, doc))


def _whole(short: bytes, doc: bytes) -> bytes:
    return b'%b,"article":%b}' % (short.removesuffix(b"}"), doc)


def stage_json(stage: Stage) -> str:
    """A stage as it is kept in the history."""
    return stage.model_dump_json(exclude_none=True)


def packed(version: Version) -> tuple[str, bytes]:
    """An older version as it is kept: its event, and its JSON deflated."""
    return version.event_id, deflated(version.article)


def fields_of(
    state: State, doc: str | None, terms: Sequence[str], stale_terms: Sequence[str]
) -> dict[str, str | bytes | None]:
    """The gate's own fields of the hash; None for those that are absent. `doc` is the JSON of
    what readers see."""
    head, shown, kill = state.head, state.shown, state.kill
    return {
        "token": str(state.token),
        # Mostly what readers see is the newest version, as it came. Of one that was forgotten
        # few fields are left; the names of the others would take more room than these.
        "head": head.model_dump_json(exclude_defaults=True) if head and shown is not head else None,
        "head_event": state.head_event or None,
        "head_keeps_earlier": "1" if state.head_keeps_earlier else None,
        "earlier": _VERSIONS.dump_json(state.earlier).decode() if state.earlier else None,
        "reached_at": _iso(state.reached_at),
        "kill": kill_json(kill) if kill else None,
        "status": state.status.value if state.status else None,
        "doc": deflated_document(doc) if doc else None,
        "at_ms": str(listed_ms(shown)) if shown else None,
        "revision": str(state.revision),
        "last_action": state.last_action,
        "gone_at": _iso(state.gone_at),
        "gone": _gone(state),
        "as_of": _iso(state.as_of),
        "left_terms": _json_or_none(state.left_terms),
        "terms": json.dumps(terms),
        "stale_terms": _json_or_none(stale_terms),
    }


def loaded(answer: Sequence[Any]) -> StoredState:
    """The answer of load.lua as a state."""
    values = dict(zip(FIELDS, answer[0], strict=True))
    if not any((*answer[0], *answer[1:])):
        return StoredState(State(), children={})
    events = sorted(_pairs(answer[1]), key=lambda pair: int(pair[0]))
    ancestors, original = values["ancestors"], values["original"]
    state, doc = _state(values), values["doc"]
    json_of_shown = read_document(doc) if doc and events else None
    return StoredState(
        state,
        tuple(json.loads(values["terms"] or "[]")),
        tuple(json.loads(values["stale_terms"] or "[]")),
        tuple(kept(raw, state.shown, json_of_shown) for _, raw in events),
        child_flags(answer[2]),
        int(answer[3]),
        frozenset(parent.decode() for parent in answer[4]),
        Chain(tuple(json.loads(ancestors or "[]")), original.decode() if original else None),
        tuple(json.loads(values["aliases"] or "[]")),
        read_stated(values["stated"]),
    )


def child_flags(flat: Sequence[bytes]) -> dict[str, bool]:
    """The children of an article, each with whether readers have it in the article's place."""
    return {child.decode(): flag == b"1" for child, flag in _pairs(flat)}


def _article(raw: bytes | None) -> EnrichedArticle | None:
    return EnrichedArticle.model_validate_json(raw) if raw else None


def _json_or_none(value: Sequence[str] | Mapping[str, Any]) -> str | None:
    return json.dumps(value) if value else None


def _state(values: Mapping[str, bytes | None]) -> State:
    kill, status, action = values["kill"], values["status"], values["last_action"]
    doc = values["doc"]
    shown = _article(read_document(doc)) if doc else None
    return State(
        token=int(values["token"] or 0),
        head=_article(values["head"]) or shown,
        head_event=(values["head_event"] or b"").decode(),
        head_keeps_earlier=values["head_keeps_earlier"] is not None,
        earlier=_VERSIONS.validate_json(values["earlier"]) if values["earlier"] else (),
        reached_at=_moment(values["reached_at"]),
        kill=read_kill(kill) if kill else None,
        status=Status(status.decode()) if status else None,
        shown=shown,
        revision=int(values["revision"] or 0),
        last_action=action.decode() if action else None,  # type: ignore[arg-type]
        gone_at=_moment(values["gone_at"]),
        as_of=_moment(values["as_of"]),
        left_terms=json.loads(values["left_terms"] or "{}"),
    )


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(raw: bytes | None) -> datetime | None:
    return datetime.fromisoformat(raw.decode()) if raw else None


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
