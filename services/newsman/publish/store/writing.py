"""What one look at an article came to, as write.lua takes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from newsman.publish.state import Outcome
from newsman.publish.store.index_terms import index_terms
from newsman.publish.store.records import StoredState, fields_of, packed, to_keep
from newsman_schemas.articles import EnrichedArticle


@dataclass(frozen=True)
class WriteArguments:
    """The arguments of write.lua, and the article once it is written.

    `between` are articles that readers were to see in between, if only for a moment.
    """

    arguments: Sequence[Any]
    after: StoredState
    between: tuple[EnrichedArticle, ...]


def writing(before: StoredState, outcome: Outcome) -> WriteArguments:
    """How an outcome is written of an article that was loaded."""
    state = outcome.state
    assert state is not None, "an outcome without a state is noted, not written"
    named = index_terms(state.shown) if state.shown else ()
    terms = tuple(one.term for one in named)
    between = tuple(a for a in outcome.shown if a is not state.shown and a != state.shown)
    left = {one.term for article in between for one in index_terms(article)}
    stale = tuple(sorted({*before.terms, *before.stale_terms, *left} - set(terms)))
    doc = state.shown.model_dump_json() if state.shown else None
    fields = fields_of(state, doc, terms, stale)
    sent = tuple(to_keep(event, state.shown, doc) for event in outcome.events)
    # What waits, and was kept without its article, is about to lose it.
    whole = before.pending if state.shown != before.state.shown else ()
    arguments = [
        before.state.token,
        *_run([part for pair in fields.items() if pair[1] is not None for part in pair]),
        *_run([name for name, value in fields.items() if value is None]),
        *_run([part for w in whole for part in (w.event.revision, w.raw)]),
        *_run([part for raw, w in sent for part in (w.event.revision, raw)]),
        *_run([part for version in outcome.older for part in packed(version)]),
        *(stage.model_dump_json() for stage in outcome.stages),
    ]
    after = replace(
        before,
        state=state,
        terms=terms,
        stale_terms=stale,
        pending=(*before.pending, *(found for _, found in sent)),
        older=before.older + len(outcome.older),
        named=named,
    )
    return WriteArguments(arguments, after, between)


def _run(values: Sequence[Any]) -> list[Any]:
    return [len(values), *values]
