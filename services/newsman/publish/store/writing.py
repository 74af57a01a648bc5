"""The arguments of write.lua for an outcome of the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from newsman.publish.state import GateOutcome
from newsman.publish.store.indexes import LISTED_KINDS
from newsman.publish.store.records import (
    OutboxEvent,
    StoredState,
    fields_of,
    packed,
    stage_json,
    to_keep,
)
from newsman.publish.store.stating import SignRevision, with_statements
from newsman_schemas.article_rules import named_terms, terms_of
from newsman_schemas.articles import ArticlePublished, EnrichedArticle


@dataclass(frozen=True)
class WriteArguments:
    """The arguments of write.lua, and the article once it is written.

    `between` are articles that readers were to see in between, if only for a moment.
    """

    arguments: Sequence[Any]
    after: StoredState
    between: tuple[EnrichedArticle, ...]


def writing(
    before: StoredState, outcome: GateOutcome, *, sign: SignRevision | None = None
) -> WriteArguments:
    """The arguments that write an outcome of an article as it was loaded; each of its events has
    its statement, where they are signed."""
    state = outcome.state
    assert state is not None, "an outcome without a state is noted, not written"
    shown = state.shown
    doc = shown.model_dump_json() if shown else None
    named = named_terms(shown, LISTED_KINDS) if shown else {}
    terms = tuple(named)
    between = tuple(a for a in outcome.shown if a is not shown and a != shown)
    stale_terms = _stale_terms(before, between, terms)
    named_events = [_with_aliases(event, before.aliases) for event in outcome.events]
    stated = with_statements(named_events, before.stated, sign)
    sent = [to_keep(event, shown, doc) for event in stated.events]
    arguments = [
        before.state.token,
        *_field_arguments(fields_of(state, doc, terms, stale_terms) | stated.fields),
        *_event_arguments(before, outcome, sent),
        *_flat(stated.replaced),
        *map(stage_json, outcome.stages),
    ]
    after = replace(
        before,
        state=state,
        terms=terms,
        stale_terms=stale_terms,
        pending=(*before.pending, *(outbox_event for _, outbox_event in sent)),
        older=before.older + len(outcome.older),
        named=named,
        stated=stated.newest,
    )
    return WriteArguments(arguments, after, between)


def _with_aliases(event: ArticlePublished, aliases: tuple[str, ...]) -> ArticlePublished:
    return event.model_copy(update={"aliases": aliases}) if aliases else event


def _stale_terms(
    before: StoredState, between: Sequence[EnrichedArticle], terms: Sequence[str]
) -> tuple[str, ...]:
    """The terms that the article stood under, also if only in between, and stands under no more."""
    left = {term for article in between for term in terms_of(article, LISTED_KINDS)}
    return tuple(sorted(left.union(before.terms, before.stale_terms).difference(terms)))


def _field_arguments(fields: Mapping[str, str | bytes | None]) -> list[Any]:
    """The fields to set with their values, and the names of those to remove."""
    present = [pair for pair in fields.items() if pair[1] is not None]
    absent = [name for name, value in fields.items() if value is None]
    return [*_flat(present), len(absent), *absent]


def _event_arguments(
    before: StoredState, outcome: GateOutcome, sent: Sequence[tuple[bytes, OutboxEvent]]
) -> list[Any]:
    """Pending events to write again, new events, and older versions."""
    assert outcome.state is not None
    # Pending events stored without their article are about to lose it.
    is_shown_changed = outcome.state.shown != before.state.shown
    rewritten = before.pending if is_shown_changed else ()
    return [
        *_flat([(pending.event.revision, pending.raw) for pending in rewritten]),
        *_flat([(outbox_event.event.revision, raw) for raw, outbox_event in sent]),
        *_flat([packed(version) for version in outcome.older]),
    ]


def _flat(pairs: Sequence[tuple[Any, Any]]) -> list[Any]:
    """The parts of the pairs in one list, their number first."""
    return [2 * len(pairs), *chain.from_iterable(pairs)]
