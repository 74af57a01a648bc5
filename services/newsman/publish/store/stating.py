"""The signed statements of an article's events, each following the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsman.redis.versions import StatedRevision
from newsman_schemas.articles import ArticlePublished

SignRevision = Callable[[ArticlePublished, str | None], str | None]
"""Makes the statement of an event, given the one before about the article; None where it has
no canonical form."""


@dataclass(frozen=True)
class StatedEvents:
    """Events with their statements; `newest` is the article's last one by now, `replaced` are by
    revision those that were before."""

    events: Sequence[ArticlePublished]
    newest: StatedRevision | None = None
    replaced: Sequence[tuple[int, str]] = ()
    fields: dict[str, str | bytes | None] = field(default_factory=dict)
    """Fields of the article's hash that are to be set."""


def with_statements(
    events: Sequence[ArticlePublished], before: StatedRevision | None, sign: SignRevision | None
) -> StatedEvents:
    """The events, each with its statement where they are signed.

    A revision that was stated before the store was lost keeps its statement: of one there are
    never two that differ.
    """
    if sign is None:
        return StatedEvents(events, before)
    line, told = [before] if before else [], []
    for event in events:
        last = line[-1] if line else None
        if last is None or event.revision > last.revision:
            statement = sign(event, last.statement if last else None)
            if statement is not None:
                line.append(StatedRevision(event.revision, statement))
        told.append(_with_statement(event, line))
    replaced = [(one.revision, one.statement) for one in line[:-1]]
    is_new = bool(line) and line[-1] != before
    return StatedEvents(
        told,
        line[-1] if line else None,
        replaced,
        {"stated": line[-1].packed()} if is_new else {},
    )


def _with_statement(event: ArticlePublished, line: Sequence[StatedRevision]) -> ArticlePublished:
    if not line or line[-1].revision != event.revision:
        return event
    return event.model_copy(update={"statement": line[-1].statement})
